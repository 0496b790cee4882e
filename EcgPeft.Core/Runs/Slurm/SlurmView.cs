namespace EcgPeft.Core.Runs.Slurm;

/// <summary>A job as Slurm describes it.</summary>
/// <param name="Id">Its id (<c>17</c>, of an array <c>17_3</c>).</param>
/// <param name="Name">Name of the submission; empty where the source does not say it.</param>
/// <param name="State">For example <c>PENDING</c>.</param>
/// <param name="Node">The node, or null.</param>
/// <param name="Reason">Why it waits or how it ended, in Slurm's word; null for none.</param>
/// <param name="ExitCode">Exit code of an ended job; null where the source does not say it.</param>
/// <param name="Restarts">How often Slurm has put it into its queue again; null where the source does not say it.</param>
/// <param name="Signal">Signal that ended it; null for none.</param>
public sealed record SlurmView(string Id, string Name, string State, string? Node, string? Reason, int? ExitCode = null, int? Restarts = null, int? Signal = null)
{
    /// <summary>What <see cref="ParseQueue"/> reads: <c>squeue --noheader --array --format</c>. The reason may hold anything, so it is last.</summary>
    public const string QueueFormat = "%i|%j|%T|%N|%r";

    private static readonly HashSet<string> Waiting = ["PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD"];

    private static readonly HashSet<string> Working = ["CONFIGURING", "RUNNING", "COMPLETING", "SUSPENDED", "RESIZING", "SIGNALING", "STAGE_OUT", "STOPPED", "POWER_UP_NODE"];

    /// <summary>Whether it waits to start.</summary>
    public bool Waits => Waiting.Contains(State);

    /// <summary>Whether it has ended.</summary>
    public bool Ended => !Waits && !Working.Contains(State);

    /// <summary>Index in its array; null for a job of its own.</summary>
    public int? Index => Id.Split('_') is [_, var index] && int.TryParse(index, out var number) ? number : null;

    /// <summary>Reads lines of <see cref="QueueFormat"/>; what is no such line is left out.</summary>
    /// <param name="text">What <c>squeue</c> printed.</param>
    public static IReadOnlyList<SlurmView> ParseQueue(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var found = new List<SlurmView>();
        foreach (var line in text.Split('\n'))
            if (line.Split('|', 5) is [var id, var name, var state, var node, var reason] && id.Length > 0)
                found.Add(new(id.Trim(), name.Trim(), StateOf(state), Some(node), Some(reason)));
        return found;
    }

    /// <summary>Reads <c>sacct --noheader --parsable2 --allocations --format=JobID,JobName,State,ExitCode,NodeList</c>.</summary>
    /// <param name="text">What <c>sacct</c> printed.</param>
    public static IReadOnlyList<SlurmView> ParseAccounting(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var found = new List<SlurmView>();
        foreach (var line in text.Split('\n'))
            if (line.Trim().Split('|') is [var id, var name, var state, var exit, var node])
                found.Add(new(id, name, StateOf(state), node == "None assigned" ? null : Some(node), null, Code(exit), Signal: SignalOf(exit)));
        return found;
    }

    /// <summary>Reads <c>scontrol show job --oneliner ID</c>; null where it is no description of a job.</summary>
    /// <param name="id">The id that was asked for.</param>
    /// <param name="text">What <c>scontrol</c> printed.</param>
    public static SlurmView? ParseJob(string id, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string? Value(string name)
        {
            var at = text.IndexOf(name + "=", StringComparison.Ordinal);
            if (at < 0 || (at > 0 && !char.IsWhiteSpace(text[at - 1]))) return null;
            var value = text[(at + name.Length + 1)..];
            var end = value.AsSpan().IndexOfAny(' ', '\n');
            return end < 0 ? value : value[..end];
        }
        if (Value("JobState") is not { } state) return null;
        return new(id, Value("JobName") ?? "", StateOf(state), Some(Value("BatchHost") ?? Value("NodeList")), Some(Value("Reason")), Code(Value("ExitCode")), int.TryParse(Value("Restarts"), out var restarts) ? restarts : null, SignalOf(Value("ExitCode")));
    }

    // "CANCELLED by 1000" and "COMPLETED+" are more than the state.
    private static string StateOf(string state) => state.Trim().Split(' ')[0].TrimEnd('+');

    private static int? Code(string? exit) => exit?.Split(':') is [var code, ..] && int.TryParse(code, out var number) ? number : null;

    // "137:0" is a shell's word for a child that signal 9 ended, "0:9" Slurm's for the shell itself.
    private static int? SignalOf(string? exit) => exit?.Split(':') is [var code, var signal] && int.TryParse(code, out var ended) && int.TryParse(signal, out var by)
        ? by > 0 ? by : ended is > 128 and < 160 ? ended - 128 : null : null;

    private static string? Some(string? text) => text?.Trim() is { Length: > 0 } some && some is not ("None" or "(null)" or "n/a" or "N/A") ? some : null;
}

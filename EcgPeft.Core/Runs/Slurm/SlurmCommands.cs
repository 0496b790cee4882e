using System.ComponentModel;
using System.Diagnostics;

namespace EcgPeft.Core.Runs.Slurm;

/// <summary>Slurm did not answer; what was asked may be asked again.</summary>
public sealed class SlurmSilentException(string message) : Exception(message);

/// <summary>Slurm's own programs, one process a call. Which cluster they speak to is theirs to know (<c>SLURM_CONF</c>, <c>/etc/slurm</c>).</summary>
/// <param name="patience">How long each may take.</param>
public sealed class SlurmCommands(TimeSpan patience)
{
    // What a job or a person's shell sets for Slurm's programs must not leak into ours (SCANCEL_INTERACTIVE would ask and wait).
    private static readonly string[] OthersSettings = ["SBATCH_", "SLURM_", "SQUEUE_", "SCANCEL_", "SACCT_", "SCONTROL_"];

    // sbatch hands its environment on to the nodes, and Slurm keeps it on disk: a worker needs neither.
    private static readonly string[] Secrets = ["ECGPEFT__ACCESSTOKEN", "ECGPEFT__STORE"];

    /// <summary>How many programs have been started.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Size of the last answer of <c>squeue</c>, bytes.</summary>
    public long AnswerBytes { get; private set; }

    private long _calls;

    /// <summary>Submits a script.</summary>
    /// <param name="script">Its file.</param>
    /// <returns>The job's id.</returns>
    /// <exception cref="UserInputException">Slurm refused it; the message says why.</exception>
    /// <exception cref="SlurmSilentException">Slurm did not answer.</exception>
    public string Submit(string script)
    {
        var (code, output, error) = Run("sbatch", ["--parsable", script]);
        // With several clusters: 17;cluster.
        if (code == 0 && output.Trim().Split('\n')[^1].Split(';')[0] is { Length: > 0 } id) return id;
        throw new UserInputException($"Slurm refused the job: {SlurmWords.Refusal(error.Length > 0 ? error : output)}; correct the settings and resume the run, or begin a new one that asks for something else.");
    }

    /// <summary>All jobs of this account that Slurm's controller knows, also those that ended in the last minutes: one call, however many they are.</summary>
    /// <exception cref="SlurmSilentException">Slurm did not answer.</exception>
    public IReadOnlyList<SlurmView> Queue()
    {
        var (code, output, error) = Run("squeue", ["--noheader", "--array", "--states=all", $"--user={Environment.UserName}", $"--format={SlurmView.QueueFormat}"]);
        AnswerBytes = output.Length; // ASCII
        return code == 0 ? SlurmView.ParseQueue(output) : throw new SlurmSilentException($"squeue failed: {FirstLine(error)}");
    }

    /// <summary>What Slurm still knows of jobs that its queue no longer shows: from the accounting where there is one, else from the controller.</summary>
    /// <param name="ids">The jobs.</param>
    /// <exception cref="SlurmSilentException">Slurm did not answer.</exception>
    public IReadOnlyDictionary<string, SlurmView> Recall(IReadOnlyList<string> ids)
    {
        var found = new Dictionary<string, SlurmView>(StringComparer.Ordinal);
        if (ids.Count == 0) return found;
        try
        {
            var (code, output, _) = Run("sacct", ["--noheader", "--parsable2", "--allocations", $"--jobs={string.Join(',', ids)}", "--format=JobID,JobName,State,ExitCode,NodeList"]);
            if (code == 0) foreach (var view in SlurmView.ParseAccounting(output)) found[view.Id] = view;
        }
        catch (SlurmSilentException)
        {
            // No accounting, or one that does not answer: the controller may know.
        }
        foreach (var id in ids.Where(id => !found.ContainsKey(id)))
            if (Show(id) is { } view) found[id] = view;
        return found;
    }

    /// <summary>All that the controller knows of a job, its exit code included; null for one that it no longer knows.</summary>
    /// <param name="id">The job.</param>
    /// <exception cref="SlurmSilentException">Slurm did not answer.</exception>
    public SlurmView? Show(string id)
    {
        var (code, output, error) = Run("scontrol", ["show", "job", "--oneliner", id]);
        if (code == 0) return SlurmView.ParseJob(id, output);
        return SlurmWords.IsUnknownJob(error + output) ? null : throw new SlurmSilentException($"scontrol failed: {FirstLine(error)}");
    }

    /// <summary>Cancels a job; one that has ended is no error.</summary>
    /// <param name="id">The job.</param>
    /// <param name="onlyWaiting">Leaves a job alone that has begun.</param>
    /// <exception cref="SlurmSilentException">Slurm did not answer.</exception>
    public void Cancel(string id, bool onlyWaiting = false) => Run("scancel", onlyWaiting ? ["--state=PENDING", id] : [id]);

    /// <summary>Tells the shell of a job's script that a person wants the run to stop.</summary>
    /// <param name="id">The job.</param>
    /// <exception cref="SlurmSilentException">Slurm did not answer.</exception>
    public void Interrupt(string id) => Run("scancel", ["--batch", "--signal=USR2", id]);

    private (int Code, string Output, string Error) Run(string program, IReadOnlyList<string> arguments)
    {
        Interlocked.Increment(ref _calls);
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(IsNotForSlurm).ToList()) start.Environment.Remove(name);
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            // Also the ends of its streams are waited for no longer: a child of its own may keep them open.
            if (!Task.WhenAll(output, error, process.WaitForExitAsync()).Wait(patience))
            {
                if (!process.HasExited) process.Kill(entireProcessTree: true);
                throw new SlurmSilentException($"{program} has not answered within {patience.TotalSeconds:0.##} seconds.");
            }
            if (process.ExitCode != 0 && SlurmWords.IsTransient(error.Result)) throw new SlurmSilentException($"{program}: {FirstLine(error.Result)}");
            return (process.ExitCode, output.Result, error.Result);
        }
        catch (Win32Exception e)
        {
            throw new SlurmSilentException($"{program} cannot be started ({e.Message}); install Slurm's client commands on this machine.");
        }
    }

    private static bool IsNotForSlurm(string name) =>
        (name != "SLURM_CONF" && OthersSettings.Any(start => name.StartsWith(start, StringComparison.Ordinal))) || Secrets.Contains(name.Replace(":", "__", StringComparison.Ordinal), StringComparer.OrdinalIgnoreCase);

    private static string FirstLine(string text) => text.Trim().Split('\n')[0];
}

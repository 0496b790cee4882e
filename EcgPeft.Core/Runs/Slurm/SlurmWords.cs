namespace EcgPeft.Core.Runs.Slurm;

/// <summary>What Slurm's words mean, for people.</summary>
public static class SlurmWords
{
    private static readonly (string Word, string Sentence)[] Reasons =
    [
        ("Resources", "the partition is full; it waits for processors, memory or GPUs to become free"),
        ("Priority", "jobs with a higher priority are before it"),
        ("Dependency", "the job that computes the study's frozen outputs goes first"),
        ("JobArrayTaskLimit", "as many jobs of this study run as are allowed at once"),
        ("BeginTime", "it was put back a moment ago and may start soon"),
        ("JobHeldUser", "it is held; scontrol release lets it go"),
        ("JobHeldAdmin", "an administrator holds it"),
        ("JobHoldMaxRequeue", "Slurm has put it back as often as it does (max_batch_requeue) and holds it; scontrol release lets it go"),
        ("launch failed requeued held", "it could not be started on its node and is held; scontrol release lets it go"),
        ("PartitionDown", "the partition is down and starts nothing"),
        ("PartitionInactive", "the partition is inactive and takes nothing"),
        ("PartitionTimeLimit", "its time limit is above the partition's"),
        ("PartitionNodeLimit", "it asks for more than the partition's nodes have"),
        ("PartitionConfig", "it asks for what the partition does not have"),
        ("BadConstraints", "no node can give what it asks for"),
        ("ReqNodeNotAvail", "the nodes that it needs are down, drained or reserved"),
        ("NodeDown", "a node that it needs is down"),
        ("AssociationJobLimit", "the account has as many jobs as it may"),
        ("InvalidAccount", "the account does not exist"),
        ("InvalidQOS", "the quality of service does not exist"),
        ("Licenses", "it waits for a licence"),
        ("Reservation", "it waits for its reservation"),
    ];

    /// <summary>Why a job waits, without a full stop; Slurm's own word where there is no better one.</summary>
    /// <param name="reason">Slurm's word, or null.</param>
    public static string Waits(string? reason)
    {
        if (reason is null) return "Slurm has not said why";
        // "ReqNodeNotAvail, UnavailableNodes:a[1-4]" and "(Nodes required for job are DOWN …)" say more after the word.
        var word = reason.Split(',', '(', ':')[0].Trim();
        if (Array.Find(Reasons, r => r.Word == word) is { Sentence: { } known }) return $"{known} ({reason})";
        return word.StartsWith("QOS", StringComparison.Ordinal) || word.StartsWith("Assoc", StringComparison.Ordinal) ? $"a limit of the account or quality of service is reached ({reason})" : reason;
    }

    /// <summary>How a job ended, as the end of “Job 17 …”.</summary>
    /// <param name="view">The job; null for one that Slurm no longer knows.</param>
    public static string Ended(SlurmView? view) => view?.State switch
    {
        null => "is no longer known to Slurm",
        "CANCELLED" => "was cancelled outside of EcgPeft",
        "PREEMPTED" => "was preempted by a job of higher priority",
        "NODE_FAIL" => $"lost its node{On(view)}",
        "BOOT_FAIL" => $"could not start: its node{On(view)} did not boot",
        "TIMEOUT" => "reached its time limit",
        "DEADLINE" => "missed its deadline",
        "OUT_OF_MEMORY" => "used more memory than it had asked for; ask for more (execution.memoryMegabytes)",
        "COMPLETED" => "ended",
        "FAILED" when view.Signal is { } signal => $"was killed (signal {signal}{(signal == 9 ? ", as when the node's memory runs out" : "")})",
        "FAILED" when view.ExitCode == SlurmTask.RequeueExitCode => "gave way before its time limit",
        "FAILED" when view.ExitCode is { } code => $"ended with exit code {code}",
        _ => $"ended as {view.State}",
    };

    /// <summary>Whether the cluster took the job away, so that the run should go on by itself.</summary>
    /// <param name="view">The job; null for one that Slurm no longer knows.</param>
    public static bool TakenAway(SlurmView? view) => view?.State is null or "PREEMPTED" or "NODE_FAIL" or "BOOT_FAIL" or "TIMEOUT" or "REVOKED" || view is { State: "FAILED", ExitCode: SlurmTask.RequeueExitCode };

    /// <summary>What <c>sbatch</c> said when it refused, in one sentence without a full stop.</summary>
    /// <param name="error">Its standard error.</param>
    public static string Refusal(string error)
    {
        ArgumentNullException.ThrowIfNull(error);
        var lines = error.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("sbatch: ", StringComparison.Ordinal)).Select(line => line["sbatch: ".Length..]).ToList();
        var errors = lines.Where(line => line.StartsWith("error: ", StringComparison.Ordinal)).Select(line => line["error: ".Length..]).ToList();
        var said = (errors.Count > 0 ? errors[^1] : lines.Count > 0 ? lines[^1] : error.Trim().Split('\n')[0]).TrimEnd('.');
        return said.StartsWith("Batch job submission failed: ", StringComparison.Ordinal) ? said["Batch job submission failed: ".Length..] : said;
    }

    /// <summary>Whether Slurm says that it does not know a job.</summary>
    /// <param name="said">What it printed.</param>
    public static bool IsUnknownJob(string said)
    {
        ArgumentNullException.ThrowIfNull(said);
        // Of a task of an array it says "Job 17_3 not found".
        return said.Contains("Invalid job id", StringComparison.OrdinalIgnoreCase) || said.Split('\n').Any(line => line.Contains("Job ", StringComparison.Ordinal) && line.TrimEnd().EndsWith(" not found", StringComparison.Ordinal));
    }

    /// <summary>Whether a command failed because Slurm did not answer, so that trying again is right.</summary>
    /// <param name="error">Its standard error.</param>
    public static bool IsTransient(string error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return new[] { "Unable to contact slurm controller", "Socket timed out", "Zero Bytes were transmitted", "temporarily unable", "Connection refused", "Connection reset", "Transport endpoint", "controller not responding", "Resource temporarily unavailable", "Slurm backup controller in standby mode" }
            .Any(words => error.Contains(words, StringComparison.OrdinalIgnoreCase));
    }

    private static string On(SlurmView view) => view.Node is { } node ? $" {node}" : "";
}

using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>
/// The life of a run as one explicit state machine, and the only class that changes a run's state. The state is the last status
/// line of <c>events.jsonl</c>; the caller holds the run's <see cref="WorkerLock"/>.
/// </summary>
public static class RunLife
{
    private static readonly Dictionary<RunStatus, RunStatus[]> Transitions = new()
    {
        [RunStatus.Queued] = [RunStatus.Running, RunStatus.Stopped, RunStatus.Failed],
        [RunStatus.Running] = [RunStatus.Stopping, RunStatus.Completed, RunStatus.Failed, RunStatus.Interrupted],
        // A worker that is asked to stop in its last step may still complete.
        [RunStatus.Stopping] = [RunStatus.Stopped, RunStatus.Completed, RunStatus.Failed, RunStatus.Interrupted],
        [RunStatus.Stopped] = [RunStatus.Queued],
        [RunStatus.Failed] = [RunStatus.Queued],
        [RunStatus.Interrupted] = [RunStatus.Queued],
        [RunStatus.Completed] = [],
    };

    // A new folder has no status; one that nobody ever started is found later.
    private static readonly RunStatus[] First = [RunStatus.Queued, RunStatus.Interrupted];

    /// <summary>Whether a run may go from one status to another.</summary>
    /// <param name="from">The status it has; null stands for a new folder.</param>
    /// <param name="to">The status it would have.</param>
    public static bool MayMove(RunStatus? from, RunStatus to) => (from is { } status ? Transitions[status] : First).Contains(to);

    /// <summary>Whether a worker owns a run of this status.</summary>
    /// <param name="status">The run's status.</param>
    public static bool HasWorker(RunStatus status) => status is RunStatus.Running or RunStatus.Stopping;

    /// <summary>Whether a run of this status can be put into the queue again.</summary>
    /// <param name="status">The run's status.</param>
    public static bool MayResume(RunStatus status) => MayMove(status, RunStatus.Queued);

    /// <summary>The status of the run, or null for a new folder.</summary>
    /// <param name="folder">The run.</param>
    public static RunStatus? Current(RunFolder folder) => EventLog.LastStatus(folder.EventsFile)?.Status;

    /// <summary>Changes the status of the run by appending to its events.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="to">The new status.</param>
    /// <param name="step">The last finished optimiser step.</param>
    /// <param name="message">One sentence: why, or where a resumed run goes on.</param>
    /// <returns>What was appended.</returns>
    /// <exception cref="InvalidOperationException">The run's status does not allow it.</exception>
    public static StatusEvent Move(RunFolder folder, RunStatus to, long step, string? message)
    {
        var from = Current(folder);
        if (!MayMove(from, to)) throw new InvalidOperationException($"Run {folder.Id} cannot go from {from?.ToString() ?? "new"} to {to}.");
        var status = new StatusEvent(to, step, message);
        EventLog.Append(folder.EventsFile, status);
        return status;
    }

    /// <summary>Says of a waiting run why no worker could begin with it; nothing where another worker has it.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="message">One sentence.</param>
    internal static void FailWaiting(RunFolder folder, string message)
    {
        using var taken = WorkerLock.TryTake(folder);
        if (taken is null || EventLog.LastStatus(folder.EventsFile) is not { Status: RunStatus.Queued } last) return;
        File.Delete(folder.StopRequestFile);
        Move(folder, RunStatus.Failed, last.Step, message);
    }

    /// <summary>Says of a run whose worker is gone where it was interrupted. The caller holds its lock, and has seen that nobody else did.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="last">Where it stood; null for a run without a status.</param>
    /// <param name="cause">Why its worker is gone, as the beginning of a sentence; null where nobody knows.</param>
    internal static StatusEvent Interrupt(RunFolder folder, RunSummary? last, string? cause = null)
    {
        var message = last is null ? "The run was made but never started; resume it to start."
            : last.Step == 0 ? $"Interrupted before the first step, {last.LastEventUtc:HH:mm:ss} UTC; resume it to start again."
            : $"Interrupted at step {last.Step}, {last.LastEventUtc:HH:mm:ss} UTC; resume it to go on.";
        if (cause is not null) message = $"{cause}. {message}";
        else if (WorkerFailure.KilledForMemory(last?.System, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) is { } memory) message += " " + memory;
        return Move(folder, RunStatus.Interrupted, last?.Step ?? 0, message);
    }
}

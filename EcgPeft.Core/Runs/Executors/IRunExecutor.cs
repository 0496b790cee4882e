using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Executors;

/// <summary>
/// What carries runs out: worker processes on this machine, or jobs of a cluster. The queue is the only caller, one call at a time. The
/// queue changes what a person asks for (queued, stopped); an executor changes what it finds out (failed, interrupted, queued again).
/// </summary>
internal interface IRunExecutor
{
    /// <summary>A run is about to wait for this executor; the queue has its lock.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="group">Folder of the study whose waiting runs may go together, or null.</param>
    /// <exception cref="UserInputException">It cannot be carried out here.</exception>
    void Accept(RunFolder folder, string? group);

    /// <summary>Takes back whatever was begun for a waiting run; false where a worker may have begun already.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="waiting">The status line that it waits by.</param>
    /// <exception cref="UserInputException">It cannot be taken back now.</exception>
    bool Withdraw(RunFolder folder, StatusEvent waiting);

    /// <summary>A worker has been asked to stop (<c>stop.request</c>); an executor may tell it in a quicker way, too.</summary>
    /// <param name="folder">The run.</param>
    void AskedToStop(RunFolder folder);

    /// <summary>One round, about five times a second, that may take no time worth mentioning.</summary>
    /// <param name="runs">The runs that this executor carries out, those that have ended included.</param>
    void Tick(IReadOnlyList<RunSummary> runs);
}

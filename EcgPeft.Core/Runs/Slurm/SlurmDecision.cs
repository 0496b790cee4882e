using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Slurm;

/// <summary>What follows from where a run and its job stand.</summary>
public enum SlurmAction
{
    /// <summary>Nothing yet.</summary>
    Wait,

    /// <summary>The job waits at Slurm again: the run was interrupted and is queued.</summary>
    QueuedAgain,

    /// <summary>The run has ended but its job waits: it is cancelled.</summary>
    Cancel,

    /// <summary>Slurm put the job back so often that it holds it now, but the run may go on: it gets a new one.</summary>
    Replace,

    /// <summary>Both have ended.</summary>
    Finish,

    /// <summary>The worker is gone: the run is interrupted and waits for a person.</summary>
    Interrupt,

    /// <summary>The cluster took the job away: the run is interrupted and goes to Slurm again.</summary>
    Resume,

    /// <summary>Slurm gave the job up, but its worker still writes: it is asked to give way.</summary>
    AskToGiveWay,

    /// <summary>The job was cancelled before its worker began.</summary>
    StopWaiting,

    /// <summary>The job ended before its worker began.</summary>
    FailWaiting,
}

/// <summary>Decides from where a run and its job stand; nothing else.</summary>
public static class SlurmDecision
{
    /// <summary>What follows.</summary>
    /// <param name="status">The run's status, as this machine sees it.</param>
    /// <param name="view">The job; null for one that Slurm no longer knows.</param>
    /// <param name="settled">Whether the job has stood like this for so long that no older view of the shared folder can deceive.</param>
    /// <param name="alive">Whether a worker holds the run's lock or writes its events.</param>
    /// <param name="resumesLeft">How often the run may still go on by itself.</param>
    public static SlurmAction Next(RunStatus? status, SlurmView? view, bool settled, bool alive, int resumesLeft)
    {
        var ended = status is RunStatus.Completed or RunStatus.Failed or RunStatus.Stopped;
        var working = status is { } known && RunLife.HasWorker(known);
        if (view is { Waits: true })
        {
            if (ended) return SlurmAction.Cancel;
            if (view.Reason == "JobHoldMaxRequeue" && status == RunStatus.Queued && resumesLeft > 0) return SlurmAction.Replace;
            return status == RunStatus.Interrupted || (working && settled && !alive) ? SlurmAction.QueuedAgain : SlurmAction.Wait;
        }
        if (view is { Ended: false }) return SlurmAction.Wait;
        if (ended) return SlurmAction.Finish;
        if (!settled) return SlurmAction.Wait;
        if (working && alive) return SlurmAction.AskToGiveWay;
        if (SlurmWords.TakenAway(view) && resumesLeft > 0) return SlurmAction.Resume;
        if (working) return SlurmAction.Interrupt;
        if (status == RunStatus.Interrupted) return SlurmAction.Finish;
        return view?.State == "CANCELLED" ? SlurmAction.StopWaiting : SlurmAction.FailWaiting;
    }
}

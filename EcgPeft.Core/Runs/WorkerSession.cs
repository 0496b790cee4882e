using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>The state changes and events of one worker's time with a run, one after the other, none after the final status.</summary>
/// <param name="folder">The run; its lock is held.</param>
/// <param name="alsoReport">Also receives each event.</param>
/// <param name="checkpointedStep">Where the job goes on.</param>
/// <param name="stopping">Cancelled when the job shall stop; not disposed, since a late request may still cancel it.</param>
internal sealed class WorkerSession(RunFolder folder, Action<RunEvent>? alsoReport, long checkpointedStep, CancellationTokenSource stopping)
{
    private readonly Lock _gate = new();
    private long _step = checkpointedStep;
    private bool _stopping;
    private bool _ended;

    /// <summary>The last finished step.</summary>
    public long Step => Interlocked.Read(ref _step);

    /// <summary>Cancelled when the job shall stop.</summary>
    public CancellationToken Stop => stopping.Token;

    /// <summary>From whatever status an earlier worker left, through queued, to running.</summary>
    public void Begin()
    {
        var current = RunLife.Current(folder);
        if (current == RunStatus.Completed) throw new UserInputException($"Run {folder.Id} is completed; start a new run with its recipe instead.");
        if (current is { } left && RunLife.HasWorker(left)) RunLife.Interrupt(folder, RunSummary.Read(folder));
        if (current != RunStatus.Queued)
        {
            // Meant for an earlier worker; one that came while the run was queued is meant for this one.
            File.Delete(folder.StopRequestFile);
            Move(RunStatus.Queued, null);
        }
        Move(RunStatus.Running, _step > 0 ? $"Goes on after step {_step}." : null);
    }

    /// <summary>Appends an event of the job; what a job still reports after its end is not part of the run.</summary>
    public void Report(RunEvent runEvent)
    {
        if (runEvent is StatusEvent) throw new InvalidOperationException("A training job reports no status: RunLife alone changes a run's state.");
        lock (_gate)
        {
            if (_ended) return;
            EventLog.Append(folder.EventsFile, runEvent);
            if (runEvent is StepEvent step) _step = step.Step;
            alsoReport?.Invoke(runEvent);
        }
    }

    /// <summary>Says so in the events, then tells the job; once.</summary>
    public void RequestStop()
    {
        lock (_gate)
        {
            if (_ended || _stopping) return;
            _stopping = true;
            try
            {
                Move(RunStatus.Stopping, null);
            }
            catch (IOException)
            {
                // A full disk must not keep the run from stopping.
            }
        }
        stopping.Cancel();
    }

    /// <summary>The final status of a job that ended without an error, and the exit code.</summary>
    public int End(TrainingOutcome outcome)
    {
        lock (_gate)
        {
            if (outcome == TrainingOutcome.Stopped && RunLife.Current(folder) != RunStatus.Stopping) Move(RunStatus.Stopping, null);
            Final(outcome == TrainingOutcome.Stopped ? RunStatus.Stopped : RunStatus.Completed, outcome == TrainingOutcome.Stopped ? StoppedMessage() : null);
        }
        return outcome == TrainingOutcome.Stopped ? RunWorker.StoppedExitCode : 0;
    }

    /// <summary>The final status of a job that ended with an error.</summary>
    public void Fail(string message, string? details)
    {
        lock (_gate)
        {
            Report(new LogEvent("error", details ?? message));
            Final(RunStatus.Failed, message);
        }
    }

    private string StoppedMessage()
    {
        var kept = RunWorker.CheckpointedStep(folder);
        if (_step == 0) return "Stopped before the first step; resume it to start again.";
        return kept == _step ? $"Stopped after step {_step}: the step was finished and a checkpoint written; resume it to go on." : $"Stopped after step {_step}; resume it to go on after step {kept}.";
    }

    private void Final(RunStatus status, string? message)
    {
        File.Delete(folder.StopRequestFile);
        Move(status, message);
        _ended = true;
    }

    private void Move(RunStatus to, string? message)
    {
        // A statement of its own: inside ?.Invoke(...) it would not be evaluated when nobody listens.
        var status = RunLife.Move(folder, to, _step, message);
        alsoReport?.Invoke(status);
    }
}

using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>The state changes and events of one worker's time with a run, one after the other, none after the final status.</summary>
/// <param name="folder">The run; its lock is held.</param>
/// <param name="alsoReport">Also receives each event.</param>
/// <param name="checkpointedStep">Where the job goes on.</param>
/// <param name="stopping">Cancelled when the job shall stop; not disposed, since a late request may still cancel it.</param>
/// <param name="task">The Slurm job that the worker is at work in, or null.</param>
internal sealed class WorkerSession(RunFolder folder, Action<RunEvent>? alsoReport, long checkpointedStep, CancellationTokenSource stopping, SlurmTask? task = null)
{
    private readonly Lock _gate = new();
    private long _step = checkpointedStep;
    private bool _stopping;
    private bool _ended;
    private bool _requeue;
    private string? _gaveWay;
    private const string Resume = "resume it to go on";
    private string _onward = Resume;

    /// <summary>The last finished step.</summary>
    public long Step => Interlocked.Read(ref _step);

    /// <summary>Cancelled when the job shall stop.</summary>
    public CancellationToken Stop => stopping.Token;

    /// <summary>From whatever status an earlier worker left, through queued, to running; false for a job whose run is not wanted any more.</summary>
    public bool Begin()
    {
        var current = RunLife.Current(folder);
        if (task is not null && !MayBegin(task, current)) return false;
        if (current == RunStatus.Completed) throw new UserInputException($"Run {folder.Id} is completed; start a new run with its recipe instead.");
        if (current is { } left && RunLife.HasWorker(left)) RunLife.Interrupt(folder, RunSummary.Read(folder));
        if (current != RunStatus.Queued)
        {
            // Meant for an earlier worker; one that came while the run was queued is meant for this one.
            File.Delete(folder.StopRequestFile);
            Move(RunStatus.Queued, null);
        }
        Move(RunStatus.Running, _step > 0 ? $"Goes on after step {_step}." : null);
        if (task is not null) Report(new LogEvent("info", $"Slurm job {task.JobId} on node {task.Node}."));
        return true;
    }

    /// <summary>A job may begin late, when its run was stopped meanwhile, or once more than it may.</summary>
    private bool MayBegin(SlurmTask job, RunStatus? current)
    {
        if (current is RunStatus.Stopped or RunStatus.Failed or RunStatus.Completed) return false;
        if (job.ResumesLeft >= 0) return true;
        var cause = $"Slurm put job {job.JobId} into its queue again, but the run has gone on by itself as often as it may (EcgPeft:Slurm:AutomaticResumes)";
        if (current is { } left && RunLife.HasWorker(left)) RunLife.Interrupt(folder, RunSummary.Read(folder), cause);
        else if (current == RunStatus.Queued) Move(RunStatus.Stopped, $"{cause}; resume it to go on.");
        return false;
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
    /// <param name="gaveWay">Why the worker gives way, as the beginning of a sentence; null where a person wants the run to stop.</param>
    /// <param name="mayRequeue">Whether its Slurm job goes into the queue again.</param>
    /// <param name="onward">How the run goes on otherwise, as the end of a sentence; null where a person has to resume it.</param>
    public void RequestStop(string? gaveWay = null, bool mayRequeue = false, string? onward = null)
    {
        lock (_gate)
        {
            if (_ended) return;
            // A person's wish goes before any other.
            if (gaveWay is null || !_stopping) (_gaveWay, _requeue, _onward) = (gaveWay, mayRequeue && task?.ResumesLeft > 0, onward ?? Resume);
            if (_stopping) return;
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
            if (outcome == TrainingOutcome.Completed)
            {
                Final(RunStatus.Completed, null);
                return 0;
            }
            if (RunLife.Current(folder) != RunStatus.Stopping) Move(RunStatus.Stopping, null);
            if (_gaveWay is null) Final(RunStatus.Stopped, $"Stopped {Kept()}; {(_step == 0 ? "resume it to start again" : Resume)}.");
            else Final(RunStatus.Interrupted, $"{_gaveWay}. Interrupted {Kept()}; {(_requeue ? "the job goes into the queue again and the run goes on by itself" : _onward)}.");
            return _gaveWay is not null && _requeue ? SlurmTask.RequeueExitCode : RunWorker.StoppedExitCode;
        }
    }

    /// <summary>The final status of a job that ended with an error.</summary>
    public void Fail(string message, string? details)
    {
        lock (_gate)
        {
            try
            {
                Report(new LogEvent("error", details ?? message));
            }
            catch (Exception e) when (e is IOException || FileTrouble.IsDiskFull(e))
            {
                // A full disk often has room for the one sentence, though not for where in the program it happened.
            }
            Final(RunStatus.Failed, message);
        }
    }

    private string Kept()
    {
        var kept = RunWorker.CheckpointedStep(folder);
        return _step == 0 ? "before the first step"
            : kept == _step ? $"after step {_step}: the step was finished and a checkpoint written"
            : $"after step {_step}, the last checkpoint holds step {kept}";
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

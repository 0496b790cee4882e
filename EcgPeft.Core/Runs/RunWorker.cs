using System.Text.Json;
using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>Runs one training job in this process: the only writer of the run folder while it lasts.</summary>
public static class RunWorker
{
    /// <summary>Exit code of a run that was stopped, as shells know it from Ctrl+C.</summary>
    public const int StoppedExitCode = 130;

    /// <summary>
    /// Takes the run's lock, moves it to running, lets <paramref name="job"/> train on the calling thread, and moves it to
    /// completed, stopped or failed. A run that was stopped, failed or interrupted goes on. The final status is the last event.
    /// </summary>
    /// <param name="folder">The run.</param>
    /// <param name="job">What trains.</param>
    /// <param name="stop">Cancelled when the run shall stop (Ctrl+C); the file <c>stop.request</c> has the same effect.</param>
    /// <param name="alsoReport">Also receives each event, for a progress bar.</param>
    /// <param name="onlyIfWaiting">
    /// Whether to refuse a run that does not wait in the queue any more: so a run is done once, however many workers dashboards have started
    /// for its waiting, for example because one of them died before its worker had begun.
    /// </param>
    /// <param name="task">The Slurm job that the worker is at work in, or null.</param>
    /// <returns>0 completed, 1 failed, 130 stopped, 75 gave way and wants its Slurm job in the queue again.</returns>
    /// <exception cref="UserInputException">Another worker has the run, it is completed, or the job refused the user's input (the run has failed with that sentence).</exception>
    public static int Run(RunFolder folder, TrainingJob job, CancellationToken stop, Action<RunEvent>? alsoReport = null, bool onlyIfWaiting = false, SlurmTask? task = null)
    {
        if (!Directory.Exists(folder.Path)) throw new UserInputException($"There is no run folder {folder.Path}; name a folder that a run was made in.");
        if (task is not null && SlurmTakeover.IsSuperseded(folder, task)) return StoppedExitCode;
        using var taken = task is null ? WorkerLock.TryTake(folder) : SlurmTakeover.Take(folder, task, stop);
        if (taken is null && task is not null && (stop.IsCancellationRequested || task.Ending.IsCancellationRequested)) return StoppedExitCode;
        if (taken is null && task is { ResumesLeft: > 0 }) return SlurmTask.RequeueExitCode;
        if (taken is null) throw new UserInputException($"Another worker is already at work on run {folder.Id}; wait for it or stop it.");
        if (onlyIfWaiting && RunLife.Current(folder) != RunStatus.Queued) throw new UserInputException($"Run {folder.Id} does not wait in the queue any more; another worker has done it, or somebody has taken it out.");
        var session = new WorkerSession(folder, alsoReport, CheckpointedStep(folder), new CancellationTokenSource(), task);
        if (!session.Begin()) return StoppedExitCode;

        using var watch = new Timer(_ => LookForRequest(folder, session), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(200));
        using var pulse = new WorkerPulse(session.Report);
        using var registration = stop.Register(() => session.RequestStop());
        using var limit = task?.TimeLimitNear.Register(() => session.RequestStop($"Slurm job {task.JobId} came near its time limit", mayRequeue: true));
        using var ending = task?.Ending.Register(() => session.RequestStop($"Slurm ended job {task.JobId} (cancelled, preempted or over its time)"));
        Recipe? recipe = null;
        try
        {
            recipe = folder.ReadRecipe();
            var outcome = job(recipe, folder, session.Report, session.Stop);
            return session.End(outcome);
        }
        catch (OperationCanceledException) when (session.Stop.IsCancellationRequested)
        {
            return session.End(TrainingOutcome.Stopped);
        }
        catch (UserInputException e) when (!FileTrouble.IsDiskFull(e))
        {
            session.Fail(e.Message, details: null);
            throw;
        }
        catch (TrainingDivergedException e)
        {
            session.Fail(e.Message, details: null);
            return 1;
        }
        catch (Exception e)
        {
            session.Fail(WorkerFailure.Explain(e, recipe, session.Step), details: e.ToString());
            return 1;
        }
    }

    /// <summary>A person's request is empty; that of whoever looks after the run's job says why, and in a second line how the run goes on if nobody resumes it.</summary>
    private static void LookForRequest(RunFolder folder, WorkerSession session)
    {
        try
        {
            if (!File.Exists(folder.StopRequestFile)) return;
            var lines = File.ReadAllText(folder.StopRequestFile).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            session.RequestStop(lines.FirstOrDefault(), onward: lines.ElementAtOrDefault(1));
        }
        catch (IOException)
        {
            // Deleted between the two lines, or not readable yet: the next look finds out.
        }
    }

    /// <summary>The step that the checkpoint holds, for the message only: the job reads and judges the checkpoint itself.</summary>
    internal static long CheckpointedStep(RunFolder folder)
    {
        var state = Path.Combine(folder.CheckpointFolder, "state.json");
        if (!File.Exists(state)) return 0;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(state));
            return document.RootElement.TryGetProperty("step", out var step) && step.TryGetInt64(out var value) ? value : 0;
        }
        catch (JsonException)
        {
            return 0;
        }
    }
}

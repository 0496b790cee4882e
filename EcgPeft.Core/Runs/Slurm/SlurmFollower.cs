using System.Diagnostics;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Slurm;

/// <summary>For a command that has Slurm carry out runs, and waits for them.</summary>
/// <param name="root">The data folder.</param>
/// <param name="settings">The installation's settings.</param>
/// <param name="program">The <c>ecgpeft</c> of this installation, without its arguments.</param>
/// <param name="warn">Told why Slurm does not answer, once; or null.</param>
internal sealed class SlurmFollower(DataRoot root, SlurmSettings settings, IReadOnlyList<string> program, Action<string>? warn)
{
    private readonly SlurmCourier _courier = new(root, settings, program);
    private long _asked;
    private string? _trouble;

    /// <summary>The run as a round needs it.</summary>
    public static SlurmRun Look(RunFolder folder, RunStatus? status) => new(folder, status, SlurmJob.Read(folder) ?? new());

    /// <summary>Whether nothing more happens to a run by itself.</summary>
    public static bool IsOver(SlurmRun run) => run.Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Stopped || (run.Status == RunStatus.Interrupted && run.Job.Done);

    /// <summary>Lets a run wait for Slurm; a job that an earlier command submitted is kept.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="group">Folder of the study whose waiting runs go together, or null.</param>
    /// <exception cref="UserInputException">Its last job has not ended yet, or Slurm does not answer.</exception>
    public void Begin(RunFolder folder, string? group)
    {
        var last = EventLog.LastStatus(folder.EventsFile);
        if (last is not null && !RunLife.MayResume(last.Status)) return;
        _courier.Accept(folder, group);
        File.Delete(folder.StopRequestFile);
        using var held = WorkerLock.TryTake(folder);
        if (held is not null) RunLife.Move(folder, RunStatus.Queued, last?.Step ?? 0, null);
    }

    /// <summary>Takes a waiting run back; one at work finishes its step and writes a checkpoint.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="status">Its status. One that was interrupted may wait at Slurm again.</param>
    public void AskToStop(RunFolder folder, RunStatus? status)
    {
        if (status is RunStatus.Queued or RunStatus.Interrupted && _courier.Withdraw(folder))
        {
            using var held = WorkerLock.TryTake(folder);
            if (held is not null && EventLog.LastStatus(folder.EventsFile) is { Status: RunStatus.Queued } last) RunLife.Move(folder, RunStatus.Stopped, last.Step, "Taken out of the queue; resume it to put it back.");
            if (held is not null) return;
        }
        File.WriteAllText(folder.StopRequestFile, "");
        _courier.AskedToStop(folder);
    }

    /// <summary>A round as often as the settings say, and at once where a job is to be submitted.</summary>
    /// <param name="runs">The runs.</param>
    public void RoundWhenDue(IReadOnlyList<SlurmRun> runs)
    {
        if (runs.Count == 0) return;
        if (_asked != 0 && runs.All(run => run.Job.Id is not null) && Stopwatch.GetElapsedTime(_asked).TotalSeconds < settings.PollSeconds) return;
        _courier.Round(runs, _ => { });
        _asked = Stopwatch.GetTimestamp();
        if (_courier.Trouble is { } trouble && trouble != _trouble) warn?.Invoke($"Slurm does not answer now and is asked again: {trouble}");
        _trouble = _courier.Trouble;
    }
}

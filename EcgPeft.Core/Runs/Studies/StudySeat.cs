using System.Diagnostics;
using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>One run's place in a study that a command works on: its events, and the worker or the Slurm job that it has at present.</summary>
internal sealed class StudySeat(StudyRun run, RunFolder folder)
{
    private readonly RunTail _tail = new(folder, (_, _) => { });
    private Process? _process;
    private bool _asked;

    public StudyRun Run => run;

    public bool AtWork { get; private set; }

    public RunStatus? Status => _tail.Summary?.Status;

    public StudyRunState State => new(run, _tail.Summary, AtWork);

    /// <summary>The run on Slurm; null for one that has a worker here.</summary>
    public SlurmRun? OnSlurm { get; private set; }

    public void Look()
    {
        _tail.Advance();
        if (OnSlurm is not null) OnSlurm = SlurmFollower.Look(folder, Status);
    }

    public void Start(WorkerCommand worker, DataRoot root, int workers)
    {
        AtWork = true;
        if (WorkerLock.IsHeld(folder)) return; // a worker of an earlier study process is still at it
        _process = worker.Start(folder, root, workers);
    }

    /// <summary>Lets it wait for Slurm; a job that an earlier study process submitted is kept.</summary>
    public void Wait(SlurmFollower slurm, string study)
    {
        AtWork = true;
        slurm.Begin(folder, study);
        OnSlurm = new(folder, null, new());
        Look();
    }

    public void AskToStop(SlurmFollower? slurm)
    {
        if (_asked) return;
        _asked = true;
        if (OnSlurm is not null) slurm!.AskToStop(folder, Status);
        else File.WriteAllText(folder.StopRequestFile, "");
    }

    /// <summary>Whether its worker is gone; one that left no last word is said to be interrupted.</summary>
    public bool Ended()
    {
        if (OnSlurm is { } job)
        {
            AtWork = !SlurmFollower.IsOver(job);
            return !AtWork;
        }
        if (_process is { HasExited: false }) return false;
        _process?.Dispose();
        _process = null;
        if (WorkerLock.IsHeld(folder)) return false; // another one's worker came first
        AtWork = false;
        Look();
        if (Status is not { } status || !RunLife.HasWorker(status)) return true;
        using var held = WorkerLock.TryTake(folder);
        if (held is not null) RunLife.Move(folder, RunStatus.Interrupted, _tail.Summary?.Step ?? 0, "Its worker ended without a word; worker.log may say why.");
        Look();
        return true;
    }
}

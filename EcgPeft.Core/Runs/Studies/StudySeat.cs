using System.Diagnostics;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>One run's place in a study that a command works on: its events, and the worker that it has at present.</summary>
internal sealed class StudySeat(StudyRun run, RunFolder folder)
{
    private readonly RunTail _tail = new(folder, (_, _) => { });
    private Process? _process;
    private bool _asked;

    public StudyRun Run => run;

    public bool AtWork { get; private set; }

    public RunStatus? Status => _tail.Summary?.Status;

    public StudyRunState State => new(run, _tail.Summary, AtWork);

    public void Look() => _tail.Advance();

    public void Start(WorkerCommand worker, DataRoot root, int workers)
    {
        AtWork = true;
        if (WorkerLock.IsHeld(folder)) return; // a worker of an earlier study process is still at it
        _process = worker.Start(folder, root, workers);
    }

    public void AskToStop()
    {
        if (_asked) return;
        _asked = true;
        File.WriteAllText(folder.StopRequestFile, "");
    }

    /// <summary>Whether its worker is gone; one that left no last word is said to be interrupted.</summary>
    public bool Ended()
    {
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

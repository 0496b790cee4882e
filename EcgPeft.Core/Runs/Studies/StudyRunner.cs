using System.Diagnostics;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>One run of a study and where it stands.</summary>
/// <param name="Run">The run.</param>
/// <param name="Summary">What its events say; null before its first worker.</param>
/// <param name="AtWork">Whether a worker is at work on it.</param>
public sealed record StudyRunState(StudyRun Run, RunSummary? Summary, bool AtWork);

/// <summary>
/// Trains the runs of a study in worker processes, some at a time, in order. Runs that are completed are left alone, others go on from their
/// checkpoints; a run that fails does not hold up the rest.
/// </summary>
/// <param name="root">The product's data folder.</param>
/// <param name="worker">How a worker is started.</param>
/// <param name="jobs">Workers at once; the processor's cores are divided among them.</param>
public sealed class StudyRunner(DataRoot root, WorkerCommand worker, int jobs)
{
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(300);

    /// <summary>Makes the folders of the study's runs that are not there yet.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="study">The study.</param>
    /// <param name="recipes">Where recipes come from.</param>
    /// <exception cref="UserInputException">A recipe is missing or wrong; then no folder is made.</exception>
    public static void Prepare(string folder, Study study, StudyRecipes recipes)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(recipes);
        var missing = study.Runs.Where(run => !Directory.Exists(run.In(folder).Path)).Select(run => (run, Recipe: recipes.Of(study, run))).ToList();
        study.WriteTo(folder);
        foreach (var (run, recipe) in missing) RunFolder.CreateAt(run.In(folder).Path, recipe);
    }

    /// <summary>Works until every run has ended, or until it is stopped: then each worker finishes its step and writes a checkpoint.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="study">The study.</param>
    /// <param name="changed">Receives the state of all runs a few times a second.</param>
    /// <param name="stop">Stops the study.</param>
    /// <returns>How every run stands at the end.</returns>
    public IReadOnlyList<StudyRunState> Run(string folder, Study study, Action<IReadOnlyList<StudyRunState>> changed, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(changed);
        var seats = study.Runs.Select(run => new Seat(run, run.In(folder))).ToList();
        foreach (var seat in seats) seat.Look();
        var waiting = new Queue<Seat>(seats.Where(seat => seat.Status != RunStatus.Completed));
        var active = new List<Seat>();
        while (true)
        {
            foreach (var seat in active) seat.Look();
            active.RemoveAll(seat => seat.Ended());
            while (!stop.IsCancellationRequested && active.Count < jobs && waiting.TryDequeue(out var next))
            {
                next.Start(worker, root, jobs);
                active.Add(next);
            }
            changed([.. seats.Select(seat => seat.State)]);
            if (active.Count == 0 && (waiting.Count == 0 || stop.IsCancellationRequested)) return [.. seats.Select(seat => seat.State)];
            if (!stop.IsCancellationRequested)
            {
                stop.WaitHandle.WaitOne(Round);
                continue;
            }
            foreach (var seat in active) seat.AskToStop();
            Thread.Sleep(Round); // the workers finish their steps
        }
    }

    /// <summary>One run's place in the study.</summary>
    private sealed class Seat(StudyRun run, RunFolder folder)
    {
        private readonly RunTail _tail = new(folder, (_, _) => { });
        private Process? _process;
        private bool _atWork, _asked;

        public RunStatus? Status => _tail.Summary?.Status;

        public StudyRunState State => new(run, _tail.Summary, _atWork);

        public void Look() => _tail.Advance();

        public void Start(WorkerCommand worker, DataRoot root, int workers)
        {
            _atWork = true;
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
            if (_process is { HasExited: false } || (_process is null && WorkerLock.IsHeld(folder))) return false;
            _process?.Dispose();
            _atWork = false;
            Look();
            if (Status is not { } status || !RunLife.HasWorker(status)) return true;
            using var held = WorkerLock.TryTake(folder);
            if (held is not null) RunLife.Move(folder, RunStatus.Interrupted, _tail.Summary?.Step ?? 0, "Its worker ended without a word; worker.log may say why.");
            Look();
            return true;
        }
    }
}

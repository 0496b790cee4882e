using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>One run of a study and where it stands.</summary>
/// <param name="Run">The run.</param>
/// <param name="Summary">What its events say; null before its first worker.</param>
/// <param name="AtWork">Whether a worker is at work on it.</param>
public sealed record StudyRunState(StudyRun Run, RunSummary? Summary, bool AtWork);

/// <summary>
/// Trains the runs of a study in worker processes, some at a time, in order. Runs that are completed are left alone, others go on from their
/// checkpoints; a run that fails does not hold up the rest. A search decides from one run to the next.
/// </summary>
/// <param name="root">The product's data folder.</param>
/// <param name="worker">How a worker is started.</param>
/// <param name="jobs">Workers at once; the processor's cores are divided among them.</param>
/// <param name="slurm">How runs go to a Slurm cluster; null for no Slurm.</param>
/// <param name="warn">Told why Slurm does not answer; or null.</param>
public sealed class StudyRunner(DataRoot root, WorkerCommand worker, int jobs, SlurmSettings? slurm = null, Action<string>? warn = null)
{
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(300);

    private readonly SlurmFollower? _slurm = slurm is { Enabled: true } ? new SlurmFollower(root, slurm, worker.Program(), warn) : null;

    /// <summary>Makes the folders of the study's runs that are not there yet; a search makes them one by one.</summary>
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
        if (study.Search is not null) return;
        foreach (var (run, recipe) in missing) RunFolder.CreateAt(run.In(folder).Path, recipe, study.Owner);
    }

    /// <summary>Works until every run has ended, or until it is stopped: then each worker finishes its step and writes a checkpoint.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="study">The study.</param>
    /// <param name="recipes">Where recipes come from.</param>
    /// <param name="changed">Receives the state of all runs a few times a second.</param>
    /// <param name="stop">Stops the study.</param>
    /// <returns>How every run stands at the end.</returns>
    public IReadOnlyList<StudyRunState> Run(string folder, Study study, StudyRecipes recipes, Action<IReadOnlyList<StudyRunState>> changed, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(changed);
        var seats = study.AllRuns.Select(run => new StudySeat(run, run.In(folder))).ToList();
        foreach (var seat in seats) seat.Look();
        // What a person has stopped goes on first; a trial that rests at its rung is for the search to decide.
        var waiting = new Queue<StudySeat>(seats.Where(seat => study.Search is null ? seat.Status != RunStatus.Completed : Unfinished(folder, study, seat)));
        var active = new List<StudySeat>();
        var onSlurm = IsForSlurm(folder, study, recipes);
        var places = !onSlurm ? jobs : study.Search is null ? int.MaxValue : slurm!.TrialsAtOnce;
        while (true)
        {
            _slurm?.RoundWhenDue([.. active.Select(seat => seat.OnSlurm).OfType<SlurmRun>()]);
            foreach (var seat in active) seat.Look();
            active.RemoveAll(seat => seat.Ended());
            while (!stop.IsCancellationRequested && active.Count < places && (waiting.TryDequeue(out var next) || Decided(out next)))
            {
                if (onSlurm) next.Wait(_slurm!, folder);
                else next.Start(worker, root, jobs);
                active.Add(next);
            }
            changed([.. seats.Select(seat => seat.State)]);
            if (active.Count == 0 && (waiting.Count == 0 || stop.IsCancellationRequested)) return [.. seats.Select(seat => seat.State)];
            if (!stop.IsCancellationRequested)
            {
                stop.WaitHandle.WaitOne(Round);
                continue;
            }
            foreach (var seat in active) seat.AskToStop(_slurm);
            Thread.Sleep(Round); // the workers finish their steps
        }

        bool Decided(out StudySeat next)
        {
            next = null!;
            if (study.Search is null || SearchProgress.Next(folder, study, recipes, run => active.Any(seat => seat.Run == run)) is not { Action: SearchAction.Train, Run: { } run }) return false;
            next = seats.Single(seat => seat.Run == run);
            return true;
        }
    }

    private bool IsForSlurm(string folder, Study study, StudyRecipes recipes)
    {
        var first = study.AllRuns[0];
        if (!(Directory.Exists(first.In(folder).Path) ? first.In(folder).ReadRecipe() : recipes.Of(study, first)).OnSlurm) return false;
        if (_slurm is null) throw new UserInputException("The study is for Slurm, but this installation has none; set EcgPeft:Slurm:Enabled, or run it here with --executor local.");
        return true;
    }

    private static bool Unfinished(string folder, Study study, StudySeat seat) =>
        seat.Status is RunStatus.Stopped or RunStatus.Failed or RunStatus.Queued or RunStatus.Running or RunStatus.Stopping or RunStatus.Interrupted && (study.IsWinner(seat.Run) || SearchTrial.IsUndecided(folder, study, seat.Run));
}

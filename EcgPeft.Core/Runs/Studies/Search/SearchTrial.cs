using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Studies.Search;

/// <summary>Where a trial stands, as its run folder says.</summary>
/// <param name="Run">The trial.</param>
/// <param name="Status">Its status; null before it has begun.</param>
/// <param name="Epochs">Finished epochs.</param>
/// <param name="Until">The epoch that it is let train to; null before it has begun.</param>
/// <param name="Score">Best value of the selection metric so far, higher is better; null before the first epoch.</param>
/// <param name="Standing">The same by rungs.</param>
/// <param name="Promoted">Whether it was let go on but no worker has begun with that.</param>
/// <param name="Lost">Whether its worker died and it is to be taken up again.</param>
public sealed record SearchTrial(StudyRun Run, RunStatus? Status, int Epochs, int? Until, double? Score, TrialStanding Standing, bool Promoted, bool Lost)
{
    /// <summary>A worker that dies so often within one epoch dies of its trial, for example of the memory that it takes.</summary>
    private const int MostDeaths = 3;

    private static readonly TrialStanding NotBegun = new(-1, null, []);

    /// <summary>Whether a run does not go on by itself: its Slurm job was cancelled, ran out of memory, or was put back as often as it may be.</summary>
    /// <param name="place">The run.</param>
    public static bool IsLeft(RunFolder place) => RunLife.Current(place) == RunStatus.Interrupted && SlurmJob.Read(place) is { Done: true };

    /// <summary>Whether it waits at a rung for its search's decision.</summary>
    public bool Rests => Status == RunStatus.Stopped && Epochs >= Until;

    /// <summary>Whether a trial that is resumed with its search trains now: one that rests at its rung goes on when the search says so, and where there is a winner, none does.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="study">The study.</param>
    /// <param name="run">A trial.</param>
    /// <exception cref="UserInputException">Its recipe cannot be read.</exception>
    public static bool IsUndecided(string folder, Study study, StudyRun run) =>
        !Read(folder, study, run).Rests && !SearchPair.Of(study).Any(pair => pair.Trials.Contains(run) && Directory.Exists(pair.Final.In(folder).Path));

    /// <summary>Reads a trial.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="study">The study.</param>
    /// <param name="run">The trial.</param>
    /// <exception cref="UserInputException">Its recipe cannot be read.</exception>
    public static SearchTrial Read(string folder, Study study, StudyRun run)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(run);
        var place = run.In(folder);
        if (!Directory.Exists(place.Path)) return new SearchTrial(run, null, 0, null, null, NotBegun, false, false);
        var recipe = place.ReadRecipe();
        var training = recipe.Training;
        var events = File.Exists(place.EventsFile) ? EventLog.Read(place.EventsFile, 0).Events : [];
        var status = events.OfType<StatusEvent>().LastOrDefault()?.Status;
        // Of an epoch done twice the later one counts; they are the same anyway.
        var scores = new SortedDictionary<int, double>();
        foreach (var epoch in events.OfType<EpochEvent>())
            if (epoch.Validation is { } validation) scores[epoch.Epoch] = Trainer.Score(training.SelectionMetric, validation);
        var (done, until) = (scores.Count == 0 ? 0 : scores.Keys.Max(), training.StopAfterEpoch ?? training.Epochs);
        var rungs = study.Search!.Rungs(training.Epochs);
        var deaths = events.Reverse().TakeWhile(e => e is not EpochEvent).Count(e => e is StatusEvent { Status: RunStatus.Interrupted });
        // A cluster takes a worker's place away for reasons of its own, and it is decided there how often its run goes on.
        var lost = status == RunStatus.Interrupted && (recipe.OnSlurm ? !IsLeft(place) : deaths < MostDeaths);
        var failed = status == RunStatus.Failed || (status == RunStatus.Interrupted && !lost && !recipe.OnSlurm) || (status == RunStatus.Stopped && done < until);
        return new SearchTrial(run, status, done, until, scores.Count == 0 ? null : scores.Values.Max(), Stand(status == RunStatus.Completed, failed, scores, done, until, rungs),
            status == RunStatus.Stopped && done < until && rungs.Contains(done) && events.OfType<StepEvent>().LastOrDefault()?.Step == events.OfType<EpochEvent>().LastOrDefault()?.Step, lost);
    }

    private static TrialStanding Stand(bool ended, bool failed, SortedDictionary<int, double> scores, int done, int until, IReadOnlyList<int> rungs)
    {
        var target = Enumerable.Range(0, rungs.Count).First(rung => rung == rungs.Count - 1 || rungs[rung] >= until);
        // Who stops early has a score at every rung; so has who failed or was given up, the worst.
        var reached = new List<double>();
        for (var rung = 0; rung < rungs.Count; rung++)
        {
            var upTo = scores.Where(score => score.Key <= rungs[rung]).Select(score => score.Value).DefaultIfEmpty(double.NegativeInfinity).Max();
            if (done >= rungs[rung] || (ended && scores.Count > 0)) reached.Add(upTo);
            else if (failed && rung <= target) reached.Add(double.NegativeInfinity);
            else break;
        }
        var position = ended ? rungs.Count - 1 : target;
        return new TrialStanding(position, reached.Count > position ? reached[position] : null, reached);
    }
}

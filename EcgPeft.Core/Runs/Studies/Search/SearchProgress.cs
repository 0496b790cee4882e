using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Studies.Search;

/// <summary>
/// Takes a search from one step to the next. All it knows is in the run folders, so it goes on after anything: the trials' settings follow
/// from the plan, and how far each is let train stands in its recipe (<c>training.stopAfterEpoch</c>).
/// </summary>
public static class SearchProgress
{
    /// <summary>
    /// Decides what comes next and makes the run folder ready for it; the caller lets a worker train it. No winner is tested before every model and
    /// method has one: the test split is looked at once, at the end of the whole search.
    /// </summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="study">The study.</param>
    /// <param name="recipes">Where recipes come from.</param>
    /// <param name="atWork">Whether a run waits for a worker or is at work.</param>
    /// <exception cref="UserInputException">A recipe cannot be read or made.</exception>
    public static SearchDecision Next(string folder, Study study, StudyRecipes recipes, Predicate<StudyRun> atWork)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(recipes);
        ArgumentNullException.ThrowIfNull(atWork);
        var pairs = SearchPair.Of(study);
        var (waits, left) = (false, false);
        foreach (var pair in pairs.Where(pair => !Directory.Exists(pair.Final.In(folder).Path)))
        {
            var decision = NextTrial(folder, study, pair, recipes, atWork);
            if (decision.Action == SearchAction.Train) return decision;
            waits |= decision.Action == SearchAction.Wait;
            left |= pair.Trials.Any(trial => !atWork(trial) && SearchTrial.IsLeft(trial.In(folder)));
        }
        if (waits) return new(SearchAction.Wait);
        if (left) return new(SearchAction.Done); // no winner before a person has let that trial go on
        foreach (var pair in pairs) PrepareWinner(folder, study, pair, recipes);
        foreach (var run in study.Winners!.Where(run => Directory.Exists(run.In(folder).Path)))
        {
            if (atWork(run)) waits = true;
            else if (SearchTrial.IsLeft(run.In(folder))) continue;
            else if (RunLife.Current(run.In(folder)) is not (RunStatus.Completed or RunStatus.Failed)) return new(SearchAction.Train, run);
        }
        return new(waits ? SearchAction.Wait : SearchAction.Done);
    }

    /// <summary>The trials that won, by the run that tests them; a pair without one, or not yet, is not in it.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="study">The study.</param>
    public static IReadOnlyDictionary<StudyRun, StudyRun> Winners(string folder, Study study)
    {
        var winners = new Dictionary<StudyRun, StudyRun>();
        foreach (var pair in SearchPair.Of(study))
            if (SearchFinal.TrialOf(folder, pair) is { } winner) winners[pair.Final] = winner;
        return winners;
    }

    /// <summary>Makes the runs of a pair's winner that are not there; none where every trial failed, which holds up no other pair.</summary>
    private static void PrepareWinner(string folder, Study study, SearchPair pair, StudyRecipes recipes)
    {
        if (!Directory.Exists(pair.Final.In(folder).Path))
        {
            if (Chosen(folder, study, pair, recipes) is not { } winner) return;
            SearchFinal.Prepare(folder, study, pair.Final, winner);
        }
        foreach (var repeat in pair.Repeats.Where(run => !Directory.Exists(run.In(folder).Path))) SearchFinal.PrepareRepeat(folder, study, repeat, pair.Final);
    }

    private static SearchDecision NextTrial(string folder, Study study, SearchPair pair, StudyRecipes recipes, Predicate<StudyRun> atWork)
    {
        var trials = pair.Trials.Select(run => SearchTrial.Read(folder, study, run)).ToList();
        // A worker that died is no verdict on its trial; whether one on Slurm goes on is decided there.
        if (trials.FirstOrDefault(trial => !atWork(trial.Run) && (trial.Lost || trial.Promoted || (trial.Status is null && trial.Until is not null))) is { } lost) return new(SearchAction.Train, lost.Run);

        var rungs = Rungs(study, pair, recipes);
        if (SuccessiveHalving.Next([.. trials.Select(trial => trial.Standing)], rungs.Count, study.Search!.Eta) is not { } next) return new(trials.Any(trial => atWork(trial.Run)) ? SearchAction.Wait : SearchAction.Done);
        var run = pair.Trials[next.Trial];
        Prepare(folder, study, recipes, run, next.Rung == rungs.Count - 1 ? null : rungs[next.Rung]);
        return new(SearchAction.Train, run);
    }

    private static StudyRun? Chosen(string folder, Study study, SearchPair pair, StudyRecipes recipes) =>
        SuccessiveHalving.Winner([.. pair.Trials.Select(run => SearchTrial.Read(folder, study, run).Standing)], Rungs(study, pair, recipes).Count) is { } winner ? pair.Trials[winner] : null;

    private static IReadOnlyList<int> Rungs(Study study, SearchPair pair, StudyRecipes recipes) => study.Search!.Rungs(recipes.Of(study, pair.Trials[0]).Training.Epochs);

    private static void Prepare(string folder, Study study, StudyRecipes recipes, StudyRun run, int? until)
    {
        var place = run.In(folder);
        if (Directory.Exists(place.Path))
        {
            var recipe = place.ReadRecipe();
            place.WriteRecipe(recipe with { Training = recipe.Training with { StopAfterEpoch = until } });
            return;
        }
        var made = recipes.Of(study, run);
        RunFolder.CreateAt(place.Path, made with { Training = made.Training with { StopAfterEpoch = until }, Evaluation = made.Evaluation with { ValidationOnly = true } }, study.Owner);
    }
}

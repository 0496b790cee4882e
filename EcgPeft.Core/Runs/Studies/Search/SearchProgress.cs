using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Studies.Search;

/// <summary>What a search does next.</summary>
public enum SearchAction
{
    /// <summary>Nothing before a trial at work has ended.</summary>
    Wait,

    /// <summary>A run is trained, from its beginning or on from where it is.</summary>
    Train,

    /// <summary>It has ended.</summary>
    Done,
}

/// <summary>The next step of a search.</summary>
/// <param name="Action">What.</param>
/// <param name="Run">Of <see cref="SearchAction.Train"/>: which run.</param>
public sealed record SearchDecision(SearchAction Action, StudyRun? Run = null);

/// <summary>
/// Takes a search from one step to the next. All it knows is in the run folders, so it goes on after anything: the trials' settings follow
/// from the plan, and how far each is let train stands in its recipe (<c>training.stopAfterEpoch</c>).
/// </summary>
public static class SearchProgress
{
    /// <summary>Decides what comes next and makes the run folder ready for it; the caller lets a worker train it.</summary>
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
        var (plan, final) = (study.Search!, study.Final!);
        if (Directory.Exists(final.In(folder).Path)) return Goes(final.In(folder), atWork(final)) is var action && action == SearchAction.Train ? new(action, final) : new(action);

        var trials = study.Runs.Select(run => SearchTrial.Read(folder, study, run)).ToList();
        // A worker that died is no verdict on its trial.
        if (trials.FirstOrDefault(trial => !atWork(trial.Run) && (trial.Status == RunStatus.Interrupted || trial.Promoted || (trial.Status is null && trial.Until is not null))) is { } lost) return new(SearchAction.Train, lost.Run);

        var standings = trials.Select(trial => trial.Standing).ToList();
        var rungs = plan.Rungs(recipes.Of(study, study.Runs[0]).Training.Epochs);
        if (SuccessiveHalving.Next(standings, rungs.Count, plan.Eta) is { } next)
        {
            var run = study.Runs[next.Trial];
            Prepare(folder, study, recipes, run, next.Rung == rungs.Count - 1 ? null : rungs[next.Rung]);
            return new(SearchAction.Train, run);
        }
        if (trials.Any(trial => atWork(trial.Run))) return new(SearchAction.Wait);
        if (SuccessiveHalving.Winner(standings, rungs.Count) is not { } winner) return new(SearchAction.Done);
        PrepareFinal(folder, study, study.Runs[winner]);
        return new(SearchAction.Train, final);
    }

    /// <summary>The trial that won, or null before the search has chosen it.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="study">The study.</param>
    public static StudyRun? Winner(string folder, Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        if (study.Final?.In(folder) is not { } final || !Directory.Exists(final.Path)) return null;
        var settings = Decisive(final.ReadRecipe());
        return study.Runs.FirstOrDefault(run => Directory.Exists(run.In(folder).Path) && Decisive(run.In(folder).ReadRecipe()) == settings);
    }

    private static SearchAction Goes(RunFolder final, bool atWork) => atWork ? SearchAction.Wait : RunLife.Current(final) switch
    {
        RunStatus.Completed or RunStatus.Failed => SearchAction.Done,
        _ => SearchAction.Train,
    };

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
        RunFolder.CreateAt(place.Path, made with { Training = made.Training with { StopAfterEpoch = until }, Evaluation = made.Evaluation with { ValidationOnly = true } });
    }

    /// <summary>
    /// The winner's run: the trial's recipe, split and last checkpoint, so that nothing is trained again; its worker only predicts, now the test split
    /// as well. Without the checkpoint it would train to the very same weights.
    /// </summary>
    private static void PrepareFinal(string folder, Study study, StudyRun winner)
    {
        var (from, to) = (winner.In(folder), study.Final!.In(folder));
        var recipe = from.ReadRecipe();
        RunFolder.CreateAt(to.Path, recipe with { Name = StudyRecipes.NameOf(study, study.Final), Evaluation = recipe.Evaluation with { ValidationOnly = false }, Training = recipe.Training with { StopAfterEpoch = null } });
        if (File.Exists(from.SplitsFile)) File.Copy(from.SplitsFile, to.SplitsFile);
        foreach (var runEvent in EventLog.Read(from.EventsFile, 0).Events.Where(e => e is PlanEvent or StepEvent or EpochEvent)) EventLog.Append(to.EventsFile, runEvent);
        if (!Directory.Exists(from.CheckpointFolder)) return;
        Directory.CreateDirectory(to.CheckpointFolder + ".copy");
        foreach (var file in Directory.EnumerateFiles(from.CheckpointFolder)) File.Copy(file, Path.Combine(to.CheckpointFolder + ".copy", Path.GetFileName(file)));
        Directory.Move(to.CheckpointFolder + ".copy", to.CheckpointFolder);
    }

    private static string Decisive(Recipe recipe) => RecipeIdentity.Of(recipe with { Evaluation = recipe.Evaluation with { ValidationOnly = false } });
}

using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Studies.Search;

/// <summary>The run of a winner: what is tested at the end of a search.</summary>
internal static class SearchFinal
{
    /// <summary>
    /// Makes it: the trial's recipe, split and last checkpoint, so that nothing is trained again; its worker only predicts, now the test split
    /// as well. Without the checkpoint it would train to the very same weights.
    /// </summary>
    public static void Prepare(string folder, Study study, StudyRun final, StudyRun winner)
    {
        var (from, to) = (winner.In(folder), final.In(folder));
        var recipe = from.ReadRecipe();
        RunFolder.CreateAt(to.Path, recipe with { Name = StudyRecipes.NameOf(study, final), Evaluation = recipe.Evaluation with { ValidationOnly = false }, Training = recipe.Training with { StopAfterEpoch = null } }, study.Owner);
        if (File.Exists(from.SplitsFile)) File.Copy(from.SplitsFile, to.SplitsFile);
        // With its environment come the number of threads and so the last digits.
        if (File.Exists(from.EnvironmentFile)) File.Copy(from.EnvironmentFile, to.EnvironmentFile);
        foreach (var runEvent in EventLog.Read(from.EventsFile, 0).Events.Where(e => e is PlanEvent or StepEvent or EpochEvent)) EventLog.Append(to.EventsFile, runEvent);
        if (!Directory.Exists(from.CheckpointFolder)) return;
        Directory.CreateDirectory(to.CheckpointFolder + ".copy");
        foreach (var file in Directory.EnumerateFiles(from.CheckpointFolder)) File.Copy(file, Path.Combine(to.CheckpointFolder + ".copy", Path.GetFileName(file)));
        Directory.Move(to.CheckpointFolder + ".copy", to.CheckpointFolder);
    }

    /// <summary>Makes a run that trains the winner's settings again with another seed, on the very split of the search: what chose the settings is never tested.</summary>
    public static void PrepareRepeat(string folder, Study study, StudyRun repeat, StudyRun final)
    {
        var (from, to) = (final.In(folder), repeat.In(folder));
        var recipe = from.ReadRecipe();
        RunFolder.CreateAt(to.Path, recipe with { Name = StudyRecipes.NameOf(study, repeat), Seed = repeat.Seed, Split = recipe.Split with { Seed = recipe.Split.Seed ?? recipe.Seed } }, study.Owner);
        if (File.Exists(from.SplitsFile)) File.Copy(from.SplitsFile, to.SplitsFile);
    }

    /// <summary>The trial that it was made of; null before it is made, and where the trial is gone.</summary>
    public static StudyRun? TrialOf(string folder, SearchPair pair)
    {
        var final = pair.Final.In(folder);
        if (!Directory.Exists(final.Path)) return null;
        var settings = Decisive(final.ReadRecipe());
        return pair.Trials.FirstOrDefault(run => Directory.Exists(run.In(folder).Path) && Decisive(run.In(folder).ReadRecipe()) == settings);
    }

    private static string Decisive(Recipe recipe) => RecipeIdentity.Of(recipe with { Evaluation = recipe.Evaluation with { ValidationOnly = false } });
}

using EcgPeft.Core.Ecg;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Yardsticks;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>Computes the classical methods of a study: what takes minutes on large data, and so never happens in the web process.</summary>
public static class YardstickWork
{
    private const string LockName = "yardsticks.lock";

    /// <summary>What has not been computed yet.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="study">The study.</param>
    public static IReadOnlyList<(int Seed, int? Fold, string Name)> Missing(string folder, Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return [.. from repeat in study.Repeats from name in study.Yardsticks where !File.Exists(StudyYardsticks.FileOf(folder, name, repeat.Seed, repeat.Fold)) select (repeat.Seed, repeat.Fold, name)];
    }

    /// <summary>Whether they may look at the test split: those of a search not before its winners have.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="study">The study.</param>
    public static bool MayBegin(string folder, Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        if (study.Winners is not { } winners) return true;
        var made = winners.Select(run => run.In(folder)).Where(run => Directory.Exists(run.Path)).ToList();
        return made.Count > 0 && made.All(run => RunLife.Current(run) is RunStatus.Completed or RunStatus.Failed);
    }

    /// <summary>Whether a process computes those of this study at present.</summary>
    /// <param name="folder">The study's folder.</param>
    internal static bool IsAtWork(string folder) => FileLock.IsHeld(Path.Combine(folder, LockName));

    /// <summary>Computes what is missing, each on the split of its seed and fold, and keeps every result as soon as it is there.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="study">The study.</param>
    /// <param name="said">Receives each result with its fold.</param>
    /// <param name="stop">Ends it; what is missing then is computed the next time.</param>
    /// <exception cref="UserInputException">Another process is at it, a search has not tested its winners yet, or data or all runs of a seed are not here.</exception>
    public static void Measure(string folder, Study study, Action<YardstickResult, int?> said, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(said);
        if (Missing(folder, study).Count == 0) return;
        if (!MayBegin(folder, study)) throw new UserInputException("The search has not tested its winners yet, and until then nothing looks at the test split; go on with the search first.");
        using var held = FileLock.TryTake(Path.Combine(folder, LockName)) ?? throw new UserInputException($"Another process computes the yardsticks of {folder}; wait for its end.");
        var segments = SegmentSource.Load(study.Data.Path!, study.Data.Groups, cancel: stop).Segments;
        foreach (var (seed, fold, name) in Missing(folder, study))
        {
            stop.ThrowIfCancellationRequested();
            var recipe = (study.Compared.Where(run => run.Seed == seed && run.Fold == fold).Select(run => run.In(folder)).FirstOrDefault(run => File.Exists(run.RecipeFile))
                ?? throw new UserInputException($"No run of the study with seed {seed} is here, so its split is not known; go on with the study first.")).ReadRecipe();
            if (recipe.Data.Hash is { } hash && hash != segments.Hash) throw new UserInputException($"The data in {study.Data.Path} are not the ones of the study; restore the file.");
            var split = Splits.Divide(segments, recipe.Split.Kind, recipe.Split.Validation, recipe.Split.Test, recipe.Split.Seed ?? recipe.Seed, recipe.Split.Folds, recipe.Split.Fold);
            var normalised = Preprocessing.Apply(recipe.Preprocessing, recipe.Data.SamplingRateHz is { } rate ? segments.WithSamplingRate(rate) : segments, split, _ => { });
            var result = Yardstick.All.Single(y => y.Name == name).Run(normalised.ReadAll(), segments.Length, segments.Labels, split, seed, stop);
            StudyYardsticks.Write(folder, result, fold);
            said(result, fold);
        }
    }
}

using EcgPeft.Core.Runs.Studies.Search;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>Which runs a study has, and what they cost at the most.</summary>
public static class StudyDesign
{
    /// <summary>Most runs of a study.</summary>
    public const int MostRuns = 1000;

    /// <summary>One run for each seed, fold, model, method and point of the grid.</summary>
    /// <param name="models">Models.</param>
    /// <param name="methods">PEFT methods.</param>
    /// <param name="seeds">Seeds.</param>
    /// <param name="folds">Number of folds, or null.</param>
    /// <param name="grid">Settings that vary.</param>
    /// <param name="runFolder">From a run's name to its folder, relative to the study's.</param>
    /// <param name="ablation">Settings that everything is trained with once more, each by itself.</param>
    /// <exception cref="UserInputException">There are too many runs, two of them would share a folder, or the folds make no sense.</exception>
    public static IReadOnlyList<StudyRun> Runs(IReadOnlyList<string> models, IReadOnlyList<string> methods, IReadOnlyList<int> seeds, int? folds, IReadOnlyList<StudyAxis> grid, Func<string, string> runFolder, IReadOnlyList<string>? ablation = null)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(methods);
        ArgumentNullException.ThrowIfNull(seeds);
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentNullException.ThrowIfNull(runFolder);
        if (folds is < 3 or > 100) throw new UserInputException($"The number of folds is {folds}; it must be between 3 and 100.");
        var count = grid.Aggregate((long)models.Count * methods.Count * seeds.Count * (folds ?? 1) * (1 + (ablation?.Count ?? 0)), (runs, axis) => Math.Min(runs * axis.Values.Count, long.MaxValue / 1_000_000));
        if (count > MostRuns) throw new UserInputException($"This would be {count} runs; a study has at most {MostRuns}, so vary less.");
        var points = StudyAxis.Product(grid);
        var runs =
            from seed in seeds
            from fold in folds is { } k ? Enumerable.Range(1, k).Select(f => (int?)f) : [null]
            from model in models
            from method in methods
            from point in points.Index()
            from ablated in (ablation ?? []).Prepend(null)
            let name = StudyRecipes.FolderName(model, method, seed, fold, ablated) + (points.Count == 1 ? "" : FormattableString.Invariant($"-grid{point.Index + 1}"))
            select new StudyRun(runFolder(name), model, method, seed, fold, ablated) { Settings = grid.Count == 0 ? null : point.Item };
        IReadOnlyList<StudyRun> all = [.. runs];
        if (all.GroupBy(run => run.Folder).FirstOrDefault(same => same.Count() > 1) is { } clash)
            throw new UserInputException($"Two models would share the run folder {clash.Key}; rename one of their folders.");
        return all;
    }

    /// <summary>The trials of a search.</summary>
    /// <param name="model">Model.</param>
    /// <param name="method">PEFT method.</param>
    /// <param name="seed">Seed of every trial, which also draws their one split.</param>
    /// <param name="search">The plan.</param>
    /// <param name="runFolder">From a run's name to its folder, relative to the study's.</param>
    /// <exception cref="UserInputException">The plan makes no sense.</exception>
    public static IReadOnlyList<StudyRun> Trials(string model, string method, int seed, SearchPlan search, Func<string, string> runFolder)
    {
        ArgumentNullException.ThrowIfNull(search);
        ArgumentNullException.ThrowIfNull(runFolder);
        return [.. SearchSpace.Trials(search).Select((settings, i) => new StudyRun(runFolder(FormattableString.Invariant($"trial-{i + 1:00}")), model, method, seed) { Settings = settings })];
    }

    /// <summary>What a study trains at the most: early stopping only makes it less.</summary>
    /// <param name="study">The study.</param>
    /// <param name="epochs">Epochs of the recipe that its runs begin as.</param>
    public static StudyBudget Budget(Study study, int epochs)
    {
        ArgumentNullException.ThrowIfNull(study);
        var each = study.Runs.Select(run => EpochsOf(run) ?? epochs).ToList();
        if (study.Search is not { Kind: SearchKind.Asha } search) return new StudyBudget(study.Runs.Count, each.Sum(e => (long)e));
        var (rungs, going, total, before) = (search.Rungs(epochs), study.Runs.Count, 0L, 0);
        foreach (var rung in rungs)
        {
            total += (long)going * (rung - before);
            (going, before) = (Math.Max(1, going / search.Eta), rung);
        }
        return new StudyBudget(study.Runs.Count, total);
    }

    private static int? EpochsOf(StudyRun run)
    {
        const string prefix = "training.epochs=";
        return (run.Settings ?? []).FirstOrDefault(setting => setting.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) is { } set && int.TryParse(set[prefix.Length..], System.Globalization.CultureInfo.InvariantCulture, out var epochs) ? epochs : null;
    }
}

/// <summary>What a study trains at the most.</summary>
/// <param name="Runs">Runs, or trials of a search.</param>
/// <param name="Epochs">Epochs of all of them together.</param>
public sealed record StudyBudget(int Runs, long Epochs);

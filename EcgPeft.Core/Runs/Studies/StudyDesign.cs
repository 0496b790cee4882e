using EcgPeft.Core.Runs.Studies.Search;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>Which runs a study has, and what they train.</summary>
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

    /// <summary>The trials of a search and the runs of its winners: for each model and method as many trials as the plan says.</summary>
    /// <param name="models">Models.</param>
    /// <param name="methods">PEFT methods.</param>
    /// <param name="seed">Seed of every trial, which also draws their one split.</param>
    /// <param name="search">The plan; a setting of one method is searched with that method alone.</param>
    /// <param name="runFolder">From a run's name to its folder, relative to the study's.</param>
    /// <exception cref="UserInputException">The plan makes no sense, or there would be too many trials.</exception>
    public static (IReadOnlyList<StudyRun> Trials, IReadOnlyList<StudyRun> Winners) Search(IReadOnlyList<string> models, IReadOnlyList<string> methods, int seed, SearchPlan search, Func<string, string> runFolder)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(methods);
        ArgumentNullException.ThrowIfNull(search);
        ArgumentNullException.ThrowIfNull(runFolder);
        search.Check();
        var (trials, winners) = (new List<StudyRun>(), new List<StudyRun>());
        foreach (var (model, method) in from model in models from method in methods select (model, method))
        {
            var before = models.Count * methods.Count > 1 ? StudyRecipes.PairName(model, method) + "-" : "";
            trials.AddRange(SearchSpace.Trials(SearchPair.PlanOf(search, method, methods)).Select((settings, i) => new StudyRun(runFolder(FormattableString.Invariant($"{before}trial-{i + 1:00}")), model, method, seed) { Settings = settings }));
            winners.Add(new StudyRun(runFolder(before + "winner"), model, method, seed));
        }
        if (trials.Count > MostRuns) throw new UserInputException($"This would be {trials.Count} trials; a search has at most {MostRuns}, so try fewer settings, models or methods.");
        if (winners.GroupBy(run => run.Folder).FirstOrDefault(same => same.Count() > 1) is { } clash) throw new UserInputException($"Two models would share the run folder {clash.Key}; rename one of their folders.");
        return (trials, winners);
    }

    /// <summary>What a study trains: early stopping only makes it less; successive halving decides on its way, so that its figure is about right.</summary>
    /// <param name="study">The study.</param>
    /// <param name="epochs">Epochs of the recipe that a run begins as, where the run does not set them itself.</param>
    public static StudyBudget Budget(Study study, Func<StudyRun, int> epochs)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(epochs);
        return new StudyBudget([.. study.Runs.GroupBy(run => (run.Model, run.Method)).Select(pair => new PairBudget(pair.Key.Model, pair.Key.Method, pair.Count(), study.Search is { Kind: SearchKind.Asha } search
            ? Halved(search, pair.Count(), epochs(pair.First()))
            : pair.Sum(run => (long)(EpochsOf(run) ?? epochs(run)))))]);
    }

    private static long Halved(SearchPlan search, int trials, int epochs)
    {
        var (total, before) = (0L, 0);
        foreach (var rung in search.Rungs(epochs))
        {
            total += (long)trials * (rung - before);
            (trials, before) = (Math.Max(1, trials / search.Eta), rung);
        }
        return total;
    }

    private static int? EpochsOf(StudyRun run)
    {
        const string prefix = "training.epochs=";
        return (run.Settings ?? []).FirstOrDefault(setting => setting.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) is { } set && int.TryParse(set[prefix.Length..], System.Globalization.CultureInfo.InvariantCulture, out var epochs) ? epochs : null;
    }
}

/// <summary>What a study trains.</summary>
/// <param name="Pairs">By model and method.</param>
public sealed record StudyBudget(IReadOnlyList<PairBudget> Pairs)
{
    /// <summary>Runs, or trials of a search.</summary>
    public int Runs => Pairs.Sum(pair => pair.Runs);

    /// <summary>Epochs of all of them together.</summary>
    public long Epochs => Pairs.Sum(pair => pair.Epochs);
}

/// <summary>What a study trains of one model with one method.</summary>
/// <param name="Model">Model, as the study names it.</param>
/// <param name="Method">PEFT method.</param>
/// <param name="Runs">Runs, or trials of a search.</param>
/// <param name="Epochs">Epochs of all of them together.</param>
public sealed record PairBudget(string Model, string Method, int Runs, long Epochs);

using EcgPeft.Core.Runs.Studies.Search;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>Which runs a study has.</summary>
public static class StudyDesign
{
    /// <summary>Most runs of a study.</summary>
    public const int MostRuns = 1000;

    /// <summary>Why a search is refused that asks for more.</summary>
    public const string NoFoldsInSearch = "A search looks for settings on one split, whose test part it leaves alone; leave folds and grid out (several seeds train its winners again, for mean and spread), or make a study.";

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
    /// <param name="seeds">The first is the seed of every trial, which also draws their one split; with the others the winners' settings are trained again.</param>
    /// <param name="search">The plan; a setting of one method is searched with that method alone.</param>
    /// <param name="runFolder">From a run's name to its folder, relative to the study's.</param>
    /// <exception cref="UserInputException">The plan makes no sense, or there would be too many trials.</exception>
    public static (IReadOnlyList<StudyRun> Trials, IReadOnlyList<StudyRun> Winners) Search(IReadOnlyList<string> models, IReadOnlyList<string> methods, IReadOnlyList<int> seeds, SearchPlan search, Func<string, string> runFolder)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(methods);
        ArgumentNullException.ThrowIfNull(seeds);
        ArgumentNullException.ThrowIfNull(search);
        ArgumentNullException.ThrowIfNull(runFolder);
        search.Check();
        var pairs = (from model in models from method in methods select (model, method)).ToList();
        string Before(string model, string method) => pairs.Count > 1 ? StudyRecipes.PairName(model, method) + "-" : "";
        var trials = new List<StudyRun>();
        foreach (var (model, method) in pairs)
            trials.AddRange(SearchSpace.Trials(SearchPair.PlanOf(search, method, methods)).Select((settings, i) => new StudyRun(runFolder(FormattableString.Invariant($"{Before(model, method)}trial-{i + 1:00}")), model, method, seeds[0]) { Settings = settings }));
        List<StudyRun> winners = [.. from seed in seeds from pair in pairs select new StudyRun(runFolder(Before(pair.model, pair.method) + (seed == seeds[0] ? "winner" : FormattableString.Invariant($"winner-seed{seed}"))), pair.model, pair.method, seed)];
        if (trials.Count > MostRuns) throw new UserInputException($"This would be {trials.Count} trials; a search has at most {MostRuns}, so try fewer settings, models or methods.");
        if (winners.Count > MostRuns) throw new UserInputException($"This would be {winners.Count} runs of winners; a search has at most {MostRuns}, so give fewer seeds, models or methods.");
        if (winners.GroupBy(run => run.Folder).FirstOrDefault(same => same.Count() > 1) is { } clash) throw new UserInputException($"Two models would share the run folder {clash.Key}; rename one of their folders.");
        return (trials, winners);
    }
}

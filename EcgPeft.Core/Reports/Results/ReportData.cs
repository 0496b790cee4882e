using EcgPeft.Core.Backbones;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;

namespace EcgPeft.Core.Reports.Results;

/// <summary>Everything that a report is made of.</summary>
/// <param name="Folder">The study's folder; null for a report of single runs.</param>
/// <param name="Study">The study; null for a report of single runs.</param>
/// <param name="Runs">Completed runs.</param>
/// <param name="Contenders">What is compared: models with methods, then yardsticks.</param>
/// <param name="Segments">The data; null where they are no longer where the runs found them.</param>
/// <param name="Notes">What a reader should know, for example runs that are not completed.</param>
public sealed record ReportData(string? Folder, Study? Study, IReadOnlyList<ReportRun> Runs, IReadOnlyList<Contender> Contenders, SegmentSet? Segments, IReadOnlyList<string> Notes)
{
    /// <summary>Intervals and comparisons.</summary>
    public Comparisons Comparisons { get; init; } = new(Segments?.Groups);

    /// <summary>Models with methods.</summary>
    public IReadOnlyList<Contender> Tuned { get; } = [.. Contenders.Where(contender => !contender.IsYardstick)];

    /// <summary>Classical methods.</summary>
    public IReadOnlyList<Contender> Yardsticks { get; } = [.. Contenders.Where(contender => contender.IsYardstick)];

    /// <summary>
    /// The one of the grid with the highest mean validation AUROC; the test split has no say in it. Only those with the most repetitions take part: the mean over some of them
    /// says more about which are missing than about the method.
    /// </summary>
    public Contender Best => field ??= Choosable.OrderByDescending(contender => contender.ValidationAuroc).DefaultIfEmpty(Tuned.FirstOrDefault(IsOfGrid) ?? Tuned[0]).First();

    /// <summary>Those of the grid that <see cref="Best"/> is chosen of; empty where no validation split defines AUROC.</summary>
    public IReadOnlyList<Contender> Choosable => field ??= [.. Tuned.Where(contender => IsOfGrid(contender) && contender.ValidationAuroc is not null && contender.Trials.Count == Tuned.Where(IsOfGrid).Max(c => c.Trials.Count))];

    /// <summary>Whether all that <see cref="Best"/> is chosen of were tested on the same rows, so that their scores can be put in an order.</summary>
    public bool SameTest => Choosable.All(contender => contender.Trials.Zip(Choosable[0].Trials).All(pair => pair.First.Repeat == pair.Second.Repeat && pair.First.Test.SameSegments(pair.Second.Test)));

    /// <summary>The repetitions of all models and methods together.</summary>
    public IReadOnlyList<string> Repeats { get; } = RepeatsOf(Contenders);

    /// <summary>What is resampled: how many different people or segments all test splits hold.</summary>
    public (int Units, bool ByGroup) Resampled => _resampled ??= Segments?.Groups is { } groups ? (TestRows().Select(row => groups[row]).Distinct(StringComparer.Ordinal).Count(), true) : (TestRows().Distinct().Count(), false);

    private (int Units, bool ByGroup)? _resampled;

    /// <summary>A contender's name, and of how many repetitions it lacks some.</summary>
    /// <param name="contender">The contender.</param>
    public string Label(Contender contender)
    {
        ArgumentNullException.ThrowIfNull(contender);
        return contender.Trials.Count < Repeats.Count ? $"{contender.Name} ({contender.Trials.Count} of {Repeats.Count} repetitions)" : contender.Name;
    }

    /// <summary>The 95 % intervals of a contender's test metrics; null where its test splits hold so few people that they would mislead.</summary>
    /// <param name="contender">The contender.</param>
    public IReadOnlyDictionary<Metric, Interval?>? Intervals(Contender contender) =>
        Comparisons.Resampled(contender) is { ByGroup: true, Units: < PairComparison.FewestGroups } ? null : Comparisons.Intervals(contender);

    /// <summary>All pairs that the report compares, by AUROC; with Holm's correction over those of the grid and yardsticks, and over those of an ablation, which asks another question.</summary>
    public IReadOnlyList<PairComparison> Pairs => field ??=
        [.. Comparisons.Compare(AllPairs().Where(pair => !IsOfAblation(pair)), Metric.Auroc), .. Comparisons.Compare(AllPairs().Where(IsOfAblation), Metric.Auroc)];

    /// <summary>Comparisons of two methods on the same model with the same other settings.</summary>
    public IReadOnlyList<PairComparison> MethodPairs => [.. Pairs.Where(p => p.First.Model == p.Second.Model && !p.Second.IsYardstick && p.First.Method != p.Second.Method)];

    /// <summary>Reads a study: its completed runs and its yardsticks.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <exception cref="UserInputException">There is no study or no completed run in it, or files are damaged.</exception>
    public static ReportData OfStudy(string folder)
    {
        var study = Study.Read(folder);
        var completed = study.Compared.Where(run => File.Exists(run.In(folder).MetricsFile)).ToList();
        var notes = completed.Count == study.Compared.Count ? new List<string>()
            : [$"{completed.Count} of the study's {study.Compared.Count} runs are completed; the others are not in this report: {string.Join(", ", study.Compared.Except(completed).Select(run => run.Folder))}."];
        if (completed.Count == 0) throw new UserInputException($"No run of the study in {folder} is completed; go on with it by: ecgpeft study --resume {folder}");
        var runs = completed.Select(run => ReportRun.Read(run.In(folder))).ToList();
        return Of(folder, study, runs, [.. Named(study, folder, Contender.Of(runs)), .. Contender.YardsticksOf(folder, study, runs)], notes);
    }

    /// <summary>Reads single runs.</summary>
    /// <param name="folders">Their folders; pre-training and runs that have not completed are left out and said in <see cref="Notes"/>.</param>
    /// <exception cref="UserInputException">No run is completed, files are damaged, or the runs are on different data.</exception>
    public static ReportData OfRuns(IReadOnlyList<RunFolder> folders)
    {
        ArgumentNullException.ThrowIfNull(folders);
        if (folders.Count == 0) throw new UserInputException("Name at least one completed run.");
        var left = folders.Select(folder => (Folder: folder, Why: ReportRun.WhyNot(folder))).Where(pair => pair.Why is not null).ToList();
        var notes = left.Select(pair => pair.Why!).ToList();
        var kept = folders.Except(left.Select(pair => pair.Folder)).ToList();
        if (kept.Count == 0) throw new UserInputException($"Name at least one completed run. {string.Join(' ', notes)}");
        return OfRuns([.. kept.Select(ReportRun.Read)], notes);
    }

    /// <summary>Takes runs that have been read.</summary>
    /// <param name="runs">At least one.</param>
    /// <param name="notes">What a reader should know.</param>
    /// <exception cref="UserInputException">The runs are on different data.</exception>
    public static ReportData OfRuns(IReadOnlyList<ReportRun> runs, IReadOnlyList<string> notes) => Of(null, null, [.. runs], Contender.Of(runs), [.. notes]);

    /// <summary>What is known about a run's model, or null for a model of one's own.</summary>
    /// <param name="run">The run.</param>
    public static ModelCard? Card(ReportRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        // Asked for its cards only: no file of the data folder is touched.
        return new ModelCatalogue(new DataRoot(Path.GetTempPath())).Models.FirstOrDefault(card => card.Id == run.Recipe.Backbone.Model);
    }

    /// <summary>With an ablation the grid's own runs go by model and method alone, and the others by what was changed.</summary>
    private static IEnumerable<Contender> Named(Study study, string folder, IReadOnlyList<Contender> contenders)
    {
        if (study.Ablation is not { Count: > 0 }) return contenders;
        var ablated = study.Runs.ToDictionary(run => run.In(folder).Path, run => run.Ablated);
        string? AblatedOf(Contender contender) => ablated.GetValueOrDefault(contender.Runs.First().Folder.Path);
        var alone = contenders.Where(c => AblatedOf(c) is null).GroupBy(c => (c.Model, c.Method)).All(group => group.Count() == 1);
        return !alone ? contenders : contenders.Select(contender =>
        {
            var (name, changed) = ($"{contender.Model} · {Contender.MethodTitle(contender.Method)}", AblatedOf(contender)?.Split('.')[^1].Replace('=', ' '));
            return contender with { Name = changed is null ? name : $"{name} · {changed}", Variant = changed ?? "" };
        });
    }

    private static ReportData Of(string? folder, Study? study, List<ReportRun> runs, IReadOnlyList<Contender> contenders, List<string> notes)
    {
        if (runs.Select(run => run.Recipe.Data.Hash).Distinct().Count() > 1)
            throw new UserInputException("The runs were trained on different data sets; a report compares runs on one, so name runs of one data set.");
        var twice = runs.Except(contenders.SelectMany(contender => contender.Runs)).ToList();
        if (twice.Count > 0) notes.Add($"{string.Join(", ", twice.Select(run => run.Name))} {(twice.Count == 1 ? "repeats another run" : "repeat other runs")} of this report (same settings, seed and split) and {(twice.Count == 1 ? "is" : "are")} left out.");
        runs = [.. runs.Except(twice)];
        var repeats = RepeatsOf(contenders);
        if (contenders.Where(contender => !contender.IsYardstick).Any(contender => contender.Trials.Count < repeats.Count))
            notes.Add($"Not every model and method has all {repeats.Count} repetitions: a mean is over those that it has, a comparison over those with the same test rows, and the best is chosen of those with the most.");
        SegmentSet? segments = null;
        var data = (runs.FirstOrDefault(run => run.Recipe.Data.Groups is not null) ?? runs[0]).Recipe.Data;
        try
        {
            segments = SegmentSource.Load(data.Path ?? "", data.Groups).Segments;
            if (data.Hash is { } hash && segments.Hash != hash)
            {
                segments = null;
                notes.Add($"{data.Path} no longer holds the data of the runs (another content hash), so this report says nothing about groups, and its intervals resample segments.");
            }
        }
        catch (UserInputException e)
        {
            notes.Add($"The data set could not be read again ({e.Message.TrimEnd('.')}), so this report says nothing about groups, and its intervals resample segments.");
        }
        if (segments is not null && data.SamplingRateHz is { } rate) segments = segments.WithSamplingRate(rate);
        return new ReportData(folder, study, runs, contenders, segments, notes);
    }

    /// <summary>Whether a contender is one of the grid, not of an ablation; without a study every one is.</summary>
    /// <param name="contender">The contender.</param>
    public bool IsOfGrid(Contender contender)
    {
        ArgumentNullException.ThrowIfNull(contender);
        return Study is null || contender.Runs.FirstOrDefault() is not { } run || Study.Runs.FirstOrDefault(r => r.In(Folder!).Path == run.Folder.Path)?.Ablated is null;
    }

    /// <summary>Whether a comparison is one of an ablation.</summary>
    /// <param name="pair">The comparison.</param>
    public bool IsOfAblation(PairComparison pair) => IsOfAblation((pair.First, pair.Second));

    private bool IsOfAblation((Contender First, Contender Second) pair) => Study is not null && !(IsOfGrid(pair.First) && IsOfGrid(pair.Second));

    private static List<string> RepeatsOf(IReadOnlyList<Contender> contenders) => [.. contenders.Where(contender => !contender.IsYardstick).SelectMany(contender => contender.Trials).Select(trial => trial.Repeat).Distinct()];

    private IEnumerable<int> TestRows() => Contenders.SelectMany(contender => contender.Trials).SelectMany(trial => trial.Test.Rows);

    private IEnumerable<(Contender First, Contender Second)> AllPairs()
    {
        for (var i = 0; i < Tuned.Count; i++)
            for (var j = i + 1; j < Tuned.Count; j++)
            {
                var (a, b) = (Tuned[i], Tuned[j]);
                // Models and methods are compared on the grid alone; an ablation is compared with its own fellow of the grid.
                if ((a.Model != b.Model || a.Method != b.Method) && !(IsOfGrid(a) && IsOfGrid(b))) continue;
                // Exactly one of model, method and other settings differs: else nobody could say what made the difference.
                var differing = (a.Model != b.Model ? 1 : 0) + (a.Method != b.Method ? 1 : 0) + (a.Variant != b.Variant && a.Method == b.Method && a.Model == b.Model ? 1 : 0);
                if (differing == 1 && (a.Variant == b.Variant || (a.Model == b.Model && a.Method == b.Method))) yield return (a, b);
            }
        foreach (var yardstick in Yardsticks.Where(y => y.Method != "majority")) yield return (Best, yardstick);
    }
}

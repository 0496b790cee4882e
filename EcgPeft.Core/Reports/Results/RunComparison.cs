using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs;

namespace EcgPeft.Core.Reports.Results;

/// <summary>Some completed runs side by side, each against a baseline.</summary>
public sealed class RunComparison
{
    /// <summary>Most runs that one picture can hold.</summary>
    public const int MostRuns = 12;

    private readonly List<Contender> _contenders;
    private readonly Comparisons _comparisons;
    private readonly List<IReadOnlyDictionary<Metric, Interval?>> _intervals;
    private readonly Dictionary<Metric, Dictionary<int, PairComparison>> _differences;

    private RunComparison(IReadOnlyList<ReportRun> runs, int baseline, SegmentSet? segments, IReadOnlyList<string> notes, int resamples)
    {
        (Runs, BaselineIndex, Segments, Notes) = (runs, baseline, segments, notes);
        _contenders = [.. runs.Select(run => new Contender(run.Name, run.Model, run.Method, "", [new Trial("", run.Predictions.Validation, run.Predictions.Test, run.Metrics.Test.Threshold, run, null)]))];
        _comparisons = new Comparisons(segments?.Groups, resamples);
        _intervals = [.. _contenders.Select(_comparisons.Intervals)];
        _differences = Metric.All.ToDictionary(metric => metric, metric =>
        {
            var others = _contenders.Where((_, i) => i != baseline).ToList();
            var compared = _comparisons.Compare(others.Select(other => (other, _contenders[baseline])), metric);
            return compared.ToDictionary(pair => _contenders.IndexOf(pair.First));
        });
    }

    /// <summary>The runs, in the order asked for.</summary>
    public IReadOnlyList<ReportRun> Runs { get; }

    /// <summary>Their colours and dashes: each run's own, told apart where two are alike.</summary>
    public IReadOnlyList<RunLook> Looks => field ??= RunLook.Apart([.. Runs.Select(run => RunLook.Of(run.Folder))]);

    /// <summary>Which of them the others are compared with.</summary>
    public int BaselineIndex { get; }

    /// <summary>The runs' data; null where they could not be read again, or where the runs have different ones.</summary>
    public SegmentSet? Segments { get; }

    /// <summary>What a reader should know.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>What intervals resample: how many people or segments.</summary>
    public (int Units, bool ByGroup) Resampled => _comparisons.Resampled(_contenders[BaselineIndex]);

    /// <summary>Whether people are resampled and are too few for intervals.</summary>
    public bool TooFewGroups => Resampled is { ByGroup: true, Units: < PairComparison.FewestGroups };

    /// <summary>Compares runs.</summary>
    /// <param name="folders">Folders of 2 to 12 completed runs; others among them (still at work, or pre-training) are left out and said in <see cref="Notes"/>.</param>
    /// <param name="baseline">Id of the run that the others are compared with; the first where null or unknown.</param>
    /// <param name="resamples">Bootstrap resamples.</param>
    /// <exception cref="UserInputException">There are too few or too many, or files of a run are damaged.</exception>
    public static RunComparison Of(IReadOnlyList<RunFolder> folders, string? baseline, int resamples = Bootstrap.DefaultResamples)
    {
        ArgumentNullException.ThrowIfNull(folders);
        var left = folders.Select(folder => (Folder: folder, Why: ReportRun.WhyNot(folder))).Where(pair => pair.Why is not null).ToList();
        var kept = folders.Except(left.Select(pair => pair.Folder)).ToList();
        var notes = left.Select(pair => pair.Why!).ToList();
        if (kept.Count is < 2 or > MostRuns)
            throw new UserInputException($"A comparison needs 2 to {MostRuns} completed runs; {kept.Count} {(kept.Count == 1 ? "is" : "are")} named.{string.Concat(notes.Select(note => " " + note))}");
        var runs = kept.Select(ReportRun.Read).ToList();
        var at = Math.Max(0, runs.FindIndex(run => run.Folder.Id == baseline));
        RunComparison Without(string note) => new(runs, at, null, [.. notes, note], resamples);
        if (runs.Select(run => run.Recipe.Data.Hash).Distinct().Count() > 1)
            return Without("These runs were trained on different data sets: their metrics stand side by side, but runs with other test rows than the baseline cannot be compared pair by pair.");
        try
        {
            var data = runs[0].Recipe.Data;
            var segments = SegmentSource.Load(data.Path ?? "", data.Groups).Segments;
            return data.Hash is { } hash && segments.Hash != hash
                ? Without("The data set has changed since these runs, so people are not known and segments cannot be shown.")
                : new RunComparison(runs, at, data.SamplingRateHz is { } rate ? segments.WithSamplingRate(rate) : segments, notes, resamples);
        }
        catch (UserInputException)
        {
            return Without("The data set is no longer where these runs found it, so people are not known and segments cannot be shown.");
        }
    }

    /// <summary>The 95 % interval of a run's metric; null where it is not defined or would mislead.</summary>
    /// <param name="run">Number of the run.</param>
    /// <param name="metric">The metric.</param>
    public Interval? IntervalOf(int run, Metric metric) => TooFewGroups ? null : _intervals[run][metric];

    /// <summary>A run against the baseline; null for the baseline itself and where the test rows differ.</summary>
    /// <param name="run">Number of the run.</param>
    /// <param name="metric">The metric.</param>
    public PairComparison? Against(int run, Metric metric) => _differences[metric].GetValueOrDefault(run);

    /// <summary>What the tests say of each run against the baseline, by AUROC; last and in one sentence, which runs cannot be tested against it.</summary>
    public IEnumerable<string> Verdicts()
    {
        var others = Enumerable.Range(0, Runs.Count).Where(i => i != BaselineIndex).ToLookup(i => Against(i, Metric.Auroc) is not null);
        foreach (var run in others[true]) yield return Against(run, Metric.Auroc)!.Verdict;
        string[] apart = [.. others[false].Select(run => Runs[run].Name)];
        if (apart.Length == 0) yield break;
        yield return apart is [var one]
            ? $"{one} was tested on other rows than {Runs[BaselineIndex].Name}, so the two cannot be compared pair by pair."
            : $"{string.Join(", ", apart[..^1])} and {apart[^1]} were tested on other rows than {Runs[BaselineIndex].Name}, so none of them can be compared with it pair by pair.";
    }

    /// <summary>Which test segments two runs call alike and which not; null where their test rows differ.</summary>
    /// <param name="first">Number of one run.</param>
    /// <param name="second">Number of the other.</param>
    public Agreement? AgreementOf(int first, int second)
    {
        var (a, b) = (Runs[first].Predictions.Test, Runs[second].Predictions.Test);
        if (!a.SameSegments(b)) return null;
        var (s, t) = (Runs[first].Metrics.Test.Threshold, Runs[second].Metrics.Test.Threshold);
        var segments = Enumerable.Range(0, a.Count)
            .Select(i => new AgreementSegment(a.Rows[i], a.Labels[i], a.Probabilities[i], b.Probabilities[i], a.Probabilities[i] >= s == (a.Labels[i] == 1), b.Probabilities[i] >= t == (b.Labels[i] == 1))).ToList();
        return new Agreement(
            segments.Count(x => x.FirstRight && x.SecondRight), [.. Apart(segments.Where(x => x.FirstRight && !x.SecondRight))], [.. Apart(segments.Where(x => !x.FirstRight && x.SecondRight))], segments.Count(x => !x.FirstRight && !x.SecondRight));
    }

    private static IOrderedEnumerable<AgreementSegment> Apart(IEnumerable<AgreementSegment> segments) => segments.OrderByDescending(x => Math.Abs(x.FirstProbability - x.SecondProbability));
}

/// <summary>What two runs make of the same test segments, each at its threshold.</summary>
/// <param name="BothRight">Segments that both call rightly.</param>
/// <param name="OnlyFirst">Segments that only the first calls rightly, the most different probabilities first.</param>
/// <param name="OnlySecond">Segments that only the second calls rightly, the most different probabilities first.</param>
/// <param name="BothWrong">Segments that both call wrongly.</param>
public sealed record Agreement(int BothRight, IReadOnlyList<AgreementSegment> OnlyFirst, IReadOnlyList<AgreementSegment> OnlySecond, int BothWrong);

/// <summary>A test segment as two runs see it.</summary>
/// <param name="Row">Row in the data set, from 0.</param>
/// <param name="Label">Its label.</param>
/// <param name="FirstProbability">Probability of label 1 by the first run.</param>
/// <param name="SecondProbability">Probability of label 1 by the second run.</param>
/// <param name="FirstRight">Whether the first calls it rightly.</param>
/// <param name="SecondRight">Whether the second calls it rightly.</param>
public sealed record AgreementSegment(int Row, byte Label, double FirstProbability, double SecondProbability, bool FirstRight, bool SecondRight);

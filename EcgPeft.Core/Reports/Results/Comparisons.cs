using System.Collections.Concurrent;
using EcgPeft.Core.Evaluation;

namespace EcgPeft.Core.Reports.Results;

/// <summary>Intervals and paired comparisons of contenders; resamples are drawn once for each set of repetitions and shared, so that differences are paired.</summary>
/// <param name="groups">Group of each row of the data set, or null.</param>
/// <param name="resamples">How many.</param>
public sealed class Comparisons(IReadOnlyList<string>? groups, int resamples = Bootstrap.DefaultResamples)
{
    /// <summary>How many resamples.</summary>
    public int Resamples => resamples;

    private readonly ConcurrentDictionary<string, Bootstrap> _bootstraps = new();
    private readonly ConcurrentDictionary<(Contender, string), IReadOnlyDictionary<Metric, double?[]>> _values = new();

    /// <summary>The 95 % interval of a contender's mean of each metric of the test split.</summary>
    /// <param name="contender">The contender.</param>
    public IReadOnlyDictionary<Metric, Interval?> Intervals(Contender contender)
    {
        ArgumentNullException.ThrowIfNull(contender);
        return Values(contender, contender.Trials).ToDictionary(pair => pair.Key, pair => Interval.Of(pair.Value));
    }

    /// <summary>What the intervals of a contender resample.</summary>
    /// <param name="contender">The contender.</param>
    public (int Units, bool ByGroup) Resampled(Contender contender)
    {
        ArgumentNullException.ThrowIfNull(contender);
        var bootstrap = BootstrapOf(contender.Trials);
        return (bootstrap.Units, bootstrap.ByGroup);
    }

    /// <summary>Compares pairs of contenders, with Holm's correction over all of them.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="metric">What is compared.</param>
    /// <returns>One comparison for each pair that has a repetition with the same test rows in common.</returns>
    public IReadOnlyList<PairComparison> Compare(IEnumerable<(Contender First, Contender Second)> pairs, Metric metric)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var raw = pairs.Select(pair => One(pair.First, pair.Second, metric)).OfType<PairComparison>().ToList();
        var adjusted = Holm.Adjust([.. raw.Select(comparison => comparison.P)]);
        return [.. raw.Select((comparison, i) => comparison with { AdjustedP = adjusted[i] })];
    }

    /// <summary>
    /// Means over several pairs of first minus second, for example LoRA minus adapter over all models, with Holm's correction over those that are told together; null
    /// for pairs that do not share their repetitions, or of which one does not define the metric.
    /// </summary>
    /// <param name="groups">Each the comparisons of one metric that one mean is over.</param>
    public IReadOnlyList<AverageComparison?> Averages(IReadOnlyList<IReadOnlyList<PairComparison>> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        var raw = groups.Select(Average).ToList();
        var adjusted = Holm.Adjust([.. raw.Select(average => average?.P)]);
        return [.. raw.Select((average, i) => average is null ? null : average with { AdjustedP = adjusted[i], Together = adjusted.Count(p => p is not null) })];
    }

    private AverageComparison? Average(IReadOnlyList<PairComparison> pairs)
    {
        if (pairs.Count < 2 || pairs.Any(pair => pair.Difference is null) || pairs.Select(pair => string.Join('|', pair.Repeats.Select(r => r.Repeat))).Distinct().Count() > 1) return null;
        var differences = pairs.Select(pair => Differences(pair.First, pair.Second, pair.Repeats, pair.Metric)).ToList();
        var means = Enumerable.Range(0, resamples).Select(i => differences.All(d => d[i] is not null) ? differences.Average(d => d[i]) : null).ToList();
        var difference = pairs.Average(pair => pair.Difference!.Value);
        var sameWay = Enumerable.Range(0, pairs[0].Repeats.Count).Count(at => Math.Sign(pairs.Average(pair => pair.Repeats[at].Difference!.Value)) == Math.Sign(difference));
        return new AverageComparison(pairs, difference, Interval.Of(means), Bootstrap.PValue(means), null, 1, sameWay);
    }

    private PairComparison? One(Contender first, Contender second, Metric metric)
    {
        var repeats = new List<RepeatComparison>();
        foreach (var a in first.Trials)
        {
            // The same rows of other data are other segments.
            if (second.Trials.FirstOrDefault(trial => trial.Repeat == a.Repeat) is not { } b || !a.Test.SameSegments(b.Test) || (a.Run is not null && b.Run is not null && a.Run.Recipe.Data.Hash != b.Run.Recipe.Data.Hash)) continue;
            repeats.Add(new RepeatComparison(
                a.Repeat, metric.Of(a.TestMetrics) - metric.Of(b.TestMetrics),
                McNemarTest.Compute(a.Test.Labels, a.Test.Probabilities, b.Test.Probabilities, a.Threshold, b.Threshold), DeLongTest.Compute(a.Test.Labels, a.Test.Probabilities, b.Test.Probabilities)));
        }
        if (repeats.Count == 0) return null;
        var bootstrap = BootstrapOf(Common(first, repeats));
        var differences = Differences(first, second, repeats, metric);
        var mean = repeats.Any(repeat => repeat.Difference is null) ? null : repeats.Average(repeat => repeat.Difference);
        return new PairComparison(first, second, metric, repeats, mean, Interval.Of(differences), Bootstrap.PValue(differences), null, bootstrap.ByGroup, bootstrap.Units);
    }

    private double?[] Differences(Contender first, Contender second, IReadOnlyList<RepeatComparison> repeats, Metric metric) =>
        Bootstrap.Differences(Values(first, Common(first, repeats))[metric], Values(second, Common(second, repeats))[metric]);

    private static List<Trial> Common(Contender contender, IReadOnlyList<RepeatComparison> repeats) =>
        [.. repeats.Select(repeat => contender.Trials.First(trial => trial.Repeat == repeat.Repeat))];

    private IReadOnlyDictionary<Metric, double?[]> Values(Contender contender, IReadOnlyList<Trial> trials) =>
        _values.GetOrAdd((contender, Key(trials)), _ => BootstrapOf(trials).Values([.. trials.Select(trial => trial.TestResult)]));

    private Bootstrap BootstrapOf(IReadOnlyList<Trial> trials) =>
        _bootstraps.GetOrAdd(Key(trials), _ => new Bootstrap([.. trials.Select(trial => trial.Test.Rows)], groups, resamples));

    // The rows belong to it: runs on another split of the same seed are another draw.
    private static string Key(IReadOnlyList<Trial> trials)
    {
        var hash = new HashCode();
        foreach (var trial in trials) hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(trial.Test.Rows.AsSpan()));
        return string.Join('|', trials.Select(trial => trial.Repeat)) + "#" + hash.ToHashCode();
    }
}

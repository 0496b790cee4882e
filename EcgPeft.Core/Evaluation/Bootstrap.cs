namespace EcgPeft.Core.Evaluation;

/// <summary>One classifier on one test split, as resampling needs it.</summary>
/// <param name="Predictions">What it said.</param>
/// <param name="Threshold">From which probability it calls a segment positive.</param>
public sealed record SplitResult(Predictions Predictions, double Threshold);

/// <summary>
/// Bootstrap over test splits (Efron 1979; by whole groups as Field and Welsh 2007). Every classifier is measured on the same resamples, so
/// a difference of two is the difference of their values resample by resample (paired bootstrap).
/// </summary>
/// <remarks>
/// What is drawn with replacement are groups (people) where they are known, because segments of one person are not independent, else
/// segments. One draw holds for all splits (seeds), since the same person may be tested in several; where there are several seeds, the seeds are
/// drawn with replacement as well. A value is the mean over the drawn seeds that define it.
/// </remarks>
public sealed class Bootstrap
{
    /// <summary>Resamples, unless said otherwise.</summary>
    public const int DefaultResamples = 2000;

    private readonly int[][] _unitOf; // [split][position in the split] -> unit
    private readonly int _units;
    private readonly int _seed;

    /// <summary>Prepares the draws.</summary>
    /// <param name="splits">For each test split (seed), the row numbers of its segments.</param>
    /// <param name="groupOf">Group of each row of the data set, or null to draw segments.</param>
    /// <param name="resamples">How many.</param>
    /// <param name="seed">The same seed gives the same draws.</param>
    public Bootstrap(IReadOnlyList<int[]> splits, IReadOnlyList<string>? groupOf, int resamples = DefaultResamples, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(splits);
        var units = new Dictionary<string, int>(StringComparer.Ordinal);
        _unitOf = [.. splits.Select(rows => rows.Select(row =>
        {
            var key = groupOf is null ? row.ToString(System.Globalization.CultureInfo.InvariantCulture) : groupOf[row];
            if (!units.TryGetValue(key, out var unit)) units.Add(key, unit = units.Count);
            return unit;
        }).ToArray())];
        _units = units.Count;
        (Resamples, _seed, ByGroup) = (resamples, seed, groupOf is not null);
    }

    /// <summary>How many resamples.</summary>
    public int Resamples { get; }

    /// <summary>What is drawn: different groups, or segments.</summary>
    public int Units => _units;

    /// <summary>Whether groups are drawn.</summary>
    public bool ByGroup { get; }

    /// <summary>One resample: which splits (by number, with repetition), and in each split which segments (by position, with repetition).</summary>
    /// <param name="number">Number of the resample, from 0.</param>
    public (int[] Splits, int[][] Segments) Draw(int number)
    {
        var times = new int[_units];
        var splits = Draw(number, times);
        return (splits, [.. _unitOf.Select(units => units.SelectMany((unit, position) => Enumerable.Repeat(position, times[unit])).ToArray())]);
    }

    /// <summary>The value of each metric in each resample.</summary>
    /// <param name="results">One classifier's result on each split, in the order of the splits.</param>
    /// <returns>For each metric one value a resample; null where no drawn split defines it.</returns>
    public IReadOnlyDictionary<Metric, double?[]> Values(IReadOnlyList<SplitResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        if (results.Count != _unitOf.Length) throw new ArgumentException($"{results.Count} results do not belong to {_unitOf.Length} splits.", nameof(results));
        var ranked = results.Select((result, split) => new RankedSplit(result, _unitOf[split])).ToArray();
        var values = Metric.All.Select(_ => new double?[Resamples]).ToArray();
        Parallel.For(0, Resamples, () => new int[_units], (number, _, times) =>
        {
            Array.Clear(times);
            var splits = Draw(number, times);
            var metrics = Array.ConvertAll(ranked, split => split.Metrics(times));
            for (var at = 0; at < values.Length; at++)
            {
                var (sum, known) = (0.0, 0);
                foreach (var split in splits)
                    if (metrics[split] is { } drawn && Metric.All[at].Of(drawn) is { } value) (sum, known) = (sum + value, known + 1);
                values[at][number] = known == 0 ? null : sum / known;
            }
            return times;
        }, _ => { });
        return Metric.All.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    /// <summary>Resample by resample the second subtracted from the first.</summary>
    /// <param name="first">Values of one classifier.</param>
    /// <param name="second">Values of another on the same resamples.</param>
    public static double?[] Differences(IReadOnlyList<double?> first, IReadOnlyList<double?> second) => [.. first.Zip(second, (a, b) => a - b)];

    /// <summary>Two-sided p-value of a difference: twice the share of resamples on the rarer side of 0, counting one more (Davison and Hinkley 1997).</summary>
    /// <param name="differences">One difference a resample.</param>
    /// <returns>The p-value, or null where fewer than half of the resamples define the difference.</returns>
    public static double? PValue(IReadOnlyList<double?> differences)
    {
        ArgumentNullException.ThrowIfNull(differences);
        var known = differences.OfType<double>().ToList();
        if (known.Count == 0 || known.Count * 2 < differences.Count) return null;
        return Math.Min(1, 2.0 * (1 + Math.Min(known.Count(d => d <= 0), known.Count(d => d >= 0))) / (known.Count + 1));
    }

    /// <summary>Adds up how often each unit is drawn; which splits are drawn.</summary>
    private int[] Draw(int number, int[] times)
    {
        var random = new Random(unchecked(_seed * 1_000_003 + number));
        var splits = new int[_unitOf.Length];
        for (var i = 0; i < splits.Length; i++) splits[i] = random.Next(splits.Length);
        for (var i = 0; i < _units; i++) times[random.Next(_units)]++;
        return splits;
    }
}

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

    private readonly int[][][] _segmentsOfUnit; // [split][unit] -> positions in the split
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
        var unitOf = splits.Select(rows => rows.Select(row =>
        {
            var key = groupOf is null ? row.ToString(System.Globalization.CultureInfo.InvariantCulture) : groupOf[row];
            if (!units.TryGetValue(key, out var unit)) units.Add(key, unit = units.Count);
            return unit;
        }).ToArray()).ToList();
        _units = units.Count;
        _segmentsOfUnit = [.. unitOf.Select(of =>
        {
            var positions = Enumerable.Range(0, _units).Select(_ => new List<int>()).ToArray();
            for (var i = 0; i < of.Length; i++) positions[of[i]].Add(i);
            return positions.Select(p => p.ToArray()).ToArray();
        })];
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
        var random = new Random(unchecked(_seed * 1_000_003 + number));
        var splits = Enumerable.Range(0, _segmentsOfUnit.Length).Select(_ => random.Next(_segmentsOfUnit.Length)).ToArray();
        var times = new int[_units];
        for (var i = 0; i < _units; i++) times[random.Next(_units)]++;
        return (splits, [.. _segmentsOfUnit.Select(segments => Repeat(segments, times))]);
    }

    /// <summary>The value of each metric in each resample.</summary>
    /// <param name="results">One classifier's result on each split, in the order of the splits.</param>
    /// <returns>For each metric one value a resample; null where no drawn split defines it.</returns>
    public IReadOnlyDictionary<Metric, double?[]> Values(IReadOnlyList<SplitResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        if (results.Count != _segmentsOfUnit.Length) throw new ArgumentException($"{results.Count} results do not belong to {_segmentsOfUnit.Length} splits.", nameof(results));
        var values = Metric.All.ToDictionary(metric => metric, _ => new double?[Resamples]);
        Parallel.For(0, Resamples, number =>
        {
            var (splits, segments) = Draw(number);
            var metrics = results.Select((result, split) => segments[split].Length == 0 ? null : result.Predictions.At(segments[split]).Metrics(result.Threshold)).ToArray();
            foreach (var metric in Metric.All)
            {
                var known = splits.Select(split => metrics[split] is { } m ? metric.Of(m) : null).OfType<double>().ToList();
                values[metric][number] = known.Count == 0 ? null : known.Average();
            }
        });
        return values;
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

    private static int[] Repeat(int[][] segmentsOfUnit, int[] times)
    {
        var drawn = new List<int>();
        for (var unit = 0; unit < times.Length; unit++)
            for (var k = 0; k < times[unit]; k++) drawn.AddRange(segmentsOfUnit[unit]);
        return [.. drawn];
    }
}

namespace EcgPeft.Core.Ecg.Import;

/// <summary>The range of a data set's values, and what unit they may have.</summary>
/// <param name="Lowest">Lowest value.</param>
/// <param name="Highest">Highest value.</param>
/// <param name="TypicalSwing">Median over segments of highest minus lowest value.</param>
/// <param name="WholeNumbers">Whether every value is a whole number.</param>
/// <param name="Unit">A guess: <c>mV</c>, <c>µV</c>, <c>V</c>, <c>converter steps</c>, <c>z-scores</c> or <c>unknown</c>.</param>
public sealed record ValueSummary(float Lowest, float Highest, float TypicalSwing, bool WholeNumbers, string Unit)
{
    /// <summary>Looks at all values.</summary>
    /// <param name="set">The segments.</param>
    public static ValueSummary Of(SegmentSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var (low, high, whole, normal) = (new float[set.Count], new float[set.Count], new bool[set.Count], new bool[set.Count]);
        Parallel.For(0, set.Count, i =>
        {
            var segment = set.Segment(i);
            var (least, most, integer) = (segment[0], segment[0], true);
            double sum = 0, squares = 0;
            foreach (var value in segment)
            {
                least = Math.Min(least, value);
                most = Math.Max(most, value);
                integer &= value == MathF.Truncate(value);
                sum += value;
                squares += (double)value * value;
            }
            var mean = sum / segment.Length;
            (low[i], high[i], whole[i]) = (least, most, integer);
            normal[i] = Math.Abs(mean) < 1e-3 && Math.Abs(squares / segment.Length - mean * mean - 1) < 0.02;
        });
        var swings = low.Zip(high, (a, b) => b - a).Order().ToArray();
        var swing = swings[swings.Length / 2];
        var integers = !whole.Contains(false);
        return new ValueSummary(low.Min(), high.Max(), swing, integers, Guess(swing, integers, normal.Count(n => n) > 0.9 * set.Count));
    }

    // A beat of a surface ECG swings by 0.2 to 10 mV.
    private static string Guess(float swing, bool integers, bool normal) =>
        normal ? "z-scores"
        : swing is >= 0.1f and <= 20 && !integers ? "mV"
        : integers && swing >= 5 ? (swing > 100_000 ? "unknown" : "converter steps")
        : swing is > 100 and <= 20_000 ? "µV"
        : swing is >= 0.0001f and <= 0.02f ? "V"
        : "unknown";
}

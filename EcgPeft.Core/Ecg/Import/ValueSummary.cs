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
        return Of(SegmentTraits.Of(set));
    }

    /// <summary>Sums up what one look at each segment showed.</summary>
    internal static ValueSummary Of(IReadOnlyList<SegmentTraits> traits)
    {
        var swings = traits.Select(t => Math.Min(t.Highest - t.Lowest, float.MaxValue)).Order().ToArray();
        var swing = swings[swings.Length / 2];
        var integers = traits.All(t => t.WholeNumbers);
        return new ValueSummary(traits.Min(t => t.Lowest), traits.Max(t => t.Highest), swing, integers, Guess(swing, integers, traits.Count(t => t.Normalised) > 0.9 * traits.Count));
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

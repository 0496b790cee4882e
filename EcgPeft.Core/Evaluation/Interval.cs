namespace EcgPeft.Core.Evaluation;

/// <summary>An interval around a value.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public sealed record Interval(double Low, double High)
{
    /// <summary>Share of the distribution that intervals hold.</summary>
    public const double Coverage = 0.95;

    /// <summary>Whether 0 lies outside.</summary>
    public bool LeavesOutZero => Low > 0 || High < 0;

    /// <summary>The middle 95 % of resampled values (percentile method; linear interpolation between order statistics, as NumPy's default).</summary>
    /// <param name="values">One value a resample; those that a resample does not define are left out.</param>
    /// <returns>The interval, or null where fewer than half of the resamples define the value.</returns>
    public static Interval? Of(IReadOnlyList<double?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var known = values.OfType<double>().Order().ToArray();
        if (known.Length == 0 || known.Length * 2 < values.Count) return null;
        return new Interval(At(known, (1 - Coverage) / 2), At(known, (1 + Coverage) / 2));
    }

    private static double At(double[] sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}

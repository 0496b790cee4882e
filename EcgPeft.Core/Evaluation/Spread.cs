namespace EcgPeft.Core.Evaluation;

/// <summary>Mean and spread of a value over repetitions.</summary>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Sample standard deviation; null for a lone value, which has no spread.</param>
/// <param name="Count">How many.</param>
public readonly record struct Spread(double Mean, double? Deviation, int Count)
{
    /// <summary>Of some values; null for none.</summary>
    /// <param name="values">The values; NaN and infinities are left out.</param>
    public static Spread? Of(IEnumerable<double> values)
    {
        var known = values.Where(double.IsFinite).ToList();
        if (known.Count == 0) return null;
        var mean = known.Average();
        return new Spread(mean, known.Count < 2 ? null : Math.Sqrt(known.Sum(value => (value - mean) * (value - mean)) / (known.Count - 1)), known.Count);
    }

    /// <summary>For people: 0.847 ± 0.012, a lone value without a spread.</summary>
    /// <param name="format">How a number is written.</param>
    public string Text(Func<double, string> format)
    {
        ArgumentNullException.ThrowIfNull(format);
        return Deviation is { } deviation ? $"{format(Mean)} ± {format(deviation)}" : format(Mean);
    }
}

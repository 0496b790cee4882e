namespace EcgPeft.Core.Evaluation;

/// <summary>Correction of p-values where several comparisons are made at once (Holm 1979).</summary>
public static class Holm
{
    /// <summary>The adjusted p-values, in the order given; null stays null and does not count as a comparison.</summary>
    /// <param name="pValues">p-values of all comparisons.</param>
    public static IReadOnlyList<double?> Adjust(IReadOnlyList<double?> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        var adjusted = new double?[pValues.Count];
        var order = Enumerable.Range(0, pValues.Count).Where(i => pValues[i] is not null).OrderBy(i => pValues[i]).ToList();
        var largest = 0.0;
        for (var k = 0; k < order.Count; k++)
        {
            largest = Math.Max(largest, Math.Min(1, (order.Count - k) * pValues[order[k]]!.Value));
            adjusted[order[k]] = largest;
        }
        return adjusted;
    }
}

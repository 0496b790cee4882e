using System.Globalization;
using System.Text;

namespace EcgPeft.Web.Components.Charts;

/// <summary>Columns of one strength and sign as one path.</summary>
/// <param name="Class">Style: <c>toward-1</c> or <c>toward-0</c>.</param>
/// <param name="Opacity">0 to 1.</param>
/// <param name="Path">The columns.</param>
internal sealed record AttributionBand(string Class, double Opacity, string Path);

/// <summary>How much each sample moved a score, as columns behind a trace: orange towards label 1, blue towards label 0, the stronger the fuller.</summary>
internal static class AttributionBands
{
    private const int Levels = 6;

    /// <summary>Averages over a hundredth of the segment, because single samples flicker; for drawing only.</summary>
    /// <param name="values">One value a sample.</param>
    public static float[] Smoothed(IReadOnlyList<float> values)
    {
        var half = values.Count / 200;
        var smoothed = new float[values.Count];
        for (var i = 0; i < values.Count; i++)
        {
            var (from, to) = (Math.Max(0, i - half), Math.Min(values.Count - 1, i + half));
            var sum = 0.0;
            for (var j = from; j <= to; j++) sum += values[j];
            smoothed[i] = (float)(sum / (to - from + 1));
        }
        return smoothed;
    }

    /// <summary>The columns.</summary>
    /// <param name="values">One value a sample.</param>
    /// <param name="x">Pixel of a sample.</param>
    /// <param name="top">Upper end of the columns.</param>
    /// <param name="floor">Their lower end.</param>
    public static IReadOnlyList<AttributionBand> Of(IReadOnlyList<float> values, Func<int, double> x, double top, double floor)
    {
        var strongest = values.Max(Math.Abs);
        if (!(strongest > 0)) return [];
        int Level(int i) => (int)Math.Round(values[i] / strongest * Levels);
        var paths = new SortedDictionary<int, StringBuilder>();
        for (var i = 0; i < values.Count;)
        {
            var (level, end) = (Level(i), i + 1);
            while (end < values.Count && Level(end) == level) end++;
            if (level != 0)
            {
                if (!paths.TryGetValue(level, out var path)) paths.Add(level, path = new StringBuilder());
                var (from, to) = (x(i) - Half(x), x(end - 1) + Half(x));
                path.Append(CultureInfo.InvariantCulture, $"M{from:0.##} {top:0.##}H{to:0.##}V{floor:0.##}H{from:0.##}Z");
            }
            i = end;
        }
        return [.. paths.Select(pair => new AttributionBand(pair.Key > 0 ? "toward-1" : "toward-0", 0.75 * Math.Abs(pair.Key) / Levels, pair.Value.ToString()))];
    }

    private static double Half(Func<int, double> x) => (x(1) - x(0)) / 2;
}

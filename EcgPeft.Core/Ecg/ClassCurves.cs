namespace EcgPeft.Core.Ecg;

/// <summary>Mean and spread of one class's segments, sample by sample.</summary>
/// <param name="Label">0 or 1.</param>
/// <param name="Count">Segments of the class.</param>
/// <param name="Mean">L means, in the input's unit.</param>
/// <param name="Deviation">L population standard deviations.</param>
public sealed record ClassCurve(byte Label, int Count, float[] Mean, float[] Deviation)
{
    /// <summary>The curves of both classes; a class without segments is left out.</summary>
    /// <param name="set">The segments.</param>
    public static IReadOnlyList<ClassCurve> Of(SegmentSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var curves = new List<ClassCurve>();
        for (byte label = 0; label <= 1; label++)
        {
            var (sum, squares, count) = (new double[set.Length], new double[set.Length], 0);
            for (var i = 0; i < set.Count; i++)
            {
                if (set.Labels.Span[i] != label) continue;
                count++;
                var segment = set.Segment(i);
                for (var k = 0; k < segment.Length; k++)
                {
                    sum[k] += segment[k];
                    squares[k] += (double)segment[k] * segment[k];
                }
            }
            if (count == 0) continue;
            var (mean, deviation) = (new float[set.Length], new float[set.Length]);
            for (var k = 0; k < set.Length; k++)
            {
                var m = sum[k] / count;
                (mean[k], deviation[k]) = ((float)m, (float)Math.Sqrt(Math.Max(0, squares[k] / count - m * m)));
            }
            curves.Add(new ClassCurve(label, count, mean, deviation));
        }
        return curves;
    }
}

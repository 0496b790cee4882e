namespace EcgPeft.Core.Ecg;

/// <summary>Normalised waveforms and what was found while computing them.</summary>
/// <param name="Values">N x L samples, row-major.</param>
/// <param name="ConstantRows">Indices (from 0) of flat segments; with <see cref="NormalizationKind.Segment"/> they become zeros.</param>
/// <param name="GlobalMean">Mean over all samples (input's unit), for <see cref="NormalizationKind.Global"/> only.</param>
/// <param name="GlobalStandardDeviation">Population standard deviation over all samples, for <see cref="NormalizationKind.Global"/> only.</param>
public sealed record NormalizedSegments(float[] Values, IReadOnlyList<int> ConstantRows, double? GlobalMean, double? GlobalStandardDeviation);

/// <summary>z-scores with the population standard deviation, computed in double precision.</summary>
public static class Normalization
{
    /// <summary>Normalises all segments into a new array.</summary>
    /// <param name="set">The segments.</param>
    /// <param name="kind">By segment, over the entire set, or not at all.</param>
    public static NormalizedSegments Apply(SegmentSet set, NormalizationKind kind)
    {
        ArgumentNullException.ThrowIfNull(set);
        var input = set.Values.Span;
        var output = GC.AllocateUninitializedArray<float>(input.Length);
        var constant = new List<int>();
        for (var i = 0; i < set.Count; i++)
            if (SegmentChecks.IsConstant(set.Segment(i))) constant.Add(i);

        switch (kind)
        {
            case NormalizationKind.None:
                input.CopyTo(output);
                return new NormalizedSegments(output, constant, null, null);
            case NormalizationKind.Segment:
                foreach (var i in constant) output.AsSpan(i * set.Length, set.Length).Clear();
                var flat = constant.ToHashSet();
                for (var i = 0; i < set.Count; i++)
                {
                    if (flat.Contains(i)) continue;
                    var segment = set.Segment(i);
                    var (mean, deviation) = Moments(segment);
                    Scale(segment, output.AsSpan(i * set.Length, set.Length), mean, deviation);
                }
                return new NormalizedSegments(output, constant, null, null);
            case NormalizationKind.Global:
                var (globalMean, globalDeviation) = Moments(input);
                Scale(input, output, globalMean, globalDeviation);
                return new NormalizedSegments(output, constant, globalMean, globalDeviation);
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of normalisation.");
        }
    }

    private static (double Mean, double Deviation) Moments(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (var v in values) sum += v;
        var mean = sum / values.Length;
        double squares = 0;
        foreach (var v in values) squares += (v - mean) * (v - mean);
        return (mean, Math.Sqrt(squares / values.Length));
    }

    private static void Scale(ReadOnlySpan<float> from, Span<float> to, double mean, double deviation)
    {
        for (var i = 0; i < from.Length; i++) to[i] = deviation > 0 ? (float)((from[i] - mean) / deviation) : 0f;
    }
}

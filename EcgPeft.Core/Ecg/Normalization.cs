using EcgPeft.Core.Ecg.Signal;

namespace EcgPeft.Core.Ecg;

/// <summary>Normalised waveforms and what was found while computing them.</summary>
/// <param name="Values">N x L samples, row-major.</param>
/// <param name="ConstantRows">Indices (from 0) of flat segments; with <see cref="NormalizationKind.Segment"/> they become zeros.</param>
/// <param name="GlobalMean">Mean (input's unit), for the two global kinds only.</param>
/// <param name="GlobalStandardDeviation">Population standard deviation, for the two global kinds only.</param>
public sealed record NormalizedSegments(float[] Values, IReadOnlyList<int> ConstantRows, double? GlobalMean, double? GlobalStandardDeviation);

/// <summary>z-scores with the population standard deviation, computed in double precision.</summary>
public static class Normalization
{
    /// <summary>Normalises all segments into a new array.</summary>
    /// <param name="set">The segments.</param>
    /// <param name="kind">By segment, over the entire set, over the training rows, or not at all.</param>
    /// <param name="trainingRows">Rows of the training split, at least one; needed for <see cref="NormalizationKind.GlobalTraining"/> only.</param>
    /// <exception cref="ArgumentException">The training rows are needed and missing.</exception>
    public static NormalizedSegments Apply(SegmentSet set, NormalizationKind kind, IReadOnlyList<int>? trainingRows = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        var (mean, deviation) = kind switch
        {
            NormalizationKind.Global => Moments(set.Values.Span),
            NormalizationKind.GlobalTraining when trainingRows is { Count: > 0 } => Moments(set, trainingRows),
            NormalizationKind.GlobalTraining => throw new ArgumentException("The training rows are missing.", nameof(trainingRows)),
            _ => (double.NaN, double.NaN),
        };
        var output = GC.AllocateUninitializedArray<float>(set.Values.Length);
        var flat = new bool[set.Count];
        Parallel.For(0, set.Count, i =>
        {
            var segment = set.Segment(i);
            var to = output.AsSpan(i * set.Length, set.Length);
            flat[i] = SegmentChecks.IsConstant(segment);
            if (kind == NormalizationKind.None) segment.CopyTo(to);
            else if (kind != NormalizationKind.Segment) WideSums.Scale(segment, to, mean, deviation);
            else if (flat[i]) to.Clear();
            else
            {
                var (own, spread) = Moments(segment);
                WideSums.Scale(segment, to, own, spread);
            }
        });
        var global = kind is NormalizationKind.Global or NormalizationKind.GlobalTraining;
        return new NormalizedSegments(output, [.. Enumerable.Range(0, set.Count).Where(i => flat[i])], global ? mean : null, global ? deviation : null);
    }

    private static (double Mean, double Deviation) Moments(ReadOnlySpan<float> values)
    {
        var mean = WideSums.Sum(values) / values.Length;
        return (mean, Math.Sqrt(WideSums.Squares(values, mean) / values.Length));
    }

    private static (double Mean, double Deviation) Moments(SegmentSet set, IReadOnlyList<int> rows)
    {
        var count = (double)rows.Count * set.Length;
        var mean = rows.Sum(row => WideSums.Sum(set.Segment(row))) / count;
        return (mean, Math.Sqrt(rows.Sum(row => WideSums.Squares(set.Segment(row), mean)) / count));
    }
}

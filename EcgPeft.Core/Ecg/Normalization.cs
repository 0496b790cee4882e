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
    /// <summary>Normalises all segments into a new array; <see cref="PreparedSegments"/> does the same a batch at a time.</summary>
    /// <param name="set">The segments.</param>
    /// <param name="kind">By segment, over the entire set, over the training rows, or not at all.</param>
    /// <param name="trainingRows">Rows of the training split, at least one; needed for <see cref="NormalizationKind.GlobalTraining"/> only.</param>
    /// <exception cref="ArgumentException">The training rows are needed and missing.</exception>
    public static NormalizedSegments Apply(SegmentSet set, NormalizationKind kind, IReadOnlyList<int>? trainingRows = null)
    {
        var prepared = PreparedSegments.Of(set, new SignalFilters(), kind, trainingRows);
        return new NormalizedSegments(prepared.ReadAll(), [.. Enumerable.Range(0, set.Count).Where(i => SegmentChecks.IsConstant(set.Segment(i)))], prepared.GlobalMean, prepared.GlobalStandardDeviation);
    }

    /// <summary>Normalises one segment; source and destination may be the same.</summary>
    internal static void Row(ReadOnlySpan<float> segment, Span<float> to, NormalizationKind kind, double? mean, double? deviation)
    {
        if (kind == NormalizationKind.None) segment.CopyTo(to);
        else if (kind != NormalizationKind.Segment) WideSums.Scale(segment, to, mean!.Value, deviation!.Value);
        else if (SegmentChecks.IsConstant(segment)) to.Clear();
        else
        {
            var own = WideSums.Sum(segment) / segment.Length;
            WideSums.Scale(segment, to, own, Math.Sqrt(WideSums.Squares(segment, own) / segment.Length));
        }
    }
}

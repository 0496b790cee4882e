using System.Numerics;
using System.Runtime.InteropServices;
using EcgPeft.Core.Ecg.Signal;

namespace EcgPeft.Core.Ecg;

/// <summary>What one look at a segment shows, whatever the other segments are.</summary>
/// <param name="Lowest">Lowest sample.</param>
/// <param name="Highest">Highest sample.</param>
/// <param name="Hash">Of the samples' bits; equal segments have equal ones in this process.</param>
/// <param name="WholeNumbers">Whether every sample is a whole number.</param>
/// <param name="Normalised">Whether mean and deviation are those of a z-score.</param>
/// <param name="Oddity">Flat or clipped.</param>
internal readonly record struct SegmentTraits(float Lowest, float Highest, int Hash, bool WholeNumbers, bool Normalised, SegmentOddity Oddity)
{
    /// <summary>Looks at a segment of at least one sample.</summary>
    public static SegmentTraits Of(ReadOnlySpan<float> segment)
    {
        var (low, high) = Range(segment);
        var hash = default(HashCode);
        hash.AddBytes(MemoryMarshal.AsBytes(segment));
        var oddity = low == high ? SegmentOddity.Constant : SegmentChecks.IsClipped(segment, low, high) ? SegmentOddity.Clipped : SegmentOddity.None;
        return new(low, high, hash.ToHashCode(), AreWhole(segment), AreZScores(segment), oddity);
    }

    /// <summary>Looks at all segments of a set.</summary>
    public static SegmentTraits[] Of(SegmentSet set)
    {
        var traits = new SegmentTraits[set.Count];
        Parallel.For(0, set.Count, i => traits[i] = Of(set.Segment(i)));
        return traits;
    }

    /// <summary>Lowest and highest sample.</summary>
    public static (float Low, float High) Range(ReadOnlySpan<float> segment)
    {
        var blocks = MemoryMarshal.Cast<float, Vector<float>>(segment);
        var (low, high) = (segment[0], segment[0]);
        if (blocks.Length > 0)
        {
            var (lows, highs) = (blocks[0], blocks[0]);
            foreach (var block in blocks[1..]) (lows, highs) = (Vector.Min(lows, block), Vector.Max(highs, block));
            for (var lane = 0; lane < Vector<float>.Count; lane++) (low, high) = (Math.Min(low, lows[lane]), Math.Max(high, highs[lane]));
        }
        foreach (var value in segment[(blocks.Length * Vector<float>.Count)..]) (low, high) = (Math.Min(low, value), Math.Max(high, value));
        return (low, high);
    }

    // The first sample with a fraction ends it.
    private static bool AreWhole(ReadOnlySpan<float> segment)
    {
        foreach (var value in segment)
            if (value != MathF.Truncate(value)) return false;
        return true;
    }

    private static bool AreZScores(ReadOnlySpan<float> segment)
    {
        var mean = WideSums.Sum(segment) / segment.Length;
        return Math.Abs(mean) < 1e-3 && Math.Abs(WideSums.Squares(segment, mean) / segment.Length - 1) < 0.02;
    }
}

using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EcgPeft.Core.Ecg.Signal;

namespace EcgPeft.Core.Ecg;

/// <summary>
/// Segments as unit vectors without mean, so that a correlation is a distance: |u - v|^2 = 2 (1 - r). A segment's block means, scaled to an orthonormal
/// projection, can only come nearer than the vectors themselves. Sorted by one of them and compared by all sixteen, hardly any pair is left whose
/// samples have to be compared; that ends as soon as the distance is too large. Neighbours in the order are looked at together, so that what they are
/// compared with comes from memory once.
/// </summary>
internal sealed class UnitSegments
{
    /// <summary>Others that a segment is compared with sample by sample, those next to it in the order first: all of a set of the assignment's size (65,425).</summary>
    public const int MostCompared = 1 << 16;

    private const int Blocks = 16;
    private const int SamplesAtOnce = 64;
    private const int Together = 32;

    private readonly SegmentSet set;
    private readonly double threshold;
    private readonly float reach;
    private readonly (double Mean, double Norm)[] moments;
    private readonly float[] sketch; // Blocks numbers a segment
    private readonly int[] order;
    private readonly float[] keys; // in the order
    private readonly Vector256<float>[] ordered; // the sketches in the order, two vectors each

    /// <summary>Prepares the segments.</summary>
    /// <param name="set">The segments.</param>
    /// <param name="threshold">Correlation from which two are nearly the same.</param>
    public UnitSegments(SegmentSet set, double threshold)
    {
        (this.set, this.threshold, reach) = (set, threshold, (float)(Math.Sqrt(2 * (1 - threshold)) * 1.001));
        (moments, sketch) = (new (double, double)[set.Count], new float[set.Count * Blocks]);
        Parallel.For(0, set.Count, Sketch);
        var key = Enumerable.Range(0, Blocks).MaxBy(Spread);
        order = [.. Enumerable.Range(0, set.Count).Where(i => moments[i].Norm > 0)];
        keys = [.. order.Select(i => sketch[i * Blocks + key])];
        Array.Sort(keys, order);
        ordered = new Vector256<float>[2 * order.Length];
        for (var at = 0; at < order.Length; at++) MemoryMarshal.Cast<float, Vector256<float>>(sketch.AsSpan(order[at] * Blocks, Blocks)).CopyTo(ordered.AsSpan(2 * at));
    }

    /// <summary>Looks for segments that are nearly the same as one of a lower part.</summary>
    /// <param name="part">The part of each segment; those of part 0 are not looked for.</param>
    /// <param name="cancel">Stops the search.</param>
    /// <returns>For each segment one such, or null; and whether all that may be were compared.</returns>
    public (NearDuplicate?[] Found, bool Complete) Search(byte[] part, CancellationToken cancel)
    {
        var (found, complete) = (new NearDuplicate?[set.Count], true);
        var wanted = Enumerable.Range(0, order.Length).Where(at => part[order[at]] > 0).Chunk(Together).ToArray();
        Parallel.ForEach(wanted, new ParallelOptions { CancellationToken = cancel }, places =>
        {
            if (!Search(places, part, found, cancel)) Volatile.Write(ref complete, false);
        });
        return (found, complete);
    }

    private bool Search(int[] places, byte[] part, NearDuplicate?[] found, CancellationToken cancel)
    {
        var (left, compared, complete) = (places.Length, new int[places.Length], true);
        var (below, above) = (places[places.Length / 2], places[places.Length / 2] + 1);
        while (left > 0)
        {
            var (low, high) = (below >= 0 && keys[places[0]] - keys[below] <= reach, above < order.Length && keys[above] - keys[places[left - 1]] <= reach);
            if (!low && !high) break;
            if (low) Look(below--);
            if (high) Look(above++);
            if ((above & 0xfff) == 0) cancel.ThrowIfCancellationRequested();
        }
        return complete;

        // Those that are settled leave the list.
        void Look(int at)
        {
            var kept = 0;
            for (var i = 0; i < left; i++)
            {
                var (row, other) = (order[places[i]], order[at]);
                var settled = false;
                if (part[other] < part[row] && LooksAlike(places[i], at))
                {
                    found[row] = Compare(row, other);
                    var enough = ++compared[i] >= MostCompared;
                    settled = found[row] is not null || enough;
                    complete &= found[row] is not null || !enough;
                }
                if (settled) continue;
                (places[kept], compared[kept]) = (places[i], compared[i]);
                kept++;
            }
            left = kept;
        }
    }

    private bool LooksAlike(int here, int there)
    {
        var (first, second) = (ordered[2 * here] - ordered[2 * there], ordered[2 * here + 1] - ordered[2 * there + 1]);
        return Vector256.Sum(first * first + second * second) <= reach * reach;
    }

    private NearDuplicate? Compare(int row, int other)
    {
        if (IsFar(row, other)) return null;
        var product = WideSums.Dot(set.Segment(row), set.Segment(other)) - set.Length * moments[row].Mean * moments[other].Mean;
        var correlation = product / (moments[row].Norm * moments[other].Norm);
        return correlation >= threshold ? new NearDuplicate(row, other, Math.Min(1, correlation)) : null;
    }

    // The distance of the unit vectors, summed up until it is too large; in single precision, so what is near the limit is left to the correlation.
    private bool IsFar(int row, int other)
    {
        var (mine, its) = (moments[row], moments[other]);
        var (left, right) = ((float)(1 / mine.Norm), (float)(1 / its.Norm));
        var shift = (float)(its.Mean / its.Norm - mine.Mean / mine.Norm);
        var a = MemoryMarshal.Cast<float, Vector<float>>(set.Segment(row));
        var b = MemoryMarshal.Cast<float, Vector<float>>(set.Segment(other));
        var (limit, blocksAtOnce) = (reach * reach * 1.02f, SamplesAtOnce / Vector<float>.Count);
        var sum = Vector<float>.Zero;
        for (var i = 0; i < a.Length;)
        {
            for (var end = Math.Min(i + blocksAtOnce, a.Length); i < end; i++)
            {
                var difference = a[i] * left - b[i] * right + new Vector<float>(shift);
                sum += difference * difference;
            }
            if (Vector.Sum(sum) > limit) return true;
        }
        return false;
    }

    private void Sketch(int row)
    {
        var segment = set.Segment(row);
        var mean = WideSums.Sum(segment) / segment.Length;
        var norm = SegmentChecks.IsConstant(segment) ? 0 : Math.Sqrt(WideSums.Squares(segment, mean));
        moments[row] = (mean, norm);
        if (!(norm > 0)) return;
        for (var b = 0; b < Blocks; b++)
        {
            var block = segment[(b * set.Length / Blocks)..((b + 1) * set.Length / Blocks)];
            if (!block.IsEmpty) sketch[row * Blocks + b] = (float)((WideSums.Sum(block) - mean * block.Length) / (norm * Math.Sqrt(block.Length)));
        }
    }

    private double Spread(int block)
    {
        double sum = 0, squares = 0;
        for (var i = 0; i < set.Count; i++)
        {
            double value = sketch[i * Blocks + block];
            sum += value;
            squares += value * value;
        }
        return squares - sum * sum / set.Count;
    }
}

using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EcgPeft.Core.Ecg.Signal;

namespace EcgPeft.Core.Ecg;

/// <summary>Two segments on different sides of a split that are nearly the same.</summary>
/// <param name="Row">Segment of the validation or test split, from 0.</param>
/// <param name="Other">Segment that it resembles.</param>
/// <param name="Correlation">Pearson's correlation of their samples.</param>
public sealed record NearDuplicate(int Row, int Other, double Correlation);

/// <summary>What the leakage check of a split found.</summary>
/// <param name="Threshold">Correlation from which two segments count as nearly the same.</param>
/// <param name="Validation">Validation segments that resemble a training segment.</param>
/// <param name="Test">Test segments that resemble a training or validation segment.</param>
/// <param name="Examples">The first of them, by row.</param>
public sealed record LeakageReport(double Threshold, int Validation, int Test, IReadOnlyList<NearDuplicate> Examples);

/// <summary>
/// Finds segments that are nearly the same, whatever their offset and gain. Each segment becomes a unit vector, so that a correlation is a
/// distance; its block means, scaled to an orthonormal projection, can only come nearer than the vectors themselves. Sorted by one of them and compared by
/// all sixteen, hardly any pair is left whose samples have to be compared.
/// </summary>
public static class NearDuplicates
{
    /// <summary>Correlation from which two segments count as nearly the same: noise of 4.5 % of the signal's amplitude.</summary>
    public const double Threshold = 0.999;

    private const int Blocks = 16;
    private const int MostExamples = 20;

    /// <summary>Looks for validation segments that resemble training segments, and test segments that resemble either. Flat segments are left out.</summary>
    /// <param name="set">The segments.</param>
    /// <param name="split">Their division.</param>
    /// <param name="cancel">Stops the search.</param>
    public static LeakageReport Across(SegmentSet set, DataSplit split, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(split);
        var part = new byte[set.Count];
        foreach (var row in split.Validation) part[row] = 1;
        foreach (var row in split.Test) part[row] = 2;
        var unit = new UnitSegments(set);
        var found = new NearDuplicate?[set.Count];
        Parallel.For(0, set.Count, new ParallelOptions { CancellationToken = cancel }, row =>
        {
            if (part[row] > 0) found[row] = unit.First(row, other => part[other] < part[row]);
        });
        return new LeakageReport(
            Threshold, split.Validation.Count(row => found[row] is not null), split.Test.Count(row => found[row] is not null),
            [.. found.OfType<NearDuplicate>().Take(MostExamples)]);
    }

    private sealed class UnitSegments
    {
        private readonly SegmentSet set;
        private readonly (double Mean, double Norm)[] moments;
        private readonly float[] sketch; // Blocks numbers a segment
        private readonly int[] order;
        private readonly float[] keys;
        private readonly int[] place;
        private readonly float reach = (float)(Math.Sqrt(2 * (1 - Threshold)) * 1.001);

        public UnitSegments(SegmentSet set)
        {
            this.set = set;
            (moments, sketch) = (new (double, double)[set.Count], new float[set.Count * Blocks]);
            Parallel.For(0, set.Count, Sketch);
            var key = Enumerable.Range(0, Blocks).MaxBy(Spread);
            order = [.. Enumerable.Range(0, set.Count).Where(i => moments[i].Norm > 0)];
            keys = [.. order.Select(i => sketch[i * Blocks + key])];
            Array.Sort(keys, order);
            place = new int[set.Count];
            for (var at = 0; at < order.Length; at++) place[order[at]] = at;
        }

        /// <summary>The nearest place first: some segment that resembles this one and is <paramref name="wanted"/>, or null.</summary>
        public NearDuplicate? First(int row, Func<int, bool> wanted)
        {
            if (!(moments[row].Norm > 0)) return null;
            var (at, below, above) = (place[row], place[row] - 1, place[row] + 1);
            while (true)
            {
                var (low, high) = (below >= 0 && keys[at] - keys[below] <= reach, above < order.Length && keys[above] - keys[at] <= reach);
                if (!low && !high) return null;
                if (low && Compare(row, order[below--], wanted) is { } before) return before;
                if (high && Compare(row, order[above++], wanted) is { } after) return after;
            }
        }

        private NearDuplicate? Compare(int row, int other, Func<int, bool> wanted)
        {
            if (!wanted(other)) return null;
            var a = MemoryMarshal.Cast<float, Vector256<float>>(sketch.AsSpan(row * Blocks, Blocks));
            var b = MemoryMarshal.Cast<float, Vector256<float>>(sketch.AsSpan(other * Blocks, Blocks));
            var (first, second) = (a[0] - b[0], a[1] - b[1]);
            if (Vector256.Sum(first * first + second * second) > reach * reach) return null;
            var product = WideSums.Dot(set.Segment(row), set.Segment(other)) - set.Length * moments[row].Mean * moments[other].Mean;
            var correlation = product / (moments[row].Norm * moments[other].Norm);
            return correlation >= Threshold ? new NearDuplicate(row, other, Math.Min(1, correlation)) : null;
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
}

using MathNet.Numerics;

namespace EcgPeft.Core.Evaluation;

/// <summary>
/// DeLong's test of two AUROCs on the same segments (DeLong, DeLong and Clarke-Pearson 1988), which takes segments as independent.
/// </summary>
/// <param name="FirstAuroc">AUROC of the first.</param>
/// <param name="SecondAuroc">AUROC of the second.</param>
/// <param name="FirstVariance">Variance of the first AUROC.</param>
/// <param name="SecondVariance">Variance of the second AUROC.</param>
/// <param name="Covariance">Covariance of the two.</param>
/// <param name="Z">Difference (first minus second) over its standard error; null where that error is 0, so that there is nothing to test.</param>
/// <param name="P">Two-sided p-value; null where <paramref name="Z"/> is.</param>
public sealed record DeLongTest(double FirstAuroc, double SecondAuroc, double FirstVariance, double SecondVariance, double Covariance, double? Z, double? P)
{
    /// <summary>Compares two classifiers.</summary>
    /// <param name="labels">N labels, each 0 or 1.</param>
    /// <param name="first">N probabilities of the first.</param>
    /// <param name="second">N probabilities of the second.</param>
    /// <returns>The test, or null with fewer than two segments of a class, where no variance is defined.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or the arguments are no labels and probabilities.</exception>
    public static DeLongTest? Compute(ReadOnlySpan<byte> labels, ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        Ranking.Check(labels, first);
        Ranking.Check(labels, second);
        var positives = labels.Count((byte)1);
        if (positives < 2 || labels.Length - positives < 2) return null;
        var (a, b) = (Placements.Of(labels, first), Placements.Of(labels, second));
        var variance = (First: JointVariance(a, a), Second: JointVariance(b, b));
        var covariance = JointVariance(a, b);
        var spread = variance.First + variance.Second - 2 * covariance;
        // Where both rank alike, rounding would make a difference of nothing look enormous.
        double? z = spread > 1e-15 ? (a.Auroc - b.Auroc) / Math.Sqrt(spread) : null;
        return new DeLongTest(a.Auroc, b.Auroc, variance.First, variance.Second, covariance, z, z is { } known ? SpecialFunctions.Erfc(Math.Abs(known) / Math.Sqrt(2)) : null);
    }

    private static double JointVariance(Placements a, Placements b) =>
        MeanProduct(a.OfPositives, b.OfPositives, a.Auroc, b.Auroc) / a.OfPositives.Length + MeanProduct(a.OfNegatives, b.OfNegatives, a.Auroc, b.Auroc) / a.OfNegatives.Length;

    private static double MeanProduct(double[] a, double[] b, double meanA, double meanB)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++) sum += (a[i] - meanA) * (b[i] - meanB);
        return sum / (a.Length - 1);
    }

    /// <summary>For each positive the share of negatives it stands above, for each negative the share of positives that stand above it, ties half.</summary>
    private sealed record Placements(double[] OfPositives, double[] OfNegatives, double Auroc)
    {
        public static Placements Of(ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities)
        {
            var count = labels.Length;
            var order = new int[count];
            for (var i = 0; i < count; i++) order[i] = i;
            Array.Sort(probabilities.ToArray(), order);
            var positives = labels.Count((byte)1);
            var negatives = count - positives;
            var placement = new double[count];
            int positivesBelow = 0, negativesBelow = 0;
            for (int start = 0, end; start < count; start = end)
            {
                var tied = 0;
                for (end = start; end < count && probabilities[order[end]] == probabilities[order[start]]; end++) tied += labels[order[end]];
                var tiedNegatives = end - start - tied;
                for (var i = start; i < end; i++)
                    placement[order[i]] = labels[order[i]] == 1 ? (negativesBelow + tiedNegatives / 2.0) / negatives : (positives - positivesBelow - tied / 2.0) / positives;
                positivesBelow += tied;
                negativesBelow += tiedNegatives;
            }
            // In the order of the segments, so that the two classifiers' values stand side by side.
            double[] ofPositives = new double[positives], ofNegatives = new double[negatives];
            int p = 0, n = 0;
            for (var i = 0; i < count; i++)
            {
                if (labels[i] == 1) ofPositives[p++] = placement[i];
                else ofNegatives[n++] = placement[i];
            }
            return new Placements(ofPositives, ofNegatives, ofPositives.Average());
        }
    }
}

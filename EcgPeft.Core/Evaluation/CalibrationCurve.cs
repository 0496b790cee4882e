namespace EcgPeft.Core.Evaluation;

/// <summary>One bin of a calibration curve.</summary>
/// <param name="From">Lower end of the bin, in it.</param>
/// <param name="To">Upper end; in the last bin only.</param>
/// <param name="Count">Segments whose probability lies in the bin.</param>
/// <param name="MeanProbability">Their mean probability; null in an empty bin.</param>
/// <param name="ShareOfPositives">Their share of label 1; null in an empty bin.</param>
public sealed record CalibrationBin(double From, double To, int Count, double? MeanProbability, double? ShareOfPositives);

/// <summary>Calibration (reliability) curve over equal-width bins, the ones of <see cref="BinaryMetrics.Ece"/>.</summary>
public static class CalibrationCurve
{
    /// <summary>Number of bins.</summary>
    public const int Bins = 10;

    /// <summary>The bins of some predictions, empty ones included.</summary>
    /// <param name="labels">N labels, each 0 or 1.</param>
    /// <param name="probabilities">N probabilities of label 1, each in [0, 1].</param>
    /// <exception cref="ArgumentException">The arguments are not such labels and probabilities.</exception>
    public static IReadOnlyList<CalibrationBin> Compute(ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities)
    {
        Ranking.Check(labels, probabilities);
        var (count, sum, positives) = (new int[Bins], new double[Bins], new int[Bins]);
        for (var i = 0; i < labels.Length; i++)
        {
            var bin = Bin(probabilities[i]);
            count[bin]++;
            sum[bin] += probabilities[i];
            positives[bin] += labels[i];
        }
        return [.. Enumerable.Range(0, Bins).Select(b => new CalibrationBin(
            (double)b / Bins, (double)(b + 1) / Bins, count[b], count[b] == 0 ? null : sum[b] / count[b], count[b] == 0 ? null : (double)positives[b] / count[b]))];
    }

    /// <summary>Number of the bin that a probability belongs to.</summary>
    internal static int Bin(double probability) => Math.Min((int)(probability * Bins), Bins - 1);
}

namespace EcgPeft.Core.Evaluation;

/// <summary>
/// Receiver operating characteristic: one point for each different probability, by falling threshold, after the point (0, 0) whose threshold is
/// infinite (scikit-learn's <c>roc_curve</c> with <c>drop_intermediate=False</c>).
/// </summary>
/// <param name="FalsePositiveRates">FP / negatives, rising from 0 to 1.</param>
/// <param name="TruePositiveRates">TP / positives, rising from 0 to 1.</param>
/// <param name="Thresholds">A segment is called positive when its probability is at least this; the first is infinite.</param>
public sealed record RocCurve(IReadOnlyList<double> FalsePositiveRates, IReadOnlyList<double> TruePositiveRates, IReadOnlyList<double> Thresholds)
{
    /// <summary>Computes the curve, or null with one class only.</summary>
    /// <param name="labels">N labels, each 0 or 1.</param>
    /// <param name="probabilities">N probabilities of label 1, each in [0, 1].</param>
    /// <exception cref="ArgumentException">The arguments are not such labels and probabilities.</exception>
    public static RocCurve? Compute(ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities)
    {
        var ranking = new Ranking(labels, probabilities);
        if (ranking.Positives == 0 || ranking.Negatives == 0) return null;
        return new RocCurve(
            [0, .. ranking.Steps.Select(s => (double)s.FalsePositives / ranking.Negatives)],
            [0, .. ranking.Steps.Select(s => (double)s.TruePositives / ranking.Positives)],
            [double.PositiveInfinity, .. ranking.Steps.Select(s => s.Threshold)]);
    }
}

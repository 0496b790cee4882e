namespace EcgPeft.Core.Evaluation;

/// <summary>
/// Precision and recall: one point for each different probability, by rising threshold, and at the end the point (precision 1, recall 0)
/// that has no threshold (scikit-learn's <c>precision_recall_curve</c>).
/// </summary>
/// <param name="Precisions">TP / (TP + FP); one more than thresholds.</param>
/// <param name="Recalls">TP / positives, falling from 1 to 0; one more than thresholds.</param>
/// <param name="Thresholds">A segment is called positive when its probability is at least this.</param>
public sealed record PrecisionRecallCurve(IReadOnlyList<double> Precisions, IReadOnlyList<double> Recalls, IReadOnlyList<double> Thresholds)
{
    /// <summary>Computes the curve, or null without a positive segment.</summary>
    /// <param name="labels">N labels, each 0 or 1.</param>
    /// <param name="probabilities">N probabilities of label 1, each in [0, 1].</param>
    /// <exception cref="ArgumentException">The arguments are not such labels and probabilities.</exception>
    public static PrecisionRecallCurve? Compute(ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities)
    {
        var ranking = new Ranking(labels, probabilities);
        if (ranking.Positives == 0) return null;
        var rising = ranking.Steps.Reverse().ToList();
        return new PrecisionRecallCurve(
            [.. rising.Select(s => (double)s.TruePositives / (s.TruePositives + s.FalsePositives)), 1],
            [.. rising.Select(s => (double)s.TruePositives / ranking.Positives), 0],
            [.. rising.Select(s => s.Threshold)]);
    }
}

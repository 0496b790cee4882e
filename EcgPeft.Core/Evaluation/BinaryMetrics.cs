namespace EcgPeft.Core.Evaluation;

/// <summary>
/// What a binary classifier achieved on one split. Names and definitions follow scikit-learn 1.4; a value that the data does
/// not define (AUROC with one class only) is null, never a misleading 0.
/// </summary>
public sealed record BinaryMetrics
{
    /// <summary>Number of segments.</summary>
    public required int Count { get; init; }

    /// <summary>Number of segments with label 1.</summary>
    public required int Positives { get; init; }

    /// <summary>A segment is called positive when its probability is at least this.</summary>
    public required double Threshold { get; init; }

    /// <summary>Share of segments called rightly.</summary>
    public required double Accuracy { get; init; }

    /// <summary>TP / (TP + FP); 0 where nothing was called positive.</summary>
    public required double Precision { get; init; }

    /// <summary>TP / (TP + FN), also called sensitivity; 0 where there is no positive segment.</summary>
    public required double Recall { get; init; }

    /// <summary>Harmonic mean of precision and recall; 0 where both are 0.</summary>
    public required double F1 { get; init; }

    /// <summary>TN / (TN + FP); 0 where there is no negative segment.</summary>
    public required double Specificity { get; init; }

    /// <summary>Mean of recall and specificity; null with one class only.</summary>
    public double? BalancedAccuracy { get; init; }

    /// <summary>Matthews correlation coefficient; 0 where a margin of the confusion matrix is empty.</summary>
    public required double Mcc { get; init; }

    /// <summary>Area under the ROC curve, ties counted half; null with one class only.</summary>
    public double? Auroc { get; init; }

    /// <summary>Average precision (area under the precision-recall steps); null without a positive segment.</summary>
    public double? AveragePrecision { get; init; }

    /// <summary>Mean squared difference between probability and label.</summary>
    public required double Brier { get; init; }

    /// <summary>Mean negative log likelihood, probabilities clipped to [1e-15, 1 - 1e-15].</summary>
    public required double LogLoss { get; init; }

    /// <summary>Expected calibration error over 10 equal-width bins, the last one closed.</summary>
    public required double Ece { get; init; }

    /// <summary>Confusion matrix: label 1 called 1.</summary>
    public required int TruePositives { get; init; }

    /// <summary>Confusion matrix: label 0 called 1.</summary>
    public required int FalsePositives { get; init; }

    /// <summary>Confusion matrix: label 0 called 0.</summary>
    public required int TrueNegatives { get; init; }

    /// <summary>Confusion matrix: label 1 called 0.</summary>
    public required int FalseNegatives { get; init; }

    /// <summary>Compares probabilities with labels.</summary>
    /// <param name="labels">N labels, each 0 or 1.</param>
    /// <param name="probabilities">N probabilities of label 1, each in [0, 1].</param>
    /// <param name="threshold">A segment is called positive when its probability is at least this.</param>
    /// <exception cref="ArgumentException">There is no segment, the lengths differ, a label is neither 0 nor 1, or a probability lies outside [0, 1].</exception>
    public static BinaryMetrics Compute(ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities, double threshold = 0.5) =>
        BinaryMetricsCalculator.Compute(labels, probabilities, threshold);
}

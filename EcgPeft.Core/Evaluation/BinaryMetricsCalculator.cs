namespace EcgPeft.Core.Evaluation;

/// <summary>The formulas behind <see cref="BinaryMetrics"/>.</summary>
internal static class BinaryMetricsCalculator
{
    private const double Clip = 1e-15;

    public static BinaryMetrics Compute(ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities, double threshold)
    {
        var ranking = new Ranking(labels, probabilities);
        double tp = 0, fp = 0, tn = 0, fn = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var called = probabilities[i] >= threshold;
            if (labels[i] == 1)
            {
                if (called) tp++;
                else fn++;
            }
            else if (called) fp++;
            else tn++;
        }
        return Of(threshold, tp, fp, tn, fn, Auroc(ranking), AveragePrecision(ranking), Brier(labels, probabilities), LogLoss(labels, probabilities), Ece(labels, probabilities));
    }

    /// <summary>What follows from the counts at the threshold, beside what was computed otherwise.</summary>
    public static BinaryMetrics Of(double threshold, double tp, double fp, double tn, double fn, double? auroc, double? averagePrecision, double brier, double logLoss, double ece)
    {
        var (precision, recall, specificity) = (Ratio(tp, tp + fp), Ratio(tp, tp + fn), Ratio(tn, tn + fp));
        return new BinaryMetrics
        {
            Count = (int)(tp + fp + tn + fn),
            Positives = (int)(tp + fn),
            Threshold = threshold,
            Accuracy = (tp + tn) / (tp + fp + tn + fn),
            Precision = precision,
            Recall = recall,
            F1 = Ratio(2 * tp, 2 * tp + fp + fn),
            Specificity = specificity,
            BalancedAccuracy = tp + fn > 0 && tn + fp > 0 ? (recall + specificity) / 2 : null,
            Mcc = Ratio(tp * tn - fp * fn, Math.Sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))),
            Auroc = auroc,
            AveragePrecision = averagePrecision,
            Brier = brier,
            LogLoss = logLoss,
            Ece = ece,
            TruePositives = (int)tp,
            FalsePositives = (int)fp,
            TrueNegatives = (int)tn,
            FalseNegatives = (int)fn,
        };
    }

    /// <summary>A segment's part of the Brier score.</summary>
    public static double SquaredError(byte label, double probability) => (probability - label) * (probability - label);

    /// <summary>A segment's part of the log loss. Clipped as the probability of the true class: 1 - (1 - 1e-15) would not be 1e-15 any more.</summary>
    public static double LogLoss(byte label, double probability) => -Math.Log(Math.Clamp(label == 1 ? probability : 1 - probability, Clip, 1 - Clip));

    private static double Ratio(double part, double whole) => whole == 0 ? 0 : part / whole;

    // Trapezoids under the ROC curve: ties count half.
    private static double? Auroc(Ranking ranking)
    {
        if (ranking.Positives == 0 || ranking.Negatives == 0) return null;
        double area = 0, tp = 0, fp = 0;
        foreach (var step in ranking.Steps)
        {
            area += (step.FalsePositives - fp) * (step.TruePositives + tp) / 2;
            (tp, fp) = (step.TruePositives, step.FalsePositives);
        }
        return area / ((double)ranking.Positives * ranking.Negatives);
    }

    private static double? AveragePrecision(Ranking ranking)
    {
        if (ranking.Positives == 0) return null;
        double sum = 0, tp = 0;
        foreach (var step in ranking.Steps)
        {
            sum += (step.TruePositives - tp) / ranking.Positives * step.TruePositives / (step.TruePositives + step.FalsePositives);
            tp = step.TruePositives;
        }
        return sum;
    }

    private static double Brier(ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities)
    {
        double sum = 0;
        for (var i = 0; i < labels.Length; i++) sum += SquaredError(labels[i], probabilities[i]);
        return sum / labels.Length;
    }

    private static double LogLoss(ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities)
    {
        double sum = 0;
        for (var i = 0; i < labels.Length; i++) sum += LogLoss(labels[i], probabilities[i]);
        return sum / labels.Length;
    }

    // Guo et al. 2017 for the probability of label 1, over equal-width bins.
    private static double Ece(ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities)
    {
        var difference = new double[CalibrationCurve.Bins];
        for (var i = 0; i < labels.Length; i++)
            difference[CalibrationCurve.Bin(probabilities[i])] += labels[i] - probabilities[i];
        return difference.Sum(Math.Abs) / labels.Length;
    }
}

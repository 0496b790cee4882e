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
        var precision = Ratio(tp, tp + fp);
        var recall = Ratio(tp, tp + fn);
        var specificity = Ratio(tn, tn + fp);
        return new BinaryMetrics
        {
            Count = labels.Length,
            Positives = ranking.Positives,
            Threshold = threshold,
            Accuracy = (tp + tn) / labels.Length,
            Precision = precision,
            Recall = recall,
            F1 = Ratio(2 * tp, 2 * tp + fp + fn),
            Specificity = specificity,
            BalancedAccuracy = ranking.Positives > 0 && ranking.Negatives > 0 ? (recall + specificity) / 2 : null,
            Mcc = Ratio(tp * tn - fp * fn, Math.Sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))),
            Auroc = Auroc(ranking),
            AveragePrecision = AveragePrecision(ranking),
            Brier = Brier(labels, probabilities),
            LogLoss = LogLoss(labels, probabilities),
            Ece = Ece(labels, probabilities),
            TruePositives = (int)tp,
            FalsePositives = (int)fp,
            TrueNegatives = (int)tn,
            FalseNegatives = (int)fn,
        };
    }

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
        for (var i = 0; i < labels.Length; i++) sum += (probabilities[i] - labels[i]) * (probabilities[i] - labels[i]);
        return sum / labels.Length;
    }

    private static double LogLoss(ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities)
    {
        double sum = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            // Clipped as the probability of the true class: 1 - (1 - 1e-15) would not be 1e-15 any more.
            var truth = labels[i] == 1 ? probabilities[i] : 1 - probabilities[i];
            sum -= Math.Log(Math.Clamp(truth, Clip, 1 - Clip));
        }
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

namespace EcgPeft.Core.Evaluation;

/// <summary>How probabilities are brought into line with frequencies.</summary>
public enum CalibrationKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>One factor on the logit (Guo et al. 2017).</summary>
    Temperature,

    /// <summary>Factor and shift on the logit (Platt 1999).</summary>
    Platt,
}

/// <summary>A calibration: <c>sigmoid(slope * logit(p) + intercept)</c>. It keeps the order of segments, so AUROC stays.</summary>
/// <param name="Kind">How it was fitted.</param>
/// <param name="Slope">Factor on the logit; 1 / temperature.</param>
/// <param name="Intercept">Shift of the logit.</param>
public sealed record ProbabilityCalibration(CalibrationKind Kind, double Slope, double Intercept)
{
    private const int Iterations = 100;
    private const double SteepestSlope = 20;
    private const double FlattestSlope = 0.05;

    // Beyond these a double cannot tell the complement any more.
    private const double SmallestProbability = 1e-12;

    /// <summary>Changes nothing.</summary>
    public static ProbabilityCalibration Identity { get; } = new(CalibrationKind.None, 1, 0);

    /// <summary>Fits it by maximum likelihood on the validation split.</summary>
    /// <param name="kind">Which form.</param>
    /// <param name="labels">N validation labels, each 0 or 1.</param>
    /// <param name="probabilities">N validation probabilities.</param>
    /// <returns>The calibration; with one class only, where nothing can be fitted, the identity.</returns>
    /// <exception cref="ArgumentException">The arguments are not such labels and probabilities.</exception>
    public static ProbabilityCalibration Fit(CalibrationKind kind, ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities)
    {
        Ranking.Check(labels, probabilities);
        var positives = labels.Count((byte)1);
        if (kind == CalibrationKind.None || positives == 0 || positives == labels.Length) return Identity;
        var logits = new double[labels.Length];
        var targets = new double[labels.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            logits[i] = Logit(probabilities[i]);
            targets[i] = kind == CalibrationKind.Temperature ? labels[i]
                : labels[i] == 1 ? (positives + 1.0) / (positives + 2.0) // Platt's targets keep separable data finite
                : 1.0 / (labels.Length - positives + 2.0);
        }
        var (slope, intercept) = Newton(logits, targets, withIntercept: kind == CalibrationKind.Platt);
        return new ProbabilityCalibration(kind, slope, intercept);
    }

    /// <summary>The calibrated probability.</summary>
    /// <param name="probability">A probability of label 1.</param>
    public double Apply(double probability) => Kind == CalibrationKind.None ? probability : Sigmoid(Slope * Logit(probability) + Intercept);

    /// <summary>The calibrated probabilities.</summary>
    /// <param name="probabilities">Probabilities of label 1.</param>
    public double[] Apply(double[] probabilities) => Kind == CalibrationKind.None ? probabilities : Array.ConvertAll(probabilities, Apply);

    /// <summary>Minimises the (convex) cross entropy; a step that would make it worse is halved.</summary>
    private static (double Slope, double Intercept) Newton(double[] logits, double[] targets, bool withIntercept)
    {
        double slope = 1, intercept = 0, loss = Loss(logits, targets, slope, intercept);
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            double g0 = 0, g1 = 0, h00 = 1e-12, h01 = 0, h11 = 1e-12;
            for (var i = 0; i < logits.Length; i++)
            {
                var p = Sigmoid(slope * logits[i] + intercept);
                var (difference, weight) = (p - targets[i], p * (1 - p));
                g0 += difference * logits[i];
                g1 += difference;
                h00 += weight * logits[i] * logits[i];
                h01 += weight * logits[i];
                h11 += weight;
            }
            var determinant = h00 * h11 - h01 * h01;
            var (stepSlope, stepIntercept) = withIntercept && determinant > 1e-12 * h00 * h11
                ? ((h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant)
                : (g0 / h00, withIntercept ? g1 / h11 : 0);
            var improved = false;
            for (var share = 1.0; share > 1e-6; share /= 2)
            {
                var (s, b) = (Math.Clamp(slope - share * stepSlope, FlattestSlope, SteepestSlope), intercept - share * stepIntercept);
                if (Loss(logits, targets, s, b) is var next && next < loss - 1e-14)
                {
                    (slope, intercept, loss, improved) = (s, b, next, true);
                    break;
                }
            }
            if (!improved) break;
        }
        return (slope, intercept);
    }

    private static double Loss(double[] logits, double[] targets, double slope, double intercept)
    {
        double sum = 0;
        for (var i = 0; i < logits.Length; i++)
        {
            var z = slope * logits[i] + intercept;
            sum += Math.Max(z, 0) - z * targets[i] + Math.Log(1 + Math.Exp(-Math.Abs(z)));
        }
        return sum / logits.Length;
    }

    private static double Logit(double p)
    {
        p = Math.Clamp(p, SmallestProbability, 1 - SmallestProbability);
        return Math.Log(p / (1 - p));
    }

    private static double Sigmoid(double z) => z >= 0 ? 1 / (1 + Math.Exp(-z)) : Math.Exp(z) / (1 + Math.Exp(z));
}

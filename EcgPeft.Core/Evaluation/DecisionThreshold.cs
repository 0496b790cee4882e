namespace EcgPeft.Core.Evaluation;

/// <summary>How the probability is found from which on a segment is called positive.</summary>
public enum ThresholdRule
{
    /// <summary>0.5.</summary>
    Fixed,

    /// <summary>Highest F1 on the validation split.</summary>
    F1,

    /// <summary>Highest recall + specificity - 1 on the validation split (Youden 1950).</summary>
    Youden,

    /// <summary>Highest threshold that reaches a given recall (sensitivity) on the validation split.</summary>
    Sensitivity,
}

/// <summary>Chooses a threshold on the validation split, to be applied to the test split.</summary>
public static class DecisionThreshold
{
    /// <summary>The threshold of <see cref="ThresholdRule.Fixed"/>, and where the validation split holds one class only.</summary>
    public const double Default = 0.5;

    /// <summary>Chooses it. Candidates lie midway between neighbouring probabilities; of equally good ones the nearest to 0.5 is taken.</summary>
    /// <param name="rule">What makes a threshold good.</param>
    /// <param name="labels">N validation labels, each 0 or 1.</param>
    /// <param name="probabilities">N validation probabilities.</param>
    /// <param name="sensitivity">The recall that <see cref="ThresholdRule.Sensitivity"/> asks for, above 0 and at most 1.</param>
    public static double Choose(ThresholdRule rule, ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities, double sensitivity)
    {
        if (rule == ThresholdRule.Fixed) return Default;
        var ranking = new Ranking(labels, probabilities);
        if (ranking.Positives == 0 || ranking.Negatives == 0) return Default;
        var candidates = ranking.Steps.Select((step, i) => (
            Threshold: i + 1 < ranking.Steps.Count ? (step.Threshold + ranking.Steps[i + 1].Threshold) / 2 : step.Threshold / 2,
            Score: Score(rule, step, ranking, sensitivity)));
        return candidates.OrderByDescending(c => c.Score).ThenBy(c => Math.Abs(c.Threshold - Default)).First().Threshold;
    }

    private static double Score(ThresholdRule rule, Ranking.Step step, Ranking ranking, double sensitivity)
    {
        var recall = (double)step.TruePositives / ranking.Positives;
        var falsePositiveRate = (double)step.FalsePositives / ranking.Negatives;
        return rule switch
        {
            ThresholdRule.F1 => 2.0 * step.TruePositives / (step.TruePositives + step.FalsePositives + ranking.Positives),
            ThresholdRule.Youden => recall - falsePositiveRate,
            // The last step reaches every recall, so some candidate is never below.
            ThresholdRule.Sensitivity => recall >= sensitivity ? step.Threshold : -1,
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "Not a rule for thresholds."),
        };
    }
}

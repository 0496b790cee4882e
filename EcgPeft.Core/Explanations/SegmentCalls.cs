using EcgPeft.Core.Evaluation;

namespace EcgPeft.Core.Explanations;

/// <summary>What a call of a segment is, compared with its label.</summary>
public enum CallKind
{
    /// <summary>Label 1, called 1.</summary>
    TruePositive,

    /// <summary>Label 0, called 1.</summary>
    FalsePositive,

    /// <summary>Label 1, called 0.</summary>
    FalseNegative,

    /// <summary>Label 0, called 0.</summary>
    TrueNegative,
}

/// <summary>A segment of a split as a run called it.</summary>
/// <param name="Row">Row in the data set, from 0.</param>
/// <param name="Label">Its label.</param>
/// <param name="Probability">Probability of label 1.</param>
/// <param name="Kind">What the call is.</param>
public sealed record SegmentCall(int Row, byte Label, double Probability, CallKind Kind)
{
    /// <summary>How sure the run was of its call: the probability of the label that it gave.</summary>
    public double Confidence => Kind is CallKind.TruePositive or CallKind.FalsePositive ? Probability : 1 - Probability;

    /// <summary>All segments of a split, the surest calls of each kind first.</summary>
    /// <param name="predictions">The split.</param>
    /// <param name="threshold">From which probability a segment is called positive.</param>
    public static ILookup<CallKind, SegmentCall> Of(Predictions predictions, double threshold)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        return Enumerable.Range(0, predictions.Count)
            .Select(i => new SegmentCall(predictions.Rows[i], predictions.Labels[i], predictions.Probabilities[i], (predictions.Labels[i] == 1, predictions.Probabilities[i] >= threshold) switch
            {
                (true, true) => CallKind.TruePositive,
                (false, true) => CallKind.FalsePositive,
                (true, false) => CallKind.FalseNegative,
                _ => CallKind.TrueNegative,
            }))
            .OrderByDescending(call => call.Confidence).ThenBy(call => call.Row).ToLookup(call => call.Kind);
    }
}

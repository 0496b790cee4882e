using EcgPeft.Core.Evaluation;

namespace EcgPeft.Core.Reports.Results;

/// <summary>The same question asked of several pairs, for example LoRA against adapter on each model, and answered on average over them.</summary>
/// <param name="Pairs">The pairs, all with the same repetitions.</param>
/// <param name="Difference">Mean over the pairs of first minus second.</param>
/// <param name="Interval">Its 95 % bootstrap interval; null where too few resamples define it.</param>
/// <param name="P">Two-sided bootstrap p-value.</param>
/// <param name="AdjustedP">The same after Holm's correction over the averages that are told together.</param>
/// <param name="Together">How many averages are told together.</param>
/// <param name="SameWay">In how many repetitions the mean over the pairs points the way of the difference.</param>
public sealed record AverageComparison(IReadOnlyList<PairComparison> Pairs, double Difference, Interval? Interval, double? P, double? AdjustedP, int Together, int SameWay)
{
    /// <summary>Whether nothing can be said because hardly any people were tested.</summary>
    public bool TooFewGroups => Pairs.Any(pair => pair.TooFewGroups);

    /// <summary>Whether the tests support a difference on average, by the same three conditions as for a pair.</summary>
    public bool Shown => !TooFewGroups && AdjustedP < PairComparison.Level && Interval is { LeavesOutZero: true } && SameWay == Pairs[0].Repeats.Count;

    /// <summary>What the tests support.</summary>
    /// <param name="over">What is averaged over, for example <c>3 models</c>.</param>
    /// <param name="first">The first side's name.</param>
    /// <param name="second">The second side's name.</param>
    /// <param name="sides">What the sides are called when one is better, for example <c> normalisation</c>; may be empty.</param>
    public string Verdict(string over, string first, string second, string sides = "")
    {
        var digits = Shown ? Number.DigitsOf(Difference, Interval!) : 3; // an interval that leaves out 0 must not read as if it ended there
        var begin = $"Over {over}, {first} minus {second}{sides} is {Number.Difference(Difference, digits)} {Pairs[0].Metric.Title}";
        if (TooFewGroups) return $"{begin}, but too few people were tested to say whether that holds for others.";
        if (Interval is null || AdjustedP is null) return $"{begin}, but too few resamples of the test splits define it, so nothing is tested.";
        var correction = Together > 1 ? $"after Holm over {Together} averages" : "by itself";
        var repeats = Pairs[0].Repeats.Count;
        return $"{begin} {Number.Bounds(Interval, digits)} ({Number.PStatement(AdjustedP)}, {correction}{(repeats == 1 ? "; one repetition" : Difference == 0 ? "" : $"; {SameWay} of {repeats} repetitions point that way")}): "
            + (Shown ? $"{(Difference > 0 == Pairs[0].Metric.HigherIsBetter ? first : second)}{sides} is better on average." : "no difference shown on average.");
    }
}

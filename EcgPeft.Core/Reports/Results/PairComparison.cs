using EcgPeft.Core.Evaluation;

namespace EcgPeft.Core.Reports.Results;

/// <summary>Two contenders on the same test rows of one repetition.</summary>
/// <param name="Repeat">Which repetition.</param>
/// <param name="Difference">First minus second in the metric; null where one does not define it.</param>
/// <param name="McNemar">Do the decisions differ?</param>
/// <param name="DeLong">Do the AUROCs differ? Null where not defined.</param>
public sealed record RepeatComparison(string Repeat, double? Difference, McNemarTest McNemar, DeLongTest? DeLong);

/// <summary>Two contenders, over all repetitions that both have.</summary>
/// <param name="First">One.</param>
/// <param name="Second">The other.</param>
/// <param name="Metric">What is compared.</param>
/// <param name="Repeats">Repetition by repetition.</param>
/// <param name="Difference">Mean over repetitions of first minus second; null where one does not define it.</param>
/// <param name="Interval">95 % bootstrap interval of the difference; null where too few resamples define it.</param>
/// <param name="P">Two-sided bootstrap p-value.</param>
/// <param name="AdjustedP">The same after Holm's correction over all comparisons that ask the same question.</param>
/// <param name="ByGroup">Whether groups (people) were resampled.</param>
/// <param name="Units">How many different groups or segments the test splits hold.</param>
public sealed record PairComparison(
    Contender First, Contender Second, Metric Metric, IReadOnlyList<RepeatComparison> Repeats, double? Difference, Interval? Interval, double? P, double? AdjustedP, bool ByGroup, int Units)
{
    /// <summary>Below so many people, resampling them says nothing about people in general.</summary>
    public const int FewestGroups = 5;

    /// <summary>Below this a corrected p-value counts.</summary>
    internal const double Level = 0.05;

    /// <summary>Whether the tests support that they differ: the corrected test, the interval, and every repetition point the same way.</summary>
    public bool Shown => !TooFewGroups && AdjustedP < Level && Interval is { LeavesOutZero: true } && Difference is { } d && d != 0
        && Repeats.All(repeat => repeat.Difference is { } own && Math.Sign(own) == Math.Sign(d));

    /// <summary>Whether nothing can be said because hardly any people were tested.</summary>
    public bool TooFewGroups => ByGroup && Units < FewestGroups;

    /// <summary>The better one, where that is shown.</summary>
    public Contender? Better => !Shown ? null : Difference > 0 == Metric.HigherIsBetter ? First : Second;

    /// <summary>What the tests support, in one sentence.</summary>
    public string Verdict => this switch
    {
        { Difference: null } => $"{First.Name} and {Second.Name} cannot be compared: {Metric.Title} is undefined in some test split.",
        { TooFewGroups: true } => $"{First.Name} minus {Second.Name} is {Number.Difference(Difference)} {Metric.Title}, but the test splits hold only {Units} {(Units == 1 ? "person" : "people")}, too few to say whether that holds for others.",
        { Interval: null } or { AdjustedP: null } => $"{First.Name} minus {Second.Name} is {Number.Difference(Difference)} {Metric.Title}, but too few resamples of the test splits define it, so nothing is tested.",
        { Shown: true } => $"{Better!.Name} is better than {(Better == First ? Second : First).Name} by {Amount()} ({Number.PStatement(AdjustedP)} after Holm{Seeds()}).",
        _ => $"No difference shown between {First.Name} and {Second.Name}: {Number.Difference(Difference)} {Metric.Title} {Number.Bounds(Interval)} ({Number.PStatement(AdjustedP)} after Holm{Seeds()}).",
    };

    /// <summary>As many digits as it takes to tell a difference that is shown from nothing.</summary>
    public int Digits => Shown ? Number.DigitsOf(Difference!.Value, Interval!) : 3;

    /// <summary>By how much the better one is better.</summary>
    private string Amount() =>
        $"{Number.Fixed(Math.Abs(Difference!.Value), Digits)} {Metric.Title} {Number.Bounds(Difference > 0 ? Interval : new Interval(-Interval!.High, -Interval.Low), Digits)}";

    /// <summary>What the repetitions say; nothing where two single runs are compared.</summary>
    private string Seeds()
    {
        if (Repeats is [{ Repeat.Length: 0 }]) return "";
        var both = Repeats.Count < Math.Max(First.Trials.Count, Second.Trials.Count) ? " on the same test rows" : "";
        if (Repeats.Count == 1) return $"; one repetition{both}";
        if (Repeats.All(repeat => repeat.Difference == 0)) return $"; the same in all {Repeats.Count} repetitions{both}";
        if (Difference == 0) return $"; the {Repeats.Count} repetitions{both} point both ways";
        return $"; {Repeats.Count(repeat => repeat.Difference is { } own && Math.Sign(own) == Math.Sign(Difference!.Value))} of {Repeats.Count} repetitions{both} point that way";
    }
}

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

    private const double Level = 0.05;

    /// <summary>Whether the tests support that they differ: the corrected test, the interval, and every repetition point the same way.</summary>
    public bool Shown => !TooFewGroups && AdjustedP < Level && Interval is { } i && (i.Low > 0 || i.High < 0) && Difference is { } d && d != 0
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
        { Shown: true } => $"{Better!.Name} is better than {(Better == First ? Second : First).Name} by {Number.Metric(Math.Abs(Difference!.Value))} {Metric.Title} {Bounds()} ({Number.PStatement(AdjustedP)} after Holm{Seeds()}).",
        _ => $"No difference shown between {First.Name} and {Second.Name}: {Number.Difference(Difference)} {Metric.Title} {Number.Bounds(Interval)} ({Number.PStatement(AdjustedP)} after Holm{Seeds()}).",
    };

    private string Bounds() => Number.Bounds(Difference > 0 ? Interval : Interval is { } i ? new Interval(-i.High, -i.Low) : null);

    private string Seeds()
    {
        if (Repeats.Count < 2) return "";
        var same = Repeats.Count(repeat => repeat.Difference is { } own && Math.Sign(own) == Math.Sign(Difference!.Value));
        return $"; {same} of {Repeats.Count} repetitions point that way";
    }
}

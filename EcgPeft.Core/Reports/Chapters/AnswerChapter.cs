using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Reports.Document;
using EcgPeft.Core.Reports.Results;

namespace EcgPeft.Core.Reports.Chapters;

/// <summary>What the whole report comes to, in sentences that the tests support.</summary>
internal static class AnswerChapter
{
    public static IEnumerable<ReportBlock> Of(ReportData data)
    {
        yield return new HeadingBlock(2, "The answer");
        foreach (var comparison in data.MethodPairs) yield return new ParagraphBlock(comparison.Verdict, Emphasised: true);
        foreach (var sentence in Overall(data)) yield return new ParagraphBlock(sentence, Emphasised: true);
        yield return new ParagraphBlock(BestSentence(data));
        foreach (var comparison in data.Pairs.Where(p => p.Second.IsYardstick)) yield return new ParagraphBlock(comparison.Verdict);
        if (Yardsticks(data) is { } higher) yield return new ParagraphBlock(higher);
        foreach (var note in data.Notes) yield return new ParagraphBlock(note);
        yield return new ParagraphBlock(Method(data));
    }

    /// <summary>Each pair of methods over all models, where there are several models.</summary>
    public static IEnumerable<string> Overall(ReportData data)
    {
        foreach (var group in data.MethodPairs.Where(p => p.First.Variant.Length == 0 || (data.Study is not null && data.IsOfGrid(p.First))).GroupBy(p => (p.First.Method, p.Second.Method)).Where(group => group.Count() > 1))
        {
            if (data.Comparisons.Overall([.. group]) is not { } overall) continue;
            var (a, b) = (Contender.MethodTitle(group.Key.Item1), Contender.MethodTitle(group.Key.Item2));
            var few = group.Any(p => p.TooFewGroups);
            var shown = !few && overall.P < 0.05 && overall.Interval is { } i && (i.Low > 0 || i.High < 0);
            yield return $"Over {group.Count()} models, {a} minus {b} is {Number.Difference(overall.Difference)} AUROC {Number.Bounds(overall.Interval)} ({Number.PStatement(overall.P)}, by itself): "
                + (shown ? $"{(overall.Difference > 0 ? a : b)} is better on average over these models." : few ? "too few people were tested to generalise." : "no difference shown on average over these models.");
        }
    }

    /// <summary>Said outright where a classical method scored higher than the best model and method; null where none did.</summary>
    public static string? Yardsticks(ReportData data)
    {
        var best = data.Best;
        var higher = data.Yardsticks.Where(y => y.Mean(Metric.Auroc) > best.Mean(Metric.Auroc)).OrderByDescending(y => y.Mean(Metric.Auroc)).ToList();
        if (higher.Count == 0) return null;
        var all = data.Tuned.Where(c => c.Mean(Metric.Auroc) is not null).All(c => c.Mean(Metric.Auroc) < higher[0].Mean(Metric.Auroc));
        return $"{string.Join(" and ", higher.Select(y => $"{y.Name} ({Number.Metric(y.Mean(Metric.Auroc))})"))} scored higher than {(all ? "every model and method of this report, the best one included" : "the best model and method")} ({best.Name}, {Number.Metric(best.Mean(Metric.Auroc))}), "
            + $"at {Number.Count(higher[0].Trials.Average(t => t.Yardstick!.Parameters))} parameters trained from scratch: on these data and with these settings this report does not support choosing a fine-tuned backbone for its AUROC.";
    }

    private static string BestSentence(ReportData data)
    {
        var best = data.Best;
        var (units, byGroup) = data.Comparisons.Resampled(best);
        var interval = byGroup && units < PairComparison.FewestGroups ? "" : $" (95 % interval {Number.Bounds(data.Comparisons.Intervals(best)[Metric.Auroc])})";
        return $"Chosen on the validation split, the best is {best.Name}: test AUROC {Number.Metric(best.Mean(Metric.Auroc))}{(best.Trials.Count > 1 ? $" as the mean of {best.Trials.Count} repetitions" : "")}{interval}, F1 {Number.Metric(best.Mean(Metric.Find("f1")!))}.";
    }

    private static string Method(ReportData data)
    {
        var (units, byGroup) = data.Comparisons.Resampled(data.Best);
        return $"How this was decided: intervals and p-values come from {Number.Count(Bootstrap.DefaultResamples)} paired bootstrap resamples of {(byGroup ? $"the {units} {(units == 1 ? "person" : "people")} in the test splits (all segments of a person together)" : $"the {Number.Count(units)} segments in the test splits")}"
            + $"{(data.Best.Trials.Count > 1 ? " and of the repetitions" : "")}; p-values are corrected by Holm's method over {data.Pairs.Count - data.AblationPairs} comparisons{(data.AblationPairs > 0 ? $" (and over the {data.AblationPairs} of the ablation by themselves)" : "")}. A difference counts as shown when the corrected p-value is below 0.05, the 95 % interval leaves out 0 and every repetition points the same way.";
    }
}

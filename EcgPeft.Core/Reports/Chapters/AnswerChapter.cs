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
        var groups = data.MethodPairs.Where(p => p.First.Variant.Length == 0 || (data.Study is not null && data.IsOfGrid(p.First)))
            .GroupBy(p => (p.First.Method, p.Second.Method)).Where(group => group.Select(p => p.First.Model).Distinct().Count() > 1).ToList();
        foreach (var (group, average) in groups.Zip(data.Comparisons.Averages([.. groups.Select(group => group.ToList())])))
        {
            var (a, b) = (Contender.MethodTitle(group.Key.Item1), Contender.MethodTitle(group.Key.Item2));
            yield return average?.Verdict($"{group.Select(p => p.First.Model).Distinct().Count()} models", a, b)
                ?? $"{a} and {b} are not averaged over the models: not every model has the same repetitions of both, with an AUROC that is defined.";
        }
    }

    /// <summary>Said outright where a classical method scored higher than the best model and method on the same repetitions; null where none did.</summary>
    public static string? Yardsticks(ReportData data)
    {
        var repeats = data.Best.Trials.Select(trial => trial.Repeat).ToHashSet(StringComparer.Ordinal);
        double? On(Contender contender) => contender.Trials.Where(trial => repeats.Contains(trial.Repeat)).Select(trial => trial.TestMetrics.Auroc).ToList() is var values && values.Count == repeats.Count && values.All(v => v is not null) ? values.Average() : null;
        var best = On(data.Best);
        var higher = data.Yardsticks.Select(yardstick => (Yardstick: yardstick, Auroc: On(yardstick))).Where(pair => pair.Auroc > best).OrderByDescending(pair => pair.Auroc).ToList();
        if (higher.Count == 0) return null;
        var all = data.Tuned.Where(data.IsOfGrid).All(contender => On(contender) is not { } own || own < higher[0].Auroc);
        return $"{string.Join(" and ", higher.Select(pair => $"{pair.Yardstick.Name} ({Number.Metric(pair.Auroc)}, {Parameters(pair.Yardstick)} trained from scratch)"))} scored higher than {(all ? "every model and method of this report, the best one included" : "the best model and method")} ({data.Best.Name}, {Number.Metric(best)}): "
            + "on these data and with these settings this report does not support choosing a fine-tuned backbone for its AUROC.";
    }

    private static string Parameters(Contender yardstick) => Number.Count(yardstick.Trials.Average(trial => trial.Yardstick!.Parameters)) is var count && count == "1" ? "1 parameter" : $"{count} parameters";

    private static string BestSentence(ReportData data)
    {
        var best = data.Best;
        var interval = data.Intervals(best)?[Metric.Auroc] is { } known ? $" (95 % interval {Number.Bounds(known)})" : "";
        var result = $"test AUROC {Number.Metric(best.Mean(Metric.Auroc))}{(best.Trials.Count > 1 ? $" as the mean of {best.Trials.Count} repetitions" : "")}{interval}, F1 {Number.Metric(best.Mean(Metric.Find("f1")!))}";
        if (data.Tuned.Count == 1) return $"{best.Name} is the only model and method of this report: {result}.";
        if (data.Choosable.Count == 0) return "No model and method is chosen as the best: AUROC is undefined on the validation split, which holds one class only.";
        if (!data.SameTest) return "No model and method is named the best: they were not all tested on the same segments.";
        var others = data.Pairs.Where(p => (p.First == best || p.Second == best) && !p.Second.IsYardstick && data.IsOfGrid(p.First) && data.IsOfGrid(p.Second)).ToList();
        var better = others.Count(p => p.Better == best);
        var shown = others.Count == 0 || others.All(p => p.TooFewGroups) ? "" : $" The tests show it to be better than {(better == 0 ? "none" : Number.Count(better))} of the {others.Count} that it is compared with.";
        return $"Chosen on the validation split (AUROC {Number.Metric(best.ValidationAuroc)}), the best is {best.Name}: {result}.{shown}";
    }

    private static string Method(ReportData data)
    {
        if (data.Contenders.Count == 1) return "How this was decided: there is nothing to compare, so no difference is claimed.";
        if (data.Pairs.Count == 0) return "How this was decided: no two models or methods have the same test rows, so nothing is compared and no difference is claimed.";
        var tested = data.Pairs.Where(p => p is { TooFewGroups: false, P: not null }).ToList();
        if (tested.Count == 0)
            return data.Pairs.All(p => p.TooFewGroups)
                ? $"How this was decided: the test splits hold fewer than {PairComparison.FewestGroups} people, so neither intervals nor p-values are given, and no difference counts as shown."
                : "How this was decided: no comparison could be tested, and no difference counts as shown.";
        var ablations = tested.Count(data.IsOfAblation);
        var (units, byGroup) = data.Resampled;
        var repeated = data.Repeats.Count > 1;
        var own = ablations == 0 ? "" : ablations == tested.Count ? " of the ablation" : $", and over the {ablations} of the ablation by themselves";
        return $"How this was decided: intervals and p-values come from {Number.Count(data.Comparisons.Resamples)} paired bootstrap resamples of the {(byGroup ? $"{units} people in the test splits (all segments of a person together)" : $"{Number.Count(units)} segments in the test splits")}"
            + $"{(repeated ? " and of the repetitions" : "")}; p-values are corrected by Holm's method over {(ablations == tested.Count ? ablations : tested.Count - ablations)} {(tested.Count == 1 ? "comparison" : "comparisons")}{own}. A difference counts as shown when the corrected p-value is below {Number.Fixed(PairComparison.Level, 2)}{(repeated ? ", the 95 % interval leaves out 0 and every repetition points the same way" : " and the 95 % interval leaves out 0")}.";
    }
}

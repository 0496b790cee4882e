using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Reports.Document;
using EcgPeft.Core.Reports.Figures;
using EcgPeft.Core.Reports.Results;

namespace EcgPeft.Core.Reports.Chapters;

/// <summary>Paired comparisons: methods on each model, models under each method, and the best against the yardsticks.</summary>
internal static class ComparisonChapter
{
    public static IEnumerable<ReportBlock> Of(ReportData data)
    {
        yield return new HeadingBlock(2, "Comparison of methods and models");
        if (data.Pairs.Count == 0)
        {
            yield return new ParagraphBlock("There are no two models or methods with the same test rows, so nothing can be compared pair by pair.");
            yield break;
        }
        yield return new FiguresBlock([Forest(data)]);
        yield return new TableBlock("Paired comparisons by AUROC.", ["First and second", "Difference", "95 % interval", "p", "p (Holm)", "Verdict"],
            [.. data.Pairs.Select(p => (IReadOnlyList<string>)
            [
                $"{p.First.Name} and {p.Second.Name}", Number.Difference(p.Difference, p.Digits), p.TooFewGroups ? "not given" : Number.Bounds(p.Interval, p.Digits), p.TooFewGroups ? "not given" : Number.P(p.P), p.TooFewGroups ? "not given" : Number.P(p.AdjustedP),
                p.TooFewGroups ? "too few people" : p.Shown ? $"{p.Better!.Name} is better" : "no difference shown",
            ])], [5]);
        foreach (var sentence in AnswerChapter.Overall(data)) yield return new ParagraphBlock(sentence);
        yield return new TableBlock(
            "Each repetition by itself. McNemar (exact): do the decisions differ? DeLong: do the AUROCs differ? Both take segments as independent, which segments of one person are not, and are not corrected for their number.",
            ["First and second", "Repetition", "Difference", "Only first right", "Only second right", "McNemar p", "DeLong z", "DeLong p"],
            [.. data.Pairs.SelectMany(p => p.Repeats.Select(r => (IReadOnlyList<string>)
            [
                $"{p.First.Name} and {p.Second.Name}", r.Repeat, Number.Difference(r.Difference), Number.Count(r.McNemar.OnlyFirstRight), Number.Count(r.McNemar.OnlySecondRight), Number.P(r.McNemar.ExactP), Number.Fixed(r.DeLong?.Z, 2), Number.P(r.DeLong?.P),
            ]))], [1]);
    }

    /// <summary>Every pair's difference with its interval.</summary>
    public static Figure Forest(ReportData data)
    {
        var intervals = data.Pairs.Any(p => !p.TooFewGroups);
        return new IntervalPlot("Difference in test AUROC (first minus second)",
            [.. data.Pairs.Select(p => new IntervalRow($"{p.First.Name} − {p.Second.Name}", p.Difference, p.TooFewGroups ? null : p.Interval, p.Shown ? 0 : SvgText.Grey, p.Repeats.Count < 2 ? [] : [.. p.Repeats.Select(r => r.Difference).OfType<double>()], p.Shown))]) { Reference = 0 }
            .ToFigure("differences", "Differences in test AUROC", $"Blue with a star: shown by the tests ({data.Pairs.Count(p => p.Shown)} of {data.Pairs.Count}); grey: not shown.{(data.Pairs.Any(p => p.Repeats.Count > 1) ? " Hollow points: repetitions." : "")}{(intervals ? " Lines: 95 % intervals." : "")}");
    }

    /// <summary>Segment against global normalisation, where both were run.</summary>
    public static IEnumerable<ReportBlock> Normalization(ReportData data)
    {
        yield return new HeadingBlock(2, "Normalisation: segment against global");
        var kinds = data.Runs.Select(run => run.Recipe.Preprocessing.Normalization).Distinct().ToList();
        if (kinds.Count < 2)
        {
            yield return new ParagraphBlock($"All runs of this report use the same normalisation ({kinds[0].ToString().ToLowerInvariant()}), so it says nothing on the other.");
            yield break;
        }
        var pairs = data.Pairs.Where(p => p.First.Model == p.Second.Model && p.First.Method == p.Second.Method && Kind(p.First) != Kind(p.Second)).ToList();
        if (pairs.Count == 0)
        {
            yield return new ParagraphBlock("Runs with both normalisations are here, but no two of them differ in nothing else and share their test rows.");
            yield break;
        }
        foreach (var pair in pairs) yield return new ParagraphBlock(pair.Verdict);
        yield return new TableBlock("Test AUROC with both normalisations, means over repetitions; everything else is the same.", ["Model and method", "First", "Its AUROC", "Second", "Its AUROC", "Difference", "95 % interval"],
            [.. pairs.Select(p => (IReadOnlyList<string>)
            [
                $"{p.First.Model} · {Contender.MethodTitle(p.First.Method)}", Title(p.First), Number.Metric(p.First.Mean(Metric.Auroc)), Title(p.Second), Number.Metric(p.Second.Mean(Metric.Auroc)), Number.Difference(p.Difference, p.Digits), p.TooFewGroups ? "not given" : Number.Bounds(p.Interval, p.Digits),
            ])], [1, 3]);
        var farthest = pairs.SelectMany(p => p.First.Trials.SelectMany(a => p.Second.Trials.Where(b => b.Repeat == a.Repeat && b.Test.SameSegments(a.Test)).SelectMany(b => a.Test.Probabilities.Zip(b.Test.Probabilities, (x, y) => Math.Abs(x - y))))).DefaultIfEmpty(0).Max();
        yield return new ParagraphBlock($"The largest difference that the normalisation made to the probability of any test segment is {Number.Fixed(farthest, 4)}."
            + (farthest < 0.1 ? " So these backbones hardly see a segment's gain and offset: a group norm over time after the first convolution takes both out, whatever the normalisation." : ""));
        var kindPairs = pairs.GroupBy(p => (First: Kind(p.First), Second: Kind(p.Second))).Where(group => group.Count() > 1).Select(group => group.ToList()).ToList();
        foreach (var average in data.Comparisons.Averages(kindPairs).OfType<AverageComparison>())
            yield return new ParagraphBlock(average.Verdict($"{average.Pairs.Count} combinations of model and method", Title(average.Pairs[0].First), Title(average.Pairs[0].Second), " normalisation"));
    }

    private static NormalizationKind Kind(Contender contender) => contender.Runs.First().Recipe.Preprocessing.Normalization;

    private static string Title(Contender contender) => Kind(contender) switch { NormalizationKind.Segment => "segment", NormalizationKind.Global => "global", NormalizationKind.GlobalTraining => "global (training split)", _ => "no" };
}

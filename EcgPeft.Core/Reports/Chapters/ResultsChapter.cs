using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Reports.Document;
using EcgPeft.Core.Reports.Figures;
using EcgPeft.Core.Reports.Results;

namespace EcgPeft.Core.Reports.Chapters;

/// <summary>Results on the test split with intervals, curves and confusion matrices.</summary>
internal static class ResultsChapter
{
    private static readonly Metric[] Main = [Metric.Auroc, Metric.Find("averagePrecision")!, Metric.Find("f1")!, Metric.Find("accuracy")!, Metric.Find("precision")!, Metric.Find("recall")!];
    private static readonly Metric[] More = [.. Metric.All.Except(Main)];

    public static IEnumerable<ReportBlock> Of(ReportData data)
    {
        yield return new HeadingBlock(2, "Results");
        yield return new ParagraphBlock(Decisions(data));
        var without = data.Contenders.Where(c => data.Intervals(c) is null).ToList();
        if (without.Count > 0)
            yield return new ParagraphBlock($"{(without.Count == data.Contenders.Count ? "The test splits hold" : $"The test splits of {string.Join(", ", without.Select(c => c.Name))} hold")} fewer than {PairComparison.FewestGroups} people; an interval over so few would mislead, so none is given.");
        var intervals = without.Count < data.Contenders.Count;
        yield return new TableBlock(Caption(data, intervals), ["Model and method", .. Main.Select(m => m.Title)], [.. data.Contenders.Select(c => Row(data, c, Main))]);
        yield return new TableBlock("Further metrics of the test split, in the same way. Brier score, log loss and ECE: lower is better.", ["Model and method", .. More.Select(m => m.Title)], [.. data.Contenders.Select(c => Row(data, c, More))]);
        yield return new FiguresBlock([Scores(data, intervals)]);
        yield return new TableBlock("Validation split: means over repetitions. Epoch, threshold and calibration were chosen on it, so it flatters.", ["Model and method", .. Main.Select(m => m.Title)],
            [.. data.Contenders.Select(c => (IReadOnlyList<string>)[data.Label(c), .. Main.Select(m => Number.Metric(Average(c.Trials.Select(t => m.Of(t.ValidationMetrics)))))])]);

        yield return new HeadingBlock(3, "Curves");
        yield return new FiguresBlock([Roc(data), PrecisionRecall(data), Calibration(data)]);
        yield return new HeadingBlock(3, "Confusion matrices");
        yield return new TableBlock("Test segments of all repetitions together, each at its own run's threshold.", ["Model and method", "True positives", "False positives", "False negatives", "True negatives"],
            [.. data.Contenders.Select(c => (IReadOnlyList<string>)
            [
                c.Name, Number.Count(c.Trials.Sum(t => t.TestMetrics.TruePositives)), Number.Count(c.Trials.Sum(t => t.TestMetrics.FalsePositives)), Number.Count(c.Trials.Sum(t => t.TestMetrics.FalseNegatives)), Number.Count(c.Trials.Sum(t => t.TestMetrics.TrueNegatives)),
            ])]);
    }

    private static string Decisions(ReportData data)
    {
        var rules = data.Runs.Select(run => run.Metrics.Decisions?.Threshold ?? ThresholdRule.Fixed).Distinct().ToList();
        var calibrated = data.Runs.Count(run => run.Metrics.Decisions is { Calibration.Kind: not CalibrationKind.None });
        var rule = rules is not [var one] ? "Thresholds were chosen by different rules; the recipe of each run says which" : one switch
        {
            ThresholdRule.Fixed => $"A segment is called positive from a probability of {Number.Fixed(0.5, 1)} on",
            ThresholdRule.F1 => "The threshold is the one with the highest F1 on the validation split, applied to the test split",
            ThresholdRule.Youden => "The threshold is the one with the highest Youden index on the validation split, applied to the test split",
            _ => $"The threshold is the highest that reaches a sensitivity of {string.Join(" or ", data.Runs.Select(run => Number.Fixed(run.Recipe.Evaluation.Sensitivity, 2)).Distinct())} on the validation split, applied to the test split",
        };
        var yardsticks = data.Yardsticks.Count > 0 && (calibrated > 0 || rules is not [ThresholdRule.Fixed]) ? " The classical methods are not calibrated, and call a segment positive from 0.5 on; compare them by AUROC and average precision." : "";
        return $"{rule}; {(calibrated == 0 ? "probabilities are not calibrated" : $"the probabilities of {calibrated} of {data.Runs.Count} runs are calibrated on the validation split")}.{yardsticks} "
            + $"The metrics of all {data.Runs.Count} runs were computed again from their predictions for this report and agree with their metrics.json. A value that the data do not define is called {Number.Undefined}.";
    }

    private static string Caption(ReportData data, bool intervals)
    {
        var (units, byGroup) = data.Resampled;
        var repeated = data.Repeats.Count > 1;
        return $"Test split{(repeated ? ": mean over repetitions ± standard deviation" : ", one repetition")}{(intervals ? $", and the 95 % bootstrap interval (resampling {(byGroup ? $"{units} people" : $"{Number.Count(units)} segments")}{(repeated ? " and repetitions" : "")})" : "")}.";
    }

    private static IReadOnlyList<string> Row(ReportData data, Contender contender, IReadOnlyList<Metric> metrics)
    {
        var intervals = data.Intervals(contender);
        return [data.Label(contender), .. metrics.Select(m => Number.Metric(contender.Mean(m)) + (contender.Spread(m) is { } sd ? $" ± {Number.Metric(sd)}" : "") + (intervals is not null && contender.Mean(m) is not null ? $" {Number.Bounds(intervals[m])}" : ""))];
    }

    private static double? Average(IEnumerable<double?> values)
    {
        var all = values.ToList();
        return all.Any(v => v is null) ? null : all.Average();
    }

    private static Figure Scores(ReportData data, bool intervals)
    {
        var methods = data.Contenders.Select(c => c.IsYardstick ? "" : c.Method).Distinct().Where(m => m.Length > 0).ToList();
        var rows = data.Contenders.Select(c => new IntervalRow(
            data.Label(c), c.Mean(Metric.Auroc), data.Intervals(c)?[Metric.Auroc], c.IsYardstick ? SvgText.Grey : methods.IndexOf(c.Method), c.Trials.Count < 2 ? [] : [.. c.Trials.Select(t => t.TestMetrics.Auroc).OfType<double>()])).ToList();
        var top = data.Contenders.Where(c => c.Mean(Metric.Auroc) is not null).MaxBy(c => c.Mean(Metric.Auroc));
        return new IntervalPlot("Test AUROC", rows).ToFigure("test-auroc", "Test AUROC", $"{(data.Repeats.Count > 1 ? "Full points: means; hollow points: repetitions" : "Points: one repetition")}{(intervals ? "; lines: 95 % intervals" : "")}. Grey: classical methods. Highest: {top?.Name ?? Number.Undefined} with {Number.Metric(top?.Mean(Metric.Auroc))}.");
    }

    private static Figure Roc(ReportData data) => Curve(data, "roc", "ROC", "False positive rate", "True positive rate", diagonal: true, trial =>
        RocCurve.Compute(trial.Test.Labels, trial.Test.Probabilities) is { } roc ? (roc.FalsePositiveRates, roc.TruePositiveRates) : null);

    private static Figure PrecisionRecall(ReportData data) => Curve(data, "precision-recall", "Precision and recall", "Recall", "Precision", diagonal: false, trial =>
        PrecisionRecallCurve.Compute(trial.Test.Labels, trial.Test.Probabilities) is { } pr ? (pr.Recalls, pr.Precisions) : null);

    private static Figure Calibration(ReportData data) => Curve(data, "calibration", "Calibration", "Mean probability", "Share of label 1", diagonal: true, trial =>
    {
        var bins = CalibrationCurve.Compute(trial.Test.Labels, trial.Test.Probabilities).Where(bin => bin.Count > 0).ToList();
        return ([.. bins.Select(bin => bin.MeanProbability!.Value)], [.. bins.Select(bin => bin.ShareOfPositives!.Value)]);
    }, markers: true);

    /// <summary>One curve a contender, of its repetition with the middle AUROC: curves of different splits must not be pooled.</summary>
    private static Figure Curve(ReportData data, string id, string title, string x, string y, bool diagonal, Func<Trial, (IReadOnlyList<double> X, IReadOnlyList<double> Y)?> curve, bool markers = false)
    {
        var series = new List<PlotSeries>();
        var looks = ContenderLooks.Of(data);
        var without = new List<string>();
        foreach (var contender in data.Tuned)
        {
            var drawn = contender.Trials.Where(t => t.TestMetrics.Auroc is not null).DefaultIfEmpty(contender.Trials[0]).OrderBy(t => t.TestMetrics.Auroc).ToList();
            var middle = drawn[(drawn.Count - 1) / 2];
            if (curve(middle) is { } points) series.Add(new PlotSeries(contender.Name, points.X, points.Y, looks[contender].Color, looks[contender].Dash, markers));
            else without.Add(contender.Name);
        }
        var words = $"{(data.Repeats.Count > 1 ? "Test split of each model and method's repetition with the middle AUROC" : "Test split of each model and method")}{(diagonal ? $"; grey dashes: {(id == "roc" ? "chance" : "perfect calibration")}" : "")}."
            + (without.Count == 0 ? "" : $" Not defined, as the test split holds one class only: {string.Join(", ", without)}.");
        return new LinePlot(x, y, series) { XRange = (0, 1), YRange = (0, 1), Diagonal = diagonal, Height = 320 }.ToFigure(id, title, words);
    }
}

using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Reports.Figures;
using EcgPeft.Core.Runs;

namespace EcgPeft.Core.Reports.Results;

/// <summary>One person's segments of the test split.</summary>
/// <param name="Person">The group's name.</param>
/// <param name="Metrics">Metrics of them alone.</param>
public sealed record PersonResult(string Person, BinaryMetrics Metrics)
{
    // scikit-learn calls these 0 where nothing is there to be found; of one person that would mislead.
    private static readonly string[] OfPositives = ["precision", "recall", "f1"];

    /// <summary>A metric of the person's segments; null where they do not define it, also where a person has no segment of the class that it is about.</summary>
    /// <param name="metric">The metric.</param>
    public double? Of(Metric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return (OfPositives.Contains(metric.Name) && Metrics.Positives == 0) || (metric.Name == "specificity" && Metrics.Positives == Metrics.Count) ? null : metric.Of(Metrics);
    }
}

/// <summary>A single run looked at closely: intervals, curves of both splits, how probabilities became decisions, person by person.</summary>
public sealed class RunEvaluation
{
    private RunEvaluation(ReportRun run, IReadOnlyList<string>? groups, int resamples)
    {
        Run = run;
        var contender = new Contender(run.Name, run.Model, run.Method, "", [new Trial("", run.Predictions.Validation, run.Predictions.Test, run.Metrics.Test.Threshold, run, null)]);
        var comparisons = new Comparisons(groups, resamples);
        Resampled = comparisons.Resampled(contender);
        Intervals = Resampled is { ByGroup: true, Units: < PairComparison.FewestGroups } ? null : comparisons.Intervals(contender);
        var test = run.Predictions.Test;
        People = groups is null ? []
            : [.. Enumerable.Range(0, test.Count).GroupBy(i => groups[test.Rows[i]], StringComparer.Ordinal)
                .Select(person => new PersonResult(person.Key, test.At([.. person]).Metrics(run.Metrics.Test.Threshold))).OrderBy(person => person.Metrics.Accuracy).ThenBy(person => person.Person, StringComparer.Ordinal)];
    }

    /// <summary>The run.</summary>
    public ReportRun Run { get; }

    /// <summary>95 % bootstrap intervals of the test metrics; null where so few people are tested that they would mislead.</summary>
    public IReadOnlyDictionary<Metric, Interval?>? Intervals { get; }

    /// <summary>What intervals resample: how many people or segments.</summary>
    public (int Units, bool ByGroup) Resampled { get; }

    /// <summary>Every person of the test split, the lowest accuracy first; empty where people are not known.</summary>
    public IReadOnlyList<PersonResult> People { get; }

    /// <summary>Draws ROC, precision and recall, and calibration: the test split in the run's own colour and dash, validation fainter.</summary>
    public IReadOnlyList<Figure> DrawCurves() =>
    [
        Plot("roc", "ROC", "False positive rate", "True positive rate", true, false, p => RocCurve.Compute(p.Labels, p.Probabilities) is { } roc ? (roc.FalsePositiveRates, roc.TruePositiveRates) : null, Metric.Auroc),
        Plot("precision-recall", "Precision and recall", "Recall", "Precision", false, false, p => PrecisionRecallCurve.Compute(p.Labels, p.Probabilities) is { } pr ? (pr.Recalls, pr.Precisions) : null, Metric.Find("averagePrecision")!),
        Plot("calibration", "Calibration", "Mean probability", "Share of label 1", true, true, Calibration, Metric.Find("ece")!),
    ];

    /// <summary>How probabilities became decisions, in a sentence or two.</summary>
    public string Decision
    {
        get
        {
            var (threshold, decisions) = (Number.Metric(Run.Metrics.Test.Threshold), Run.Metrics.Decisions);
            var rule = (decisions?.Threshold ?? ThresholdRule.Fixed) switch
            {
                ThresholdRule.Fixed => $"A segment is called 1 from a probability of {threshold} on.",
                ThresholdRule.F1 => $"A segment is called 1 from a probability of {threshold} on: the threshold with the highest F1 on the validation split, applied to the test split.",
                ThresholdRule.Youden => $"A segment is called 1 from a probability of {threshold} on: the threshold with the highest Youden index on the validation split, applied to the test split.",
                _ => $"A segment is called 1 from a probability of {threshold} on: the highest threshold that reaches a sensitivity of {Number.Fixed(Run.Recipe.Evaluation.Sensitivity, 2)} on the validation split, applied to the test split.",
            };
            return rule + decisions?.Calibration switch
            {
                { Kind: CalibrationKind.Temperature } c => $" Probabilities are calibrated by temperature scaling, fitted on the validation split (temperature {Number.Fixed(1 / c.Slope, 3)}).",
                { Kind: CalibrationKind.Platt } c => $" Probabilities are calibrated by Platt scaling, fitted on the validation split (slope {Number.Fixed(c.Slope, 3)}, intercept {Number.Fixed(c.Intercept, 3)}).",
                _ => " Probabilities are not calibrated.",
            };
        }
    }

    /// <summary>How fast, steady and tight it was fitted; null where there is no epoch, or its score is undefined.</summary>
    public Convergence? Convergence => Results.Convergence.Of(Run.Epochs, Run.Recipe.Training.SelectionMetric);

    /// <summary>What the intervals mean, in a sentence.</summary>
    public string Uncertainty => Intervals is null
        ? $"The test split holds only {Resampled.Units} {(Resampled.Units == 1 ? "person" : "people")}, too few for intervals that speak about others."
        : $"95 % bootstrap intervals over {Number.Count(Bootstrap.DefaultResamples)} resamples of the {Number.Count(Resampled.Units)} {(Resampled.ByGroup ? "people" : "segments")} in the test split.";

    /// <summary>Looks at a run.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="resamples">Bootstrap resamples.</param>
    /// <exception cref="UserInputException">It is not completed, a file is damaged, or its metrics do not follow from its predictions.</exception>
    public static RunEvaluation Of(RunFolder folder, int resamples = Bootstrap.DefaultResamples)
    {
        var run = ReportRun.Read(folder);
        return new RunEvaluation(run, Groups(run), resamples);
    }

    private static IReadOnlyList<string>? Groups(ReportRun run)
    {
        try
        {
            var segments = SegmentSource.Load(run.Recipe.Data.Path ?? "", run.Recipe.Data.Groups).Segments;
            return run.Recipe.Data.Hash is { } hash && segments.Hash != hash ? null : segments.Groups;
        }
        catch (UserInputException)
        {
            return null; // the data are no longer there: people are not known
        }
    }

    private Figure Plot(string id, string title, string x, string y, bool diagonal, bool markers, Func<Predictions, (IReadOnlyList<double> X, IReadOnlyList<double> Y)?> curve, Metric metric)
    {
        var (series, look) = (new List<PlotSeries>(), RunLook.Of(Run.Folder));
        if (curve(Run.Predictions.Test) is { } points) series.Add(new PlotSeries("test", points.X, points.Y, look.Color, look.Dash, markers));
        if (curve(Run.Predictions.Validation) is { } other) series.Add(new PlotSeries("validation", other.X, other.Y, look.Color, (look.Dash + 1) % RunLook.Dashes, markers, Faint: true));
        return new LinePlot(x, y, series) { XRange = (0, 1), YRange = (0, 1), Diagonal = diagonal, Height = 320 }
            .ToFigure(id, title, $"{metric.Title} {Number.Metric(metric.Of(Run.Metrics.Test))} on test, {Number.Metric(metric.Of(Run.Metrics.Validation))} on validation.");
    }

    private static (IReadOnlyList<double>, IReadOnlyList<double>)? Calibration(Predictions predictions)
    {
        var bins = CalibrationCurve.Compute(predictions.Labels, predictions.Probabilities).Where(bin => bin.Count > 0).ToList();
        return ([.. bins.Select(bin => bin.MeanProbability!.Value)], [.. bins.Select(bin => bin.ShareOfPositives!.Value)]);
    }
}

using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Evaluation;

public class DecisionTests
{
    private static readonly byte[] Labels = [0, 0, 0, 1, 0, 1, 1, 1];
    private static readonly double[] Probabilities = [0.05, 0.1, 0.2, 0.3, 0.4, 0.45, 0.6, 0.7];

    [Fact]
    public void Each_rule_finds_the_best_threshold_of_its_kind()
    {
        Assert.Equal(0.5, DecisionThreshold.Choose(ThresholdRule.Fixed, Labels, Probabilities, 0.9));
        var f1 = DecisionThreshold.Choose(ThresholdRule.F1, Labels, Probabilities, 0.9);
        var best = BinaryMetrics.Compute(Labels, Probabilities, f1).F1;
        for (var t = 0.01; t < 1; t += 0.01) Assert.True(BinaryMetrics.Compute(Labels, Probabilities, t).F1 <= best);
        var youden = BinaryMetrics.Compute(Labels, Probabilities, DecisionThreshold.Choose(ThresholdRule.Youden, Labels, Probabilities, 0.9));
        for (var t = 0.01; t < 1; t += 0.01) Assert.True(BinaryMetrics.Compute(Labels, Probabilities, t).BalancedAccuracy <= youden.BalancedAccuracy);

        var sensitive = DecisionThreshold.Choose(ThresholdRule.Sensitivity, Labels, Probabilities, 0.75);
        Assert.Equal(0.75, BinaryMetrics.Compute(Labels, Probabilities, sensitive).Recall);
        Assert.InRange(sensitive, 0.4, 0.45);
        Assert.Equal(1, BinaryMetrics.Compute(Labels, Probabilities, DecisionThreshold.Choose(ThresholdRule.Sensitivity, Labels, Probabilities, 1)).Recall);
    }

    [Fact]
    public void One_class_leaves_the_threshold_and_the_probabilities_as_they_are()
    {
        Assert.Equal(0.5, DecisionThreshold.Choose(ThresholdRule.F1, [1, 1], [0.2, 0.9], 0.9));
        Assert.Same(ProbabilityCalibration.Identity, ProbabilityCalibration.Fit(CalibrationKind.Platt, [1, 1], [0.2, 0.9]));
    }

    [Theory]
    [InlineData(CalibrationKind.Temperature, 2.5, 0)]
    [InlineData(CalibrationKind.Platt, 0.4, -1)]
    public void Calibration_finds_how_the_probabilities_were_distorted(CalibrationKind kind, double slope, double intercept)
    {
        // 100 segments at each probability of 1 % to 99 %, exactly so many of them with label 1.
        var truth = Enumerable.Range(0, 9900).Select(i => (i / 100 + 1) / 100.0).ToArray();
        var labels = Enumerable.Range(0, 9900).Select(i => i % 100 <= i / 100 ? (byte)1 : (byte)0).ToArray();
        // logit(said) = (logit(truth) - intercept) / slope
        var said = truth.Select(p => 1 / (1 + Math.Exp(-(Math.Log(p / (1 - p)) - intercept) / slope))).ToArray();
        var fitted = ProbabilityCalibration.Fit(kind, labels, said);
        var tolerance = kind == CalibrationKind.Temperature ? 1e-5 : 1e-2; // Platt's targets are not quite 0 and 1
        Assert.Equal(slope, fitted.Slope, tolerance);
        Assert.Equal(intercept, fitted.Intercept, tolerance);
        Assert.True(BinaryMetrics.Compute(labels, fitted.Apply(said)).LogLoss < BinaryMetrics.Compute(labels, said).LogLoss);
        Assert.Equal(BinaryMetrics.Compute(labels, said).Auroc!.Value, BinaryMetrics.Compute(labels, fitted.Apply(said)).Auroc!.Value, 1e-9);
    }

    [Fact]
    public void Separable_validation_predictions_do_not_run_away()
    {
        var fitted = ProbabilityCalibration.Fit(CalibrationKind.Temperature, [0, 0, 1, 1], [0.2, 0.3, 0.7, 0.9]);
        Assert.InRange(fitted.Slope, 1, 20);
        Assert.All(fitted.Apply([0, 0.5, 1]), p => Assert.InRange(p, 0, 1));
    }

    [Fact]
    public void Metrics_follow_from_the_predictions_file_with_every_rule()
    {
        var path = Path.Combine(TestData.TemporaryFolder(), "predictions.csv");
        var validation = new Predictions([0, 2, 4, 6, 8, 10, 12, 14], Labels, Probabilities);
        var test = new Predictions([1, 3, 5, 7, 9, 11, 13, 15], Labels, [.. Probabilities.Select(p => Math.Sqrt(p / 3))]);
        var decided = RunDecisions.Decide(new EvaluationRecipe { Threshold = ThresholdRule.F1, Calibration = CalibrationKind.Platt }, validation, test);
        File.WriteAllText(path, PredictionsFile.Text(decided.Validation, decided.Test));
        var read = PredictionsFile.Read(path);
        Assert.Equal(decided.Test!.Metrics(decided.Threshold), read.Test.Metrics(decided.Threshold));
        Assert.Equal(decided.Validation.Metrics(decided.Threshold), read.Validation.Metrics(decided.Threshold));
        Assert.Equal(CalibrationCurve.Compute(read.Test.Labels, read.Test.Probabilities), decided.Decisions.TestCurve);
        Assert.Equal(8, decided.Decisions.TestCurve.Sum(bin => bin.Count));
    }
}

using EcgPeft.Core;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Runs;

namespace EcgPeft.Tests.Reports;

public class RunComparisonTests
{
    private const int Resamples = 300;

    [Fact]
    public void Runs_stand_side_by_side_with_differences_to_the_baseline()
    {
        var samples = new StudySamples(grouped: true);
        var (good, poor) = (samples.Run(Path.Combine(samples.Folder, "good"), "demo/hubert", "lora", 1, 0.9), samples.Run(Path.Combine(samples.Folder, "poor"), "demo/hubert", "adapter", 1, 0.1));
        var comparison = RunComparison.Of([good, poor], "poor", Resamples);
        Assert.Equal(1, comparison.BaselineIndex);
        Assert.Null(comparison.Against(1, Metric.Auroc));
        var pair = comparison.Against(0, Metric.Auroc)!;
        Assert.Equal(comparison.Runs[0].Metrics.Test.Auroc!.Value - comparison.Runs[1].Metrics.Test.Auroc!.Value, pair.Difference!.Value, 1e-12);
        Assert.Contains("good is better than poor", Assert.Single(comparison.Verdicts()), StringComparison.Ordinal);

        var agreement = comparison.AgreementOf(0, 1)!;
        Assert.Equal(comparison.Runs[0].Predictions.Test.Count, agreement.BothRight + agreement.BothWrong + agreement.OnlyFirst.Count + agreement.OnlySecond.Count);
        var test = comparison.Runs[0].Metrics.Test;
        Assert.Equal(test.TruePositives + test.TrueNegatives, agreement.BothRight + agreement.OnlyFirst.Count);
        Assert.All(agreement.OnlySecond, segment => Assert.True(segment.SecondRight && !segment.FirstRight));

        var csv = ComparisonText.Csv(comparison).TrimEnd('\n').Split('\n').Select(line => line.Split(',')).ToList();
        Assert.Equal(3, csv.Count);
        Assert.All(csv, row => Assert.Equal(csv[0].Length, row.Length));
        Assert.Equal(comparison.Runs[0].Metrics.Test.Auroc, double.Parse(csv[1][Array.IndexOf(csv[0], "auroc")], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Contains("| good |", ComparisonText.Markdown(comparison), StringComparison.Ordinal);
        Assert.Contains("\\bottomrule", ComparisonText.Latex(comparison), StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_on_other_test_rows_are_not_compared_pair_by_pair()
    {
        var samples = new StudySamples(grouped: false);
        var (a, b) = (samples.Run(Path.Combine(samples.Folder, "a"), "demo/hubert", "lora", 1, 0.9), samples.Run(Path.Combine(samples.Folder, "b"), "demo/hubert", "lora", 2, 0.1));
        var comparison = RunComparison.Of([a, b], null, Resamples);
        Assert.Null(comparison.Against(1, Metric.Auroc));
        Assert.Null(comparison.AgreementOf(0, 1));
        Assert.Equal("b was tested on other rows than a, so the two cannot be compared pair by pair.", Assert.Single(comparison.Verdicts()));

        // Many of them are one sentence, behind those that can be tested.
        comparison = RunComparison.Of([a, b, samples.Run(Path.Combine(samples.Folder, "c"), "demo/hubert", "adapter", 2, 0.1), samples.Run(Path.Combine(samples.Folder, "d"), "demo/hubert", "adapter", 1, 0.5)], null, Resamples);
        string[] verdicts = [.. comparison.Verdicts()];
        Assert.Equal(2, verdicts.Length);
        Assert.DoesNotContain("other rows", verdicts[0], StringComparison.Ordinal);
        Assert.Equal("b and c were tested on other rows than a, so none of them can be compared with it pair by pair.", verdicts[1]);
    }

    [Fact]
    public void Runs_without_metrics_are_left_out_and_said()
    {
        var samples = new StudySamples(grouped: false);
        var (a, b) = (samples.Run(Path.Combine(samples.Folder, "a"), "demo/hubert", "lora", 1, 0.9), samples.Run(Path.Combine(samples.Folder, "b"), "demo/hubert", "adapter", 1, 0.5));
        var pretrained = RunFolder.CreateAt(Path.Combine(samples.Folder, "adapted"), new Core.Training.Recipe { Name = "adapted", Data = new() { Path = samples.Data }, Pretraining = new() });
        var waiting = RunFolder.CreateAt(Path.Combine(samples.Folder, "waiting"), new Core.Training.Recipe { Data = new() { Path = samples.Data } });
        var comparison = RunComparison.Of([a, pretrained, b, waiting], "b", Resamples);
        Assert.Equal(["a", "b"], comparison.Runs.Select(run => run.Name));
        Assert.Equal(1, comparison.BaselineIndex);
        Assert.Contains("adapted is a pre-training run", comparison.Notes[0], StringComparison.Ordinal);
        Assert.Contains("waiting has not completed", comparison.Notes[1], StringComparison.Ordinal);
        var trial = samples.Run(Path.Combine(samples.Folder, "trial"), "demo/hubert", "lora", 3, 0.9);
        (RunMetrics.ReadFrom(trial) with { Tested = null }).WriteTo(trial);
        Assert.Contains("trial was a trial of a search", Assert.Single(RunComparison.Of([a, b, trial], "b", Resamples).Notes), StringComparison.Ordinal);
        Assert.Equal(comparison.Notes, ReportData.OfRuns([a, pretrained, b, waiting]).Notes);
        Assert.Contains("pre-training", Assert.Throws<UserInputException>(() => RunComparison.Of([a, pretrained], null, Resamples)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_run_is_no_comparison()
    {
        var samples = new StudySamples(grouped: false);
        var run = samples.Run(Path.Combine(samples.Folder, "a"), "demo/hubert", "lora", 1, 0.9);
        Assert.Throws<UserInputException>(() => RunComparison.Of([run], null, Resamples));
        Assert.Throws<UserInputException>(() => RunComparison.Of([run, new RunFolder(Path.Combine(samples.Folder, "none"))], null, Resamples));
    }
}

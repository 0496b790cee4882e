using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Reports;
using EcgPeft.Core.Reports.Results;

namespace EcgPeft.Tests.Reports;

public class StudyPictureTests
{
    [Fact]
    public void Models_and_methods_stand_in_a_grid_with_means_over_seeds_and_the_verdict()
    {
        var data = Quick(ReportData.OfStudy(new StudySamples(grouped: true).Study(3, 0.9, 0.1)));
        var picture = new StudyPicture(data);
        Assert.Equal("LoRA against adapter", picture.Title);
        Assert.Equal(["wav2vec2", "hubert"], picture.Models);
        Assert.Equal(3, picture.Repetitions);
        foreach (var model in picture.Models)
            foreach (var method in picture.Methods)
            {
                var cell = Assert.Single(picture.Cells(model, method, Metric.Auroc));
                Assert.Equal(cell.Contender.Runs.Average(run => run.Metrics.Test.Auroc!.Value), cell.Mean!.Value, 1e-12);
                Assert.InRange(cell.Mean.Value, cell.Interval!.Low, cell.Interval.High);
            }
        Assert.Contains("LoRA is better than", picture.Verdicts[0], StringComparison.Ordinal);
        Assert.Contains("Over 2 models", picture.Verdicts[^1], StringComparison.Ordinal);
        var pair = Assert.Single(picture.Pairs("hubert", Metric.Find("brier")!));
        Assert.True(pair.Shown && pair.Difference < 0, pair.Verdict);
        Assert.Equal("Majority class", Assert.Single(picture.YardstickCells(Metric.Auroc)).Contender.Name);
        Assert.Contains("Not beaten by anything both cheaper and better", picture.Costs[0].Description, StringComparison.Ordinal);
        Assert.DoesNotContain("adapter", picture.Costs[0].Description, StringComparison.Ordinal); // dearer and worse
        Assert.NotNull(picture.Differences);
        Assert.Equal(4, picture.Convergences.Rows.Count);
    }

    [Fact]
    public void A_yardstick_that_scored_higher_is_named_as_such()
    {
        var samples = new StudySamples(grouped: false);
        var data = Quick(ReportData.OfStudy(samples.Study(1, 0.1, 0.1)));
        Assert.DoesNotContain(new StudyPicture(data).Yardsticks, sentence => sentence.Contains("scored higher", StringComparison.Ordinal));
        var best = data.Yardsticks[0] with { Name = "Small 1-D CNN", Method = "small-cnn", Trials = [.. data.Yardsticks[0].Trials.Select(trial => new Trial(trial.Repeat, trial.Validation, trial.Test with { Probabilities = [.. trial.Test.Labels.Select(label => (double)label)] }, trial.Threshold, null, trial.Yardstick))] };
        Assert.Contains(new StudyPicture(Quick(new ReportData(data.Folder, data.Study, data.Runs, [.. data.Tuned, best], data.Segments, []))).Yardsticks, sentence => sentence.StartsWith("Small 1-D CNN (1.000) scored higher than every model and method", StringComparison.Ordinal));
    }

    private static ReportData Quick(ReportData data) => data with { Comparisons = new Comparisons(data.Segments?.Groups, 200) };
}

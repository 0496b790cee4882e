using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Reports;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Runs;

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
        Assert.Contains(new StudyPicture(Quick(new ReportData(data.Folder, data.Study, data.Runs, [.. data.Tuned, best], data.Segments, []))).Yardsticks, sentence => sentence.StartsWith("Small 1-D CNN (1.000, 1 parameter trained from scratch) scored higher than every model and method", StringComparison.Ordinal));
    }

    [Fact]
    public void Single_runs_have_their_own_colour_and_dash_in_figures_and_repetitions_that_of_their_method()
    {
        var samples = new StudySamples(grouped: false);
        var folders = new[] { "lora", "adapter" }.Select(method => samples.Run(Path.Combine(samples.Folder, method), "demo/hubert", method, 1, 0.5)).ToList();
        File.WriteAllText(Path.Combine(folders[0].Path, "look.json"), $$"""{ "look": {{(3 * RunLook.Colors) + 4}} }""");
        File.WriteAllText(Path.Combine(folders[1].Path, "look.json"), """{ "look": 2 }""");
        var loss = new StudyPicture(Quick(ReportData.OfRuns(folders))).Curves[0].Svg;
        Assert.Contains("stroke:var(--series-5, #532460)\" stroke-width=\"1.8\" stroke-linejoin=\"round\" stroke-dasharray=\"10\"/>", loss, StringComparison.Ordinal);
        Assert.Contains("stroke:var(--series-3, #483dcf)\" stroke-width=\"1.8\" stroke-linejoin=\"round\"/>", loss, StringComparison.Ordinal);
        var repeated = new StudyPicture(Quick(ReportData.OfStudy(samples.Study(2, 0.5, 0.5)))).Curves[0].Svg;
        Assert.Equal(2, System.Text.RegularExpressions.Regex.Matches(repeated, "stroke:var\\(--series-\\d").Select(match => match.Value).Distinct().Count());
    }

    private static ReportData Quick(ReportData data) => data with { Comparisons = new Comparisons(data.Segments?.Groups, 200) };
}

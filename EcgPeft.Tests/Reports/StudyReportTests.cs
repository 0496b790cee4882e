using System.Text.RegularExpressions;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Reports;
using EcgPeft.Core.Reports.Document;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Runs;

namespace EcgPeft.Tests.Reports;

public class StudyReportTests
{
    [Fact]
    public void A_report_is_one_file_with_its_figures_and_their_data_beside_it()
    {
        var samples = new StudySamples(grouped: true);
        var report = StudyReport.Build(Quick(ReportData.OfStudy(samples.Study(2, 0.9, 0.2))));
        var path = Path.Combine(samples.Folder, "report.html");
        StudyReport.Write(report, path);
        var html = File.ReadAllText(path);
        Assert.True(Regex.Count(html, "<svg") >= 8);
        Assert.DoesNotMatch("""(src|href)="(?!#)|@import|url\(""", html);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Contains("counter(pages)", html, StringComparison.Ordinal);
        Assert.Contains("<div class=\"wide whole\"><table><caption>", html, StringComparison.Ordinal); // short tables stay on one page
        var figures = report.Figures.ToList();
        Assert.Equal(figures.Count, figures.Select(f => f.Id).Distinct().Count());
        foreach (var figure in figures) Assert.True(File.ReadAllLines(Path.Combine(samples.Folder, "report-figures", figure.Id + ".csv")).Length > 1, figure.Id);

        StudyReport.Write(report, Path.Combine(samples.Folder, "report.md"));
        foreach (Match link in Regex.Matches(File.ReadAllText(Path.Combine(samples.Folder, "report.md")), @"\]\(([^)]+)\)")) Assert.True(File.Exists(Path.Combine(samples.Folder, link.Groups[1].Value)));
        Assert.Throws<UserInputException>(() => StudyReport.Write(report, Path.Combine(samples.Folder, "report.docx")));
    }

    [Fact]
    public void A_pdf_is_printed_where_there_is_a_chromium()
    {
        if (PdfReport.Browser is null) Assert.Skip("No Chromium was found.");
        var samples = new StudySamples(grouped: false);
        var path = Path.Combine(samples.Folder, "report.pdf");
        StudyReport.Write(StudyReport.Build(Quick(ReportData.OfStudy(samples.Study(1, 0.9, 0.2)))), path);
        Assert.Equal("%PDF-"u8.ToArray(), File.ReadAllBytes(path)[..5]);
    }

    [Fact]
    public void A_clear_difference_is_said_and_its_numbers_are_the_runs_numbers()
    {
        var data = Quick(ReportData.OfStudy(new StudySamples(grouped: true).Study(3, 0.9, 0.1)));
        Assert.Equal(2, data.MethodPairs.Count);
        foreach (var pair in data.MethodPairs)
        {
            Assert.True(pair.Shown, pair.Verdict);
            Assert.Equal("lora", pair.Better!.Method);
            var expected = pair.First.Runs.Zip(pair.Second.Runs, (a, b) => a.Metrics.Test.Auroc!.Value - b.Metrics.Test.Auroc!.Value).Average();
            Assert.Equal(expected, pair.Difference!.Value, 1e-12);
            Assert.Contains($"LoRA is better than {pair.Second.Name} by {Number.Metric(expected)} AUROC [", pair.Verdict, StringComparison.Ordinal);
            Assert.InRange(pair.Difference.Value, pair.Interval!.Low, pair.Interval.High);
            Assert.True(pair.AdjustedP >= pair.P);
        }
        var answer = string.Join('\n', StudyReport.Build(data).Blocks.OfType<ParagraphBlock>().Select(p => p.Text));
        Assert.Contains("Over 2 models, LoRA minus adapter", answer, StringComparison.Ordinal);
        Assert.Contains("LoRA is better on average", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_difference_none_is_claimed()
    {
        var data = Quick(ReportData.OfStudy(new StudySamples(grouped: false).Study(2, 0.5, 0.5)));
        Assert.All(data.MethodPairs, pair => Assert.StartsWith("No difference shown", pair.Verdict, StringComparison.Ordinal));
        Assert.DoesNotContain(StudyReport.Build(data).Blocks.OfType<ParagraphBlock>(), p => p.Emphasised && p.Text.Contains("is better", StringComparison.Ordinal));
    }

    [Fact]
    public void With_a_handful_of_people_nothing_is_generalised()
    {
        var samples = new StudySamples(grouped: true);
        var few = (EcgPeft.Core.Training.Recipe recipe) => recipe with { Split = recipe.Split with { Test = 0.15 } };
        var (a, b) = (samples.Run(Path.Combine(samples.Folder, "a"), "demo/hubert", "lora", 1, 0.9, few), samples.Run(Path.Combine(samples.Folder, "b"), "demo/hubert", "adapter", 1, 0.1, few));
        var pair = Assert.Single(ReportData.OfRuns([a, b]).Pairs);
        Assert.True(pair.TooFewGroups);
        Assert.False(pair.Shown);
        Assert.Contains("too few to say", pair.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_that_differ_in_normalisation_alone_are_told_apart_and_compared()
    {
        var samples = new StudySamples(grouped: false);
        var a = samples.Run(Path.Combine(samples.Folder, "a"), "demo/hubert", "lora", 1, 0.9);
        var b = samples.Run(Path.Combine(samples.Folder, "b"), "demo/hubert", "lora", 1, 0.1, r => r with { Preprocessing = r.Preprocessing with { Normalization = NormalizationKind.Global } });
        var data = ReportData.OfRuns([a, b]);
        Assert.Equal(["hubert · LoRA · preprocessing.normalization segment", "hubert · LoRA · preprocessing.normalization global"], data.Contenders.Select(c => c.Name));
        var blocks = StudyReport.Build(data).Blocks;
        var at = blocks.ToList().FindIndex(block => block is HeadingBlock { Text: "Normalisation: segment against global" });
        Assert.Equal(Assert.Single(data.Pairs).Verdict, ((ParagraphBlock)blocks[at + 1]).Text);
    }

    [Fact]
    public void Metrics_that_do_not_follow_from_the_predictions_are_refused()
    {
        var samples = new StudySamples(grouped: false);
        var run = samples.Run(Path.Combine(samples.Folder, "a"), "demo/hubert", "lora", 1, 0.9);
        var metrics = RunMetrics.ReadFrom(run);
        (metrics with { Test = metrics.Test with { F1 = metrics.Test.F1 + 0.01 } }).WriteTo(run);
        Assert.Contains("F1", Assert.Throws<UserInputException>(() => ReportRun.Read(run)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_that_are_gone_leave_a_report_that_says_so()
    {
        var samples = new StudySamples(grouped: true);
        var study = samples.Study(1, 0.9, 0.1);
        File.Delete(samples.Data);
        var data = Quick(ReportData.OfStudy(study));
        Assert.Contains("could not be read again", Assert.Single(data.Notes), StringComparison.Ordinal);
        Assert.NotEmpty(StudyReport.Build(data).Blocks);
    }

    [Fact]
    public void Convergence_is_measured_as_defined()
    {
        var samples = new StudySamples(grouped: false);
        var run = ReportRun.Read(samples.Run(Path.Combine(samples.Folder, "a"), "demo/hubert", "lora", 1, 0.9));
        var measured = Convergence.Of(run.Epochs, EcgPeft.Core.Training.SelectionMetric.Auroc)!;
        // AUROC 0.633, 0.767, 0.9: 95 % of 0.9 is 0.855.
        Assert.Equal((3, 12L, 4.5, 0.9, 3), (measured.Epoch, measured.Step, measured.Seconds, Math.Round(measured.Best, 12), measured.BestEpoch));
        Assert.Equal((0.5 + 0.4 / 3 + 0.5 + 0.8 / 3 + 0.9) / 3, measured.Area, 1e-12);
        Assert.Equal(0.4 / 3, measured.Stability!.Value, 1e-12);
        Assert.Equal(0.1 / 3, measured.Gap, 1e-12);
        Assert.Null(Convergence.Of([], EcgPeft.Core.Training.SelectionMetric.Auroc));
    }

    // Enough resamples for the verdicts of these tests.
    private static ReportData Quick(ReportData data) => data with { Comparisons = new Comparisons(data.Segments?.Groups, 600) };

    [Fact]
    public void Interval_of_every_metric_holds_its_mean()
    {
        var data = Quick(ReportData.OfStudy(new StudySamples(grouped: true).Study(2, 0.6, 0.4)));
        foreach (var contender in data.Tuned)
            foreach (var (metric, interval) in data.Comparisons.Intervals(contender))
                if (metric != Metric.Find("ece")) Assert.InRange(contender.Mean(metric)!.Value, interval!.Low - 1e-9, interval.High + 1e-9); // resampling inflates a calibration error
    }
}

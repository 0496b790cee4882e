using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Reports;
using EcgPeft.Core.Reports.Document;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Reports;

/// <summary>A report says no more than its runs and tests support, also where a study is poor in them.</summary>
public class ReportClaimsTests
{
    [Fact]
    public void One_repetition_is_said_beside_the_verdict()
    {
        var data = Quick(ReportData.OfStudy(new StudySamples(grouped: false).Study(1, 0.9, 0.1)));
        Assert.All(data.MethodPairs, pair => Assert.EndsWith("after Holm; one repetition).", pair.Verdict, StringComparison.Ordinal));
        var text = Text(data);
        Assert.Contains("; one repetition)", text, StringComparison.Ordinal);
        Assert.DoesNotContain("every repetition points the same way", text, StringComparison.Ordinal);
        Assert.DoesNotContain("means over repetitions, not tested", text, StringComparison.Ordinal);
        Assert.Contains("One repetition: how much another seed would change is not known", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_predictions_are_called_the_same()
    {
        var samples = new StudySamples(grouped: false);
        var study = samples.Study(2, 0.5, 0.5);
        foreach (var run in Study.Read(study).Runs.Where(run => run.Method == "adapter")) Copy(run with { Folder = run.Folder.Replace("adapter", "lora", StringComparison.Ordinal) }, run, study);
        var data = Quick(ReportData.OfStudy(study));
        Assert.All(data.MethodPairs, pair => Assert.EndsWith("0.000 AUROC [0.000, 0.000] (p = 1.000 after Holm; the same in all 2 repetitions).", pair.Verdict, StringComparison.Ordinal));
        Assert.Contains("Over 2 models, LoRA minus adapter is 0.000 AUROC [0.000, 0.000] (p = 1.000, by itself): no difference shown on average.", Text(data), StringComparison.Ordinal);
    }

    [Fact]
    public void An_interval_that_leaves_out_0_does_not_read_as_if_it_ended_there()
    {
        var pairs = Quick(ReportData.OfStudy(new StudySamples(grouped: false).Study(2, 0.9, 0.1))).MethodPairs;
        Assert.Equal(
            "Over 3 models, LoRA minus adapter is +0.0040 AUROC [0.0003, 0.0120] (p = 0.038, by itself; 2 of 2 repetitions point that way): LoRA is better on average.",
            new AverageComparison(pairs, 0.004, new(0.0003, 0.012), 0.038, 0.038, 1, 2).Verdict("3 models", "LoRA", "adapter"));
        Assert.Contains("+0.004 AUROC [0.000, 0.012]", new AverageComparison(pairs, 0.004, new(-0.0003, 0.012), 0.2, 0.2, 1, 2).Verdict("3 models", "LoRA", "adapter"), StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_runs_are_named_and_whoever_lacks_repetitions_is_not_the_best()
    {
        var samples = new StudySamples(grouped: false);
        var study = samples.Study(3, 0.9, 0.1);
        // hubert with LoRA keeps its best repetition alone.
        foreach (var run in Study.Read(study).Runs.Where(run => run is { Model: "hubert", Method: "lora", Seed: > 1 })) File.Delete(run.In(study).MetricsFile);
        var data = Quick(ReportData.OfStudy(study));
        Assert.Equal("wav2vec2 · LoRA", data.Best.Name);
        var (text, tables) = (Text(data), StudyReport.Build(data).Blocks.OfType<TableBlock>().ToList());
        Assert.Contains("10 of the study's 12 runs are completed", text, StringComparison.Ordinal);
        Assert.Contains("Not every model and method has all 3 repetitions", text, StringComparison.Ordinal);
        Assert.Contains("; one repetition on the same test rows)", data.MethodPairs.Single(pair => pair.First.Model == "hubert").Verdict, StringComparison.Ordinal);
        Assert.Contains("LoRA and adapter are not averaged over the models", text, StringComparison.Ordinal);
        Assert.Contains(tables, table => table.Rows.Any(row => row[0] == "hubert · LoRA (1 of 3 repetitions)"));
        Assert.Equal("1 of 3 repetitions", new StudyPicture(data) is var picture ? picture.Lacking(picture.Cells("hubert", "lora", Metric.Auroc)[0]) : null);
    }

    [Fact]
    public void Runs_on_unequal_splits_are_neither_ranked_nor_said_to_share_a_split()
    {
        var samples = new StudySamples(grouped: true);
        var a = samples.Run(Path.Combine(samples.Folder, "by-person"), "demo/hubert", "lora", 1, 0.5);
        var b = samples.Run(Path.Combine(samples.Folder, "random"), "demo/hubert", "lora", 1, 0.9, r => r with { Split = r.Split with { Kind = SplitKind.Stratified } });
        var data = Quick(ReportData.OfRuns([a, b]));
        var text = Text(data);
        Assert.Empty(data.Pairs);
        Assert.Contains("No model and method is named the best: they were not all tested on the same segments.", text, StringComparison.Ordinal);
        Assert.Contains("no two models or methods have the same test rows", text, StringComparison.Ordinal);
        var splits = StudyReport.Build(data).Blocks.OfType<TableBlock>().Single(table => table.Caption.StartsWith("Splits", StringComparison.Ordinal));
        Assert.Contains("not the same", splits.Caption, StringComparison.Ordinal);
        Assert.Equal(["seed 1 (by-person)", "seed 1 (random)"], splits.Rows.Select(row => row[0]));
    }

    [Fact]
    public void A_test_split_of_one_class_leaves_auroc_undefined_and_nothing_claimed()
    {
        var samples = new StudySamples(grouped: false);
        var study = samples.Study(1, 0.9, 0.1);
        foreach (var run in Study.Read(study).Runs) KeepNegatives(run.In(study), validation: true);
        var data = Quick(ReportData.OfStudy(study));
        var html = HtmlReport.Write(StudyReport.Build(data), null);
        Assert.All(data.MethodPairs, pair => Assert.Contains("cannot be compared: AUROC is undefined", pair.Verdict, StringComparison.Ordinal));
        Assert.Contains("No model and method is chosen as the best", html, StringComparison.Ordinal);
        Assert.Contains("holds one class only: wav2vec2", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        Assert.DoesNotContain("is better than", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_run_twice_counts_once()
    {
        var samples = new StudySamples(grouped: false);
        RunFolder[] runs = [samples.Run(Path.Combine(samples.Folder, "a"), "demo/hubert", "lora", 1, 0.9), samples.Run(Path.Combine(samples.Folder, "b"), "demo/hubert", "lora", 1, 0.9), samples.Run(Path.Combine(samples.Folder, "c"), "demo/hubert", "adapter", 1, 0.5)];
        var data = Quick(ReportData.OfRuns(runs));
        Assert.Equal(["a", "c"], data.Runs.Select(run => run.Name));
        Assert.Contains("b repeats another run of this report", Assert.Single(data.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_of_a_method_that_were_varied_are_not_called_one_setting()
    {
        var samples = new StudySamples(grouped: false);
        RunFolder[] runs = [.. new[] { 4, 8 }.Select(rank => samples.Run(Path.Combine(samples.Folder, $"rank-{rank}"), "demo/hubert", "lora", 1, 0.5, r => r with { Peft = new LoraConfig { Rank = rank } }))];
        var data = Quick(ReportData.OfRuns(runs));
        var text = Text(data);
        Assert.DoesNotContain("No hyper-parameter was searched over", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Each method was run with one setting", text, StringComparison.Ordinal);
        Assert.Contains(StudyReport.Build(data).Blocks.OfType<TableBlock>(), table => table.Rows.Any(row => row is ["peft.rank (LoRA)", "4, 8"]));
    }

    [Fact]
    public void The_report_of_a_search_says_what_was_tried_and_chosen_and_how_to_do_it_again()
    {
        var samples = new StudySamples(grouped: false);
        var folder = Path.Combine(samples.Folder, "search");
        var plan = new SearchPlan(SearchKind.Grid, [SearchDimension.Parse("training.learningRate=0.001,0.004")], 2);
        var trials = plan.Space[0].Values!.Select((value, i) => new StudyRun($"trial-{i + 1}", "hubert", "lora", 1) { Settings = [$"training.learningRate={value}"] }).ToList();
        var winner = new StudyRun("winner", "hubert", "lora", 1);
        Recipe With(Recipe recipe, int trial) => recipe with { Training = recipe.Training with { Epochs = 3, LearningRate = trial == 0 ? 0.001 : 0.004 } };
        for (var i = 0; i < 2; i++)
        {
            var run = samples.Run(trials[i].In(folder).Path, "demo/hubert", "lora", 1, 0.5, r => With(r, i) with { Evaluation = r.Evaluation with { ValidationOnly = true } });
            (RunMetrics.ReadFrom(run) with { Tested = null }).WriteTo(run);
        }
        samples.Run(winner.In(folder).Path, "demo/hubert", "lora", 1, 0.5, r => With(r, 1));
        new Study(DateTime.UtcNow, new() { Path = samples.Data, Hash = trials[0].In(folder).ReadRecipe().Data.Hash }, ["hubert"], ["lora"], [1], ["training.epochs=3"], trials, []) { Search = plan, Winners = [winner] }.WriteTo(folder);

        var data = Quick(ReportData.OfStudy(folder));
        var report = StudyReport.Build(data);
        var chosen = report.Blocks.OfType<TableBlock>().Single(table => table.Caption.StartsWith("What was chosen", StringComparison.Ordinal));
        Assert.Equal(["hubert · LoRA", "2", "learningRate=0.004", "3", "0.900", "chosen"], chosen.Rows[0]);
        Assert.Equal("", chosen.Rows[1][^1]);
        Assert.Contains("each winner called the test split once", Text(data), StringComparison.Ordinal);
        Assert.DoesNotContain("No hyper-parameter was searched over", Text(data), StringComparison.Ordinal);
        var command = report.Blocks.OfType<CodeBlock>().Single().Text;
        Assert.StartsWith("ecgpeft study --data segments.csv", command, StringComparison.Ordinal);
        Assert.Contains("--search grid", command, StringComparison.Ordinal);
        Assert.Contains("--space training.learningRate=0.001,0.004", command, StringComparison.Ordinal);
    }

    [Fact]
    public void Averages_that_are_told_together_are_corrected_together()
    {
        var data = Quick(ReportData.OfStudy(new StudySamples(grouped: false).Study(3, 0.9, 0.1)));
        var alone = Assert.Single(data.Comparisons.Averages([data.MethodPairs]))!;
        Assert.Equal((alone.P, 1), (alone.AdjustedP, alone.Together));
        Assert.True(alone.Shown);
        var both = data.Comparisons.Averages([data.MethodPairs, data.MethodPairs]);
        Assert.All(both, average => Assert.Equal(Math.Min(1, 2 * alone.P!.Value), average!.AdjustedP!.Value, 1e-12));
        Assert.Contains("after Holm over 2 averages", both[0]!.Verdict("2 models", "LoRA", "adapter"), StringComparison.Ordinal);
    }

    private static string Text(ReportData data) => string.Join('\n', StudyReport.Build(data).Blocks.SelectMany(block => block switch
    {
        ParagraphBlock paragraph => [paragraph.Text],
        ListBlock list => list.Items,
        FiguresBlock figures => [.. figures.Figures.Select(figure => figure.Description)],
        _ => (IEnumerable<string>)[],
    }));

    private static void Copy(StudyRun from, StudyRun to, string study)
    {
        File.Copy(from.In(study).PredictionsFile, to.In(study).PredictionsFile, overwrite: true);
        var metrics = RunMetrics.ReadFrom(from.In(study));
        (RunMetrics.ReadFrom(to.In(study)) with { Validation = metrics.Validation, Tested = metrics.Tested }).WriteTo(to.In(study));
    }

    private static void KeepNegatives(RunFolder run, bool validation)
    {
        static Predictions Negatives(Predictions all) => all.At([.. Enumerable.Range(0, all.Count).Where(i => all.Labels[i] == 0)]);
        var read = PredictionsFile.Read(run.PredictionsFile);
        var (v, t) = (validation ? Negatives(read.Validation) : read.Validation, Negatives(read.Test));
        PredictionsFile.Write(run, v, t);
        (RunMetrics.ReadFrom(run) with { Validation = v.Metrics(0.5), Tested = t.Metrics(0.5) }).WriteTo(run);
    }

    private static ReportData Quick(ReportData data) => data with { Comparisons = new Comparisons(data.Segments?.Groups, 300) };
}

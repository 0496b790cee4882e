using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Cli;

/// <summary><c>ecgpeft study</c>: the grid, its yardsticks, going on, and what it refuses.</summary>
public sealed class StudyCommandTests
{
    private readonly string folder = TestData.TemporaryFolder();
    private readonly string data, groups;

    public StudyCommandTests()
    {
        (data, groups) = (Path.Combine(folder, "segments.csv"), Path.Combine(folder, "groups.csv"));
        var made = SyntheticEcg.Generate(80, 8, 5);
        SegmentCsv.Write(data, made, cancel: TestContext.Current.CancellationToken);
        GroupsCsv.Write(groups, made.Groups!);
    }

    [Fact]
    public async Task Every_combination_is_trained_on_the_same_split_and_a_study_goes_on_where_it_was()
    {
        var study = Path.Combine(folder, "study");
        var (code, output, error) = await StudyAsync(study, "--groups", groups, "--yardsticks", "majority,logistic-regression");
        Assert.True(code == 0, error + output);
        var (lora, adapter) = (Run(study, "lora"), Run(study, "adapter"));
        var (a, b) = (PredictionsFile.Read(lora.PredictionsFile), PredictionsFile.Read(adapter.PredictionsFile));
        Assert.True(a.Test.SameSegments(b.Test));
        Assert.True(a.Test.SameSegments(StudyYardsticks.Read(study, "majority", 1)!.Test));
        Assert.Equal(0.5, StudyYardsticks.Read(study, "majority", 1)!.Test.Metrics(0.5).Auroc);
        Assert.Contains("Logistic regression", output, StringComparison.Ordinal);
        Assert.Equal(a.Test.Metrics(0.5), RunMetrics.ReadFrom(lora).Test);

        Directory.Delete(adapter.Path, recursive: true);
        var before = File.GetLastWriteTimeUtc(lora.EventsFile);
        (code, _, error) = await CliProcess.RunAsync("study", "--resume", study);
        Assert.True(code == 0, error);
        Assert.Equal(before, File.GetLastWriteTimeUtc(lora.EventsFile)); // completed: left alone
        Assert.Equal(b.Test.Probabilities, PredictionsFile.Read(adapter.PredictionsFile).Test.Probabilities);
        Assert.Equal(RunStatus.Completed, RunLife.Current(adapter));

        (code, _, error) = await StudyAsync(study, "--set", "training.epochs=2");
        Assert.Equal(2, code);
        Assert.Contains("another study", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ablation_trains_the_grid_once_more_with_one_setting_changed_and_the_report_compares_it()
    {
        var study = Path.Combine(folder, "study");
        var (code, output, error) = await CliProcess.RunAsync(
        [
            "study", "--data", data, "--out", study, "--recipes", Recipes, "--models", Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First()), "--peft", "linear-probe,bitfit", "--yardsticks", "majority",
            "--set", "preprocessing.inputLength=900", "--set", "training.epochs=1", "--ablate", "preprocessing.normalization=globalTraining",
        ]);
        Assert.True(code == 0, error + output);
        var made = Study.Read(study);
        Assert.Equal(4, made.Runs.Count);
        Assert.Equal([NormalizationKind.Segment, NormalizationKind.GlobalTraining, NormalizationKind.Segment, NormalizationKind.GlobalTraining], made.Runs.Select(run => run.In(study).ReadRecipe().Preprocessing.Normalization));
        Assert.EndsWith("-normalization-globaltraining", made.Runs[1].Folder, StringComparison.Ordinal);

        var report = Path.Combine(folder, "report.md");
        (code, output, error) = await CliProcess.RunAsync("report", "--study", study, "--out", report);
        Assert.True(code == 0, error + output);
        var text = File.ReadAllText(report);
        var chapter = text[text.IndexOf("## Normalisation", StringComparison.Ordinal)..];
        Assert.Contains("global (training split)", chapter[..chapter.IndexOf("## Limits", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.Contains("--ablate preprocessing.normalization=globalTraining", text, StringComparison.Ordinal);
        // Two methods on the grid, and each method's two normalisations; no method of one against the other's normalisation.
        Assert.Contains(", 3 comparisons.", output, StringComparison.Ordinal);

        (code, _, error) = await CliProcess.RunAsync("study", "--data", data, "--out", study + "2", "--recipes", Recipes, "--models", "wav2vec2", "--peft", "lora", "--ablate", "seed=4");
        Assert.Equal(2, code);
        Assert.Contains("seed=4", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_study_that_repeats_a_completed_one_is_pointed_out_and_not_refused()
    {
        (string, string)[] root = [("EcgPeft__DataRoot", Path.Combine(folder, "root"))];
        string[] asked = ["study", "--data", data, "--recipes", Recipes, "--models", Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First()), "--peft", "linear-probe,bitfit", "--yardsticks", "none", "--set", "preprocessing.inputLength=900"];
        var (code, output, error) = await CliProcess.RunAsync(root, [.. asked, "--set", "training.epochs=1"]);
        Assert.True(code == 0, error);
        Assert.DoesNotContain("had exactly this design", output, StringComparison.Ordinal);
        (code, output, error) = await CliProcess.RunAsync(root, [.. asked, "--set", "training.epochs=1", "--dry-run"]);
        Assert.True(code == 0, error);
        Assert.Contains("had exactly this design and is completed; running it again gives the same numbers.", output, StringComparison.Ordinal);
        (code, output, error) = await CliProcess.RunAsync(root, [.. asked, "--set", "training.epochs=2", "--dry-run"]);
        Assert.True(code == 0, error);
        Assert.DoesNotContain("had exactly this design", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folds_test_every_person_once()
    {
        var study = Path.Combine(folder, "study");
        var (code, output, error) = await CliProcess.RunAsync(
        [
            "study", "--data", data, "--groups", groups, "--out", study, "--recipes", Recipes, "--models", Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First()), "--peft", "linear-probe", "--folds", "3", "--yardsticks", "majority",
            "--set", "preprocessing.inputLength=900", "--set", "training.epochs=1", "--jobs", "3",
        ]);
        Assert.True(code == 0, error + output);
        var runs = Study.Read(study).Runs;
        Assert.Equal([1, 2, 3], runs.Select(run => run.Fold!.Value));
        Assert.Equal(Enumerable.Range(0, 80), runs.SelectMany(run => PredictionsFile.Read(run.In(study).PredictionsFile).Test.Rows).Order());
        Assert.All(runs, run => Assert.Equal(PredictionsFile.Read(run.In(study).PredictionsFile).Test.Rows, StudyYardsticks.Read(study, "majority", 1, run.Fold)!.Test.Rows));
    }

    [Theory]
    [InlineData("no recipe for the model 'wav9vec'", "--models", "wav9vec", "--peft", "lora")]
    [InlineData("must be one of lora", "--models", "wav2vec2", "--peft", "nothing")]
    [InlineData("use --models, --peft and --seeds", "--models", "wav2vec2", "--peft", "lora", "--set", "seed=3")]
    [InlineData("no yardstick 'yard'", "--models", "wav2vec2", "--peft", "lora", "--yardsticks", "yard")]
    [InlineData("is no whole number", "--models", "wav2vec2", "--peft", "lora", "--seeds", "1,x")]
    [InlineData("Give --peft", "--models", "wav2vec2")]
    [InlineData("contradict each other", "--models", "wav2vec2", "--peft", "lora", "--folds", "3", "--set", "split.kind=grouped")]
    public async Task A_wrong_option_is_one_sentence_and_leaves_nothing_behind(string sentence, params string[] options)
    {
        var study = Path.Combine(folder, "study");
        var (code, _, error) = await CliProcess.RunAsync(["study", "--data", data, "--out", study, "--recipes", Recipes, .. options]);
        Assert.Equal(2, code);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
        Assert.False(Directory.Exists(study));
    }

    private static string Recipes => Path.Combine(TestData.RepositoryRoot(), "recipes");

    private static RunFolder Run(string study, string method) => Study.Read(study).Runs.Single(run => run.Method == method).In(study);

    private Task<(int ExitCode, string Output, string Error)> StudyAsync(string study, params string[] more) => CliProcess.RunAsync(
    [
        "study", "--data", data, "--out", study, "--recipes", Recipes, "--models", Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First()), "--peft", "lora,adapter",
        "--set", "preprocessing.inputLength=900", "--set", "training.epochs=1", .. more,
    ]);
}

using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Cli;

/// <summary><c>ecgpeft study --search</c>: trials leave the test split alone, go on exactly where they paused, and the winner alone is tested.</summary>
public sealed class SearchCommandTests
{
    private readonly string folder = TestData.TemporaryFolder();
    private readonly string data;

    public SearchCommandTests()
    {
        data = Path.Combine(folder, "segments.csv");
        SegmentCsv.Write(data, SyntheticEcg.Generate(60, 6, 5), cancel: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Successive_halving_lets_the_best_go_on_and_tests_the_winner_once()
    {
        var study = Path.Combine(folder, "search");
        var (code, output, error) = await SearchAsync(study, "--search", "asha", "--space", "training.learningRate=0.0005..0.01:log", "--trials", "3", "--eta", "3", "--set", "training.epochs=3", "--set", "training.patience=0");
        Assert.True(code == 0, error + output);
        Assert.Contains("3 trials, compared after 1, 3 epochs, about 5 epochs together", output, StringComparison.Ordinal);
        Assert.Contains("tested once: AUROC", output, StringComparison.Ordinal);

        var read = Study.Read(study);
        var trials = read.Runs.Select(run => run.In(study)).ToList();
        Assert.Single(trials, trial => RunLife.Current(trial) == RunStatus.Completed);
        Assert.Equal(2, trials.Count(trial => RunLife.Current(trial) == RunStatus.Stopped));
        var winner = SearchProgress.Winners(study, read)[read.Winners![0]].In(study);
        Assert.Null(RunMetrics.ReadFrom(winner).Tested);
        Assert.Equal(0, PredictionsFile.Read(winner.PredictionsFile).Test.Count);
        Assert.All(trials, trial => Assert.DoesNotContain("test,", File.Exists(trial.PredictionsFile) ? File.ReadAllText(trial.PredictionsFile) : "", StringComparison.Ordinal));

        // The paused and resumed winner is byte for byte the run that was never interrupted, and its test is of these very weights.
        var final = read.Winners![0].In(study);
        var alone = new RunFolder(Path.Combine(folder, "alone"));
        var recipe = Path.Combine(folder, "alone.json");
        File.Copy(final.RecipeFile, recipe);
        (code, _, error) = await CliProcess.RunAsync("train", "--recipe", recipe, "--out", alone.Path);
        Assert.True(code == 0, error);
        foreach (var run in new[] { winner, final }) Assert.Equal(Weights(alone), Weights(run));
        Assert.Equal(RunMetrics.ReadFrom(alone).Test, RunMetrics.ReadFrom(final).Test);
        Assert.DoesNotContain(EventLog.Read(final.EventsFile, 0).Events.SkipWhile(e => e is not StatusEvent), e => e is StepEvent); // nothing was trained again
        Assert.Equal(RunMetrics.ReadFrom(alone).Test, RunSummary.Read(final)!.Test);

        var before = Directory.EnumerateFiles(study, "events.jsonl", SearchOption.AllDirectories).ToDictionary(file => file, File.GetLastWriteTimeUtc);
        (code, output, error) = await CliProcess.RunAsync("study", "--resume", study);
        Assert.True(code == 0, error);
        Assert.Contains("tested once", output, StringComparison.Ordinal);
        Assert.All(before, file => Assert.Equal(file.Value, File.GetLastWriteTimeUtc(file.Key)));
    }

    [Fact]
    public async Task Several_methods_have_a_winner_each_with_the_yardsticks_beside_them_and_a_second_process_is_refused()
    {
        var study = Path.Combine(folder, "search");
        string[] asked = ["--peft", "lora,adapter", "--search", "grid", "--space", "training.learningRate=0.0005,0.005", "--space", "peft.bottleneckSize=8", "--set", "training.epochs=1", "--yardsticks", "majority,logistic-regression"];
        using (StudyLock.Take(study))
        {
            // As while another process works on it; nothing is made.
            var (refused, _, why) = await SearchAsync(study, asked);
            Assert.Equal(2, refused);
            Assert.Contains("Another EcgPeft is at work on the study", Assert.Single(why.Trim().Split('\n')), StringComparison.Ordinal);
        }
        Assert.False(Study.Is(study));
        var (code, output, error) = await SearchAsync(study, asked);
        Assert.True(code == 0, error + output);
        Assert.Contains("4 trials (2 models and methods), at most 4 epochs together", output, StringComparison.Ordinal);
        var read = Study.Read(study);
        Assert.Equal(["lora", "adapter"], read.Winners!.Select(run => run.Method));
        var winners = SearchProgress.Winners(study, read);
        foreach (var final in read.Winners!)
        {
            Assert.Contains($"with {final.Method} on validation is ", output, StringComparison.Ordinal);
            Assert.NotNull(RunMetrics.ReadFrom(final.In(study)).Tested);
            var best = read.Runs.Where(run => run.Method == final.Method).MaxBy(run => RunMetrics.ReadFrom(run.In(study)).Validation.Auroc)!;
            Assert.Equal(best.Folder, winners[final].Folder);
        }
        Assert.All(read.Runs, run => Assert.Null(RunMetrics.ReadFrom(run.In(study)).Tested));
        Assert.True(StudyYardsticks.Read(study, "logistic-regression", 1)!.Test.SameSegments(PredictionsFile.Read(read.Winners![1].In(study).PredictionsFile).Test));
        Assert.True(output.IndexOf("Logistic regression, seed 1", StringComparison.Ordinal) > output.IndexOf("adapter-winner", StringComparison.Ordinal), output);

        var report = Path.Combine(folder, "report.md");
        (code, output, error) = await CliProcess.RunAsync("report", "--study", study, "--out", report);
        Assert.True(code == 0, error + output);
        Assert.Contains("Logistic regression", File.ReadAllText(report), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_several_seeds_the_winner_is_trained_again_and_tested_on_the_same_segments()
    {
        var study = Path.Combine(folder, "search");
        var (code, output, error) = await SearchAsync(study, "--search", "grid", "--space", "training.learningRate=0.0005,0.005", "--seeds", "3,4", "--set", "training.epochs=1", "--yardsticks", "majority");
        Assert.True(code == 0, error + output);
        Assert.Contains("2 trials and each winner again with 1 more seed, at most 3 epochs together", output, StringComparison.Ordinal);
        Assert.Matches(@" lora +\d\.\d{3} ± \d\.\d{3} .* 2\r?\n", output);
        var read = Study.Read(study);
        var (first, again) = (read.Winners![0].In(study), read.Winners![1].In(study));
        Assert.Equal((3, 4, 3), (first.ReadRecipe().Seed, again.ReadRecipe().Seed, again.ReadRecipe().Split.Seed));
        Assert.True(PredictionsFile.Read(first.PredictionsFile).Test.SameSegments(PredictionsFile.Read(again.PredictionsFile).Test));
        Assert.Equal(File.ReadAllText(first.SplitsFile), File.ReadAllText(again.SplitsFile));
        Assert.NotEqual(Weights(first), Weights(again));

        var report = Path.Combine(folder, "report.md");
        (code, output, error) = await CliProcess.RunAsync("report", "--study", study, "--out", report);
        Assert.True(code == 0, error + output);
        Assert.Contains("The settings of each winner were then trained again with seed 4 on the very same split", File.ReadAllText(report), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_that_was_stopped_goes_on_with_the_trials_that_it_would_have_had()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM to send.");
        var study = Path.Combine(folder, "search");
        string[] asked = ["--search", "random", "--space", "training.learningRate=0.0005..0.01:log", "--trials", "2", "--set", "training.epochs=40", "--set", "training.patience=0"];
        var first = new RunFolder(Path.Combine(study, "trial-01"));
        using (var process = CliProcess.Start(Arguments(study, asked)))
        {
            while (!process.HasExited && !(File.Exists(first.EventsFile) && EventLog.Read(first.EventsFile, 0).Events.OfType<StepEvent>().Any())) await Task.Delay(50, TestContext.Current.CancellationToken);
            using var signal = System.Diagnostics.Process.Start("kill", $"-TERM {process.Id}")!;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(RunWorker.StoppedExitCode, process.ExitCode);
        }
        Assert.Equal(RunStatus.Stopped, RunLife.Current(first));
        Assert.False(Directory.Exists(Study.Read(study).Winners![0].In(study).Path));

        var (code, output, error) = await CliProcess.RunAsync("study", "--resume", study);
        Assert.True(code == 0, error + output);
        Assert.Contains("tested once", output, StringComparison.Ordinal);
        Assert.All(Study.Read(study).AllRuns, run => Assert.Equal(RunStatus.Completed, RunLife.Current(run.In(study))));
    }

    [Theory]
    [InlineData("must be grid, random or asha", "--search", "magic")]
    [InlineData("at least one setting", "--search", "random")]
    [InlineData("belong to a search", "--space", "peft.rank=4,8")]
    [InlineData("does not belong to the method lora", "--search", "grid", "--space", "peft.bottleneckSize=4,8")]
    [InlineData("a search looks for settings on one split", "--search", "grid", "--space", "peft.rank=4,8", "--folds", "3")]
    public async Task What_makes_no_sense_is_refused(string sentence, params string[] options)
    {
        var study = Path.Combine(folder, "search");
        var (code, _, error) = await SearchAsync(study, options);
        Assert.Equal(2, code);
        Assert.Contains(sentence, error, StringComparison.OrdinalIgnoreCase);
        Assert.False(Directory.Exists(study));
    }

    [Fact]
    public async Task The_budget_is_said_before_anything_starts()
    {
        var study = Path.Combine(folder, "search");
        (string, string)[] root = [("EcgPeft__DataRoot", Path.Combine(folder, "root"))];
        string[] asked = ["--search", "random", "--space", "peft.rank=2..16", "--space", "training.learningRate=0.001..0.01:log", "--trials", "7", "--set", "training.epochs=4", "--dry-run"];
        var (code, output, error) = await CliProcess.RunAsync(root, Arguments(study, asked));
        Assert.True(code == 0, error);
        Assert.Contains("7 trials, at most 28 epochs together, 56 steps, 1,176 segments x epochs; trials leave the test split alone", output, StringComparison.Ordinal);
        Assert.Contains("time: not known, since no model and method of it has been measured", output, StringComparison.Ordinal);
        (code, output, error) = await CliProcess.RunAsync(root, Arguments(study, [.. asked, "--estimate"]));
        Assert.True(code == 0, error);
        Assert.Contains("with lora.\ntime: about ", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        // What has been measured is known from then on.
        (code, output, error) = await CliProcess.RunAsync(root, Arguments(study, [.. asked, "--peft", "lora,bitfit"]));
        Assert.True(code == 0, error);
        Assert.Contains(" for 1 of 2 models and methods", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(study));
    }

    private static byte[] Weights(RunFolder run) => File.ReadAllBytes(Path.Combine(run.AdapterFolder, "adapter_model.safetensors"));

    private Task<(int ExitCode, string Output, string Error)> SearchAsync(string study, params string[] more) => CliProcess.RunAsync(Arguments(study, more));

    private string[] Arguments(string study, string[] more) =>
    [
        "study", "--data", data, "--out", study, "--recipes", Path.Combine(TestData.RepositoryRoot(), "recipes"), "--models", Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First()),
        "--set", "preprocessing.inputLength=900", .. more.Contains("--peft") ? Array.Empty<string>() : ["--peft", "lora"], .. more.Contains("--yardsticks") ? Array.Empty<string>() : ["--yardsticks", "none"], .. more,
    ];
}

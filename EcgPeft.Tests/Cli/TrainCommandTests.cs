using System.Diagnostics;
using System.Text.Json;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Cli;

/// <summary><c>ecgpeft train</c> as a person uses it: run folder, repeatability, kill and resume, bad files, real ECG.</summary>
public sealed class TrainCommandTests : IDisposable
{
    private readonly string folder = TestData.TemporaryFolder();
    private readonly string data;

    public TrainCommandTests()
    {
        data = Path.Combine(folder, "segments.csv");
        SegmentCsv.Write(data, SyntheticEcg.Generate(200, 8, 5));
        Environment.SetEnvironmentVariable("EcgPeft__DataRoot", Path.Combine(folder, "root"));
    }

    public static TheoryData<string> Methods => ["lora", "adapter"];

    public void Dispose() => Environment.SetEnvironmentVariable("EcgPeft__DataRoot", null);

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task A_run_folder_holds_everything_and_its_metrics_follow_from_its_predictions(string method)
    {
        var run = await TrainAsync(method, "first", "--set", "training.epochs=2");

        var predictions = File.ReadAllLines(run.PredictionsFile);
        Assert.Equal("split,row,label,probability", predictions[0]);
        var metrics = RunMetrics.ReadFrom(run);
        foreach (var (split, said) in new[] { ("validation", metrics.Validation), ("test", metrics.Test) })
        {
            var rows = predictions.Skip(1).Select(line => line.Split(',')).Where(cells => cells[0] == split).ToList();
            var recomputed = BinaryMetrics.Compute(
                [.. rows.Select(cells => byte.Parse(cells[2], System.Globalization.CultureInfo.InvariantCulture))],
                [.. rows.Select(cells => double.Parse(cells[3], System.Globalization.CultureInfo.InvariantCulture))]);
            Assert.Equal(recomputed, said);
        }
        var recipe = run.ReadRecipe();
        Assert.Equal(SegmentCsv.Read(data, cancel: TestContext.Current.CancellationToken).Segments.Hash, recipe.Data.Hash);
        Assert.Equal(64, recipe.Backbone.Hash!.Length);
        Assert.True(File.Exists(run.EnvironmentFile));
        Assert.True(File.Exists(Path.Combine(run.AdapterFolder, PeftModel.WeightsFile)));
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(run.AdapterFolder, PeftModel.ConfigFile)));
        Assert.Equal("demo/wav2vec2", config.RootElement.GetProperty("base_model_name_or_path").GetString());
        Assert.Equal([RunStatus.Queued, RunStatus.Running, RunStatus.Completed], Events(run).OfType<StatusEvent>().Select(e => e.Status));
    }

    [Fact]
    public async Task A_cuda_device_that_is_not_there_is_refused_in_one_sentence_and_leaves_nothing()
    {
        if (TorchSharp.torch.cuda.is_available()) Assert.Skip("This machine has one.");
        var (exit, _, error) = await CliProcess.RunAsync("train", "--recipe", Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json"), "--data", data, "--out", Path.Combine(folder, "cuda"), "--set", "training.device=cuda");
        Assert.Equal(2, exit);
        Assert.StartsWith("training.device is cuda, but there is no CUDA device", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
        Assert.False(Directory.Exists(Path.Combine(folder, "cuda")));
    }

    [Fact]
    public async Task The_recipe_of_a_run_repeats_it()
    {
        var first = await TrainAsync("lora", "first", "--set", "training.epochs=1");
        var (exit, _, error) = await CliProcess.RunAsync("train", "--recipe", first.RecipeFile, "--out", Path.Combine(folder, "second"));
        Assert.Equal((0, ""), (exit, error));
        var second = new RunFolder(Path.Combine(folder, "second"));
        Assert.Equal(File.ReadAllText(first.PredictionsFile), File.ReadAllText(second.PredictionsFile));
        Assert.Equal(File.ReadAllText(first.RecipeFile), File.ReadAllText(second.RecipeFile));
    }

    [Fact]
    public async Task A_killed_run_goes_on_and_ends_as_if_it_had_never_been_killed()
    {
        // Six epochs lie between the step that is waited for and the end: a test that is slow to see it still comes in time.
        var whole = await TrainAsync("lora", "whole", "--set", "training.epochs=8", "--set", "training.patience=0");

        var killed = new RunFolder(Path.Combine(folder, "killed"));
        using (var process = CliProcess.Start("train", "--recipe", Recipe("lora"), "--data", data, "--out", killed.Path, "--set", "training.epochs=8", "--set", "training.patience=0"))
        {
            await EventAsync(killed, e => e is StepEvent { Epoch: 2 });
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        Assert.False(File.Exists(killed.MetricsFile));
        var (exit, _, error) = await CliProcess.RunAsync("train", "--resume", killed.Path);
        Assert.Equal((0, ""), (exit, error));

        Assert.Equal(File.ReadAllText(whole.PredictionsFile), File.ReadAllText(killed.PredictionsFile));
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole.AdapterFolder, PeftModel.WeightsFile)), File.ReadAllBytes(Path.Combine(killed.AdapterFolder, PeftModel.WeightsFile)));
        var expected = Events(whole).OfType<StepEvent>().ToDictionary(s => s.Step, s => s.Loss);
        var steps = Events(killed).OfType<StepEvent>().ToList();
        Assert.All(steps, step => Assert.Equal(expected[step.Step], step.Loss));
        Assert.Equal(expected.Keys.Order(), steps.Select(s => s.Step).Distinct().Order());
    }

    [Fact]
    public async Task A_stop_request_stops_with_130_and_resume_refuses_a_completed_run()
    {
        var run = new RunFolder(Path.Combine(folder, "stopped"));
        using var process = CliProcess.Start("train", "--recipe", Recipe("lora"), "--data", data, "--out", run.Path, "--set", "training.epochs=40");
        await EventAsync(run, e => e is StepEvent);
        File.WriteAllText(run.StopRequestFile, "");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(130, process.ExitCode);
        Assert.Equal(RunStatus.Stopped, RunLife.Current(run));

        var done = await TrainAsync("lora", "done", "--set", "training.epochs=1");
        var (exit, _, error) = await CliProcess.RunAsync("train", "--resume", done.Path);
        Assert.Equal(2, exit);
        Assert.Contains("is completed", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Processors_are_divided_among_workers_and_a_run_that_goes_on_keeps_its_threads()
    {
        async Task<int> Threads(string name, int workers, params string[] arguments)
        {
            // Two of three epochs at a time, so that the run is there to go on.
            var (exit, _, error) = await CliProcess.RunAsync([("EcgPeft__Workers", $"{workers}"), ("OMP_NUM_THREADS", ""), ("MKL_NUM_THREADS", "")], arguments);
            Assert.True(exit == RunWorker.StoppedExitCode, error);
            var run = new RunFolder(Path.Combine(folder, name));
            var threads = RunEnvironment.ReadFrom(run)!.Threads;
            Assert.Contains(Events(run).OfType<LogEvent>(), log => log.Message.EndsWith($"{threads} threads each.", StringComparison.Ordinal));
            return threads;
        }
        string[] New(string name) => ["train", "--recipe", Recipe("lora"), "--data", data, "--set", "training.epochs=3", "--set", "training.stopAfterEpoch=1", "--out", Path.Combine(folder, name)];
        var alone = await Threads("alone", 1, New("alone"));
        Assert.Equal(Math.Max(1, alone / 2), await Threads("half", 2, New("half")));
        Assert.Equal(1, await Threads("many", 64, New("many")));

        // Others than it began with would change the last digits of sums.
        Assert.Equal(1, await Threads("many", 1, "train", "--resume", Path.Combine(folder, "many")));
        Assert.Equal(alone, await Threads("alone", 64, "train", "--resume", Path.Combine(folder, "alone")));
        var said = Events(new RunFolder(Path.Combine(folder, "many"))).OfType<LogEvent>().Count(log => log.Message.StartsWith("The run began with 1 thread for an operation", StringComparison.Ordinal));
        Assert.Equal(alone > 1 ? 1 : 0, said);
    }

    [Fact]
    public async Task A_wrong_setting_leaves_no_run_folder_behind()
    {
        var target = Path.Combine(folder, "wrong");
        var (exit, _, error) = await CliProcess.RunAsync("train", "--recipe", Recipe("lora"), "--data", data, "--out", target, "--set", """peft.targetModules=["nowhere"]""");
        Assert.Equal(2, exit);
        Assert.Contains("peft.targetModules names 'nowhere'", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
        Assert.False(Directory.Exists(target));
    }

    [Fact]
    public async Task Every_bad_file_is_refused_with_row_and_column()
    {
        using var defects = JsonDocument.Parse(File.ReadAllText(TestData.RealEcgFile("bad/defects.json")));
        foreach (var defect in defects.RootElement.EnumerateArray().Where(d => d.GetProperty("kind").GetString() == "error"))
        {
            var file = defect.GetProperty("file").GetString()!;
            var (exit, _, error) = await CliProcess.RunAsync("train", "--recipe", Recipe("lora"), "--data", TestData.RealEcgFile($"bad/{file}"), "--out", Path.Combine(folder, file));
            Assert.True(exit == 2, $"{file}: exit {exit}, {error}");
            foreach (var place in new[] { "row", "column" })
                if (defect.GetProperty(place) is { ValueKind: JsonValueKind.Number } number)
                    Assert.Matches($@"(?<!\d){number.GetInt32()}(?!\d)", error);
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Real_ecg_is_learned(string method)
    {
        var real = TestData.RealEcgFile("segments.csv");
        var target = Path.Combine(folder, method);
        var (exit, _, error) = await CliProcess.RunAsync("train", "--recipe", Recipe(method), "--data", real, "--out", target, "--set", "training.epochs=4");
        Assert.Equal((0, ""), (exit, error));
        var test = RunMetrics.ReadFrom(new RunFolder(target)).Test;
        Assert.True(test.Auroc > 0.9, $"AUROC {test.Auroc}");
        Assert.True(test.Accuracy > 1 - test.Positives / (double)test.Count + 0.1, $"accuracy {test.Accuracy}");
    }

    private static string Recipe(string method) => Path.Combine(TestData.RepositoryRoot(), "recipes", $"wav2vec2-{method}.json");

    private async Task<RunFolder> TrainAsync(string method, string name, params string[] more)
    {
        var target = Path.Combine(folder, name);
        var (exit, _, error) = await CliProcess.RunAsync(["train", "--recipe", Recipe(method), "--data", data, "--out", target, .. more]);
        Assert.Equal((0, ""), (exit, error));
        return new RunFolder(target);
    }

    private static IReadOnlyList<RunEvent> Events(RunFolder run) => Core.Runs.EventLog.Read(run.EventsFile, 0).Events;

    private static async Task EventAsync(RunFolder run, Func<RunEvent, bool> wanted)
    {
        var clock = Stopwatch.StartNew();
        while (!File.Exists(run.EventsFile) || !Events(run).Any(wanted))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), "The event did not come within two minutes.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}

using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Cli;

namespace EcgPeft.Tests.Runs.Slurm;

/// <summary>Studies on a real Slurm: the same adapters as here, and hundreds of waiting runs at the cost of one.</summary>
[Trait("Category", "Slurm")]
public sealed class SlurmStudyTests(SlurmCluster cluster, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Many = 200;

    public async ValueTask InitializeAsync() => await cluster.NeedAsync();

    public async ValueTask DisposeAsync() => await SlurmCluster.ToolAsync("scancel", "--user", Environment.UserName);

    [Fact]
    public async Task A_study_of_twelve_runs_gives_the_same_adapters_byte_for_byte_as_here()
    {
        var folder = TestData.TemporaryFolder();
        var data = Path.Combine(folder, "segments.csv");
        SegmentCsv.Write(data, SyntheticEcg.Generate(80, 8, 5), cancel: TestContext.Current.CancellationToken);
        async Task<(string Folder, IReadOnlyList<RunFolder> Runs)> StudyAsync(string executor)
        {
            var study = Path.Combine(folder, executor);
            var (code, said, error) = await CliProcess.RunAsync(
            [
                ("EcgPeft__DataRoot", Path.Combine(folder, $"{executor}-root")), ("OMP_NUM_THREADS", "1"), ("EcgPeft__Slurm__Enabled", "true"), ("EcgPeft__Slurm__Cpus", "1"),
                ("EcgPeft__Slurm__PollSeconds", "0.5"), ("EcgPeft__Slurm__JobsAtOnce", "3"),
            ],
            [
                "study", "--data", data, "--out", study, "--recipes", Path.Combine(TestData.RepositoryRoot(), "recipes"), "--models", Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First()),
                "--peft", "lora,adapter", "--seeds", "1,2,3,4,5,6", "--yardsticks", "none", "--set", "preprocessing.inputLength=900", "--set", "training.epochs=1", "--jobs", "3", "--executor", executor,
            ]);
            Assert.True(code == 0, error + said);
            return (study, [.. Study.Read(study).Runs.Select(run => run.In(study))]);
        }
        var (here, there) = (await StudyAsync("local"), await StudyAsync("slurm"));
        Assert.Equal(12, here.Runs.Count);
        foreach (var (a, b) in here.Runs.Zip(there.Runs))
        {
            Assert.Equal(a.Id, b.Id);
            foreach (var file in new[] { "adapter_model.safetensors", "adapter_config.json" }) Assert.Equal(File.ReadAllBytes(Path.Combine(a.AdapterFolder, file)), File.ReadAllBytes(Path.Combine(b.AdapterFolder, file)));
            Assert.Equal(File.ReadAllText(a.PredictionsFile), File.ReadAllText(b.PredictionsFile));
            Assert.Null(SlurmJob.Read(a));
        }
        // One array, and before it one job that computed what they share; the runs found it.
        var jobs = there.Runs.OrderBy(run => run.Id, StringComparer.Ordinal).Select(run => SlurmJob.Read(run)!).ToList();
        Assert.Equal(Enumerable.Range(0, 12).Select(index => (int?)index), jobs.Select(job => job.Index));
        Assert.Single(jobs.Select(job => job.Id!.Split('_')[0]).Distinct());
        var script = File.ReadAllText(Path.GetFullPath(Path.Combine(there.Runs[0].Path, jobs[0].Script!)));
        Assert.Contains("#SBATCH --array=0-11%3\n", script, StringComparison.Ordinal);
        Assert.Contains("#SBATCH --dependency=afterany:", script, StringComparison.Ordinal);
        Assert.Contains("its frozen outputs are in the cache", File.ReadAllText(Assert.Single(Directory.GetFiles(Path.Combine(there.Folder, "slurm"), "*-frames.log"))), StringComparison.Ordinal);
        Assert.All(there.Runs, run => Assert.Contains(RunSamples.Events(run), e => e is LogEvent { Message: var line } && line.Contains("is in the cache already", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_search_goes_to_Slurm_its_first_trials_as_an_array_and_its_winner_is_tested()
    {
        var root = RunSamples.Root();
        using var services = RunServices.Open(root, StubWorker.Epochs, slurm: SlurmCluster.Settings with { JobsAtOnce = 3 });
        services.Start();
        var recipe = new Recipe { Data = new() { Path = "/data/segments.csv", Hash = "h" }, Training = new() { Epochs = 4 }, Execution = new() { Executor = ExecutorKind.Slurm } };
        var id = services.Studies.Create(new() { Base = recipe, Search = new(SearchKind.Asha, [SearchDimension.Parse("training.learningRate=0.01..0.99")], 4, Eta: 2) });
        await services.Until($"{id}-winner", run => run is { Status: RunStatus.Completed, Test: not null });
        var runs = services.Monitor.Runs.ToDictionary(run => run.Id, StringComparer.Ordinal);
        Assert.All(runs.Values, run => Assert.NotNull(run.Slurm?.Id));
        Assert.Equal([0, 1, 2], Enumerable.Range(1, 3).Select(trial => RunSamples.Events(new RunFolder(Path.Combine(root.Runs, $"{id}-trial-0{trial}"))).OfType<LogEvent>().First(log => log.Message.StartsWith("Slurm job", StringComparison.Ordinal)).Message.Split('_')[1][0] - '0'));
        while (services.Studies.Find(id).Status != StudyStatus.Completed) await Task.Delay(50, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_run_of_the_command_line_goes_to_Slurm_with_the_script_shown_before_and_the_same_adapter()
    {
        var folder = TestData.TemporaryFolder();
        var data = Path.Combine(folder, "segments.csv");
        SegmentCsv.Write(data, SyntheticEcg.Generate(80, 8, 5), cancel: TestContext.Current.CancellationToken);
        (string, string)[] settings = [("EcgPeft__DataRoot", Path.Combine(folder, "root")), ("OMP_NUM_THREADS", "1"), ("EcgPeft__Slurm__Enabled", "true"), ("EcgPeft__Slurm__Cpus", "1"), ("EcgPeft__Slurm__PollSeconds", "0.5")];
        Task<(int Code, string Output, string Error)> Train(string name, params string[] more) => CliProcess.RunAsync(settings,
        [
            "train", "--recipe", Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json"), "--data", data, "--out", Path.Combine(folder, name),
            "--set", $"backbone.model={Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First())}", "--set", "preprocessing.inputLength=900", "--set", "training.epochs=1", .. more,
        ]);
        var (code, output, error) = await Train("dry", "--executor", "slurm", "--dry-run", "--set", "execution.memoryMegabytes=900");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("#SBATCH --mem=900M\n", output, StringComparison.Ordinal);
        Assert.Contains("train --slurm-resumes \"$resumes\" --resume \"$run\"", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder, "dry")));

        (code, output, error) = await Train("there", "--set", "execution.executor=slurm");
        Assert.True(code == 0, error + output);
        Assert.Contains("Slurm job ", output, StringComparison.Ordinal);
        Assert.Contains("test: accuracy", output, StringComparison.Ordinal);
        (code, _, error) = await Train("here", "--executor", "local");
        Assert.True(code == 0, error);
        var (here, there) = (new RunFolder(Path.Combine(folder, "here")), new RunFolder(Path.Combine(folder, "there")));
        Assert.Equal(File.ReadAllBytes(Path.Combine(here.AdapterFolder, "adapter_model.safetensors")), File.ReadAllBytes(Path.Combine(there.AdapterFolder, "adapter_model.safetensors")));
        Assert.Null(SlurmJob.Read(here));

        (code, _, error) = await Train("refused", "--executor", "slurm", "--set", "execution.partition=nowhere");
        Assert.Equal((2, "Slurm refused the job: Invalid partition name specified; ask for something else (no run was made)."), (code, error.Trim()));
        Assert.False(Directory.Exists(Path.Combine(folder, "refused"))); // in the way of the corrected command
        settings = [.. settings.Where(setting => setting.Item1 != "EcgPeft__Slurm__Enabled")];
        (code, _, error) = await Train("none", "--executor", "slurm");
        Assert.Equal(2, code);
        Assert.Contains("This is for Slurm, but this installation has none", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_hundred_waiting_runs_are_submitted_at_once_followed_with_one_call_and_stopped()
    {
        var root = RunSamples.Root();
        using var services = RunServices.Open(root, StubWorker.Quick, slurm: SlurmCluster.Settings);
        services.Start();
        var recipe = new Recipe { Data = new() { Path = "/data/segments.csv", Hash = "h" }, Execution = new() { Executor = ExecutorKind.Slurm, Partition = "closed" } };
        var id = services.Studies.Create(new() { Base = recipe, Seeds = [.. Enumerable.Range(1, Many)] });
        foreach (var run in services.Studies.Find(id).Runs) await services.Until(run.Summary!.Id, told => told.Slurm?.Reason is not null);
        var runs = services.Monitor.Runs;
        Assert.Equal(Many, runs.Count(run => run is { Status: RunStatus.Queued, Slurm: { State: "PENDING", Reason: not null } }));
        Assert.Single(runs.Select(run => run.Slurm!.Id!.Split('_')[0]).Distinct());
        output.WriteLine($"{services.Queue.Slurm!.Calls} calls until {Many} runs waited at Slurm.");
        Assert.True(services.Queue.Slurm.Calls < Many / 2, $"{services.Queue.Slurm.Calls} calls for {Many} runs");

        services.Studies.Stop(id);
        Assert.All(services.Monitor.Runs, run => Assert.Equal(RunStatus.Stopped, run.Status));
        Assert.DoesNotContain("ecgpeft", await SlurmCluster.ToolAsync("squeue", "--noheader", "--array", "--states=pending", "--format=%j"), StringComparison.Ordinal);
    }
}

using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;

namespace EcgPeft.Tests.Cli;

/// <summary><c>ecgpeft estimate</c>: what it says beforehand is what the run then has.</summary>
public sealed class EstimateCommandTests
{
    [Theory]
    [InlineData("adalora", "peft.tinit=4", "peft.tfinal=2")] // a schedule that only the run's own number of steps can hold
    [InlineData("full")]
    public async Task An_estimate_announces_the_run_s_own_figures(string method, params string[] settings)
    {
        var folder = TestData.TemporaryFolder();
        var (data, run) = (Path.Combine(folder, "segments.csv"), Path.Combine(folder, "run"));
        WriteSegments(data);
        var model = Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First());
        string[] changes = [$"backbone.model={model}", $"peft.method={method}", "preprocessing.inputLength=900", "training.epochs=2", "training.batchSize=8", .. settings];
        string[] all = ["--data", data, "--recipe", Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json"), .. changes.SelectMany(s => new[] { "--set", s })];
        var (code, output, error) = await CliProcess.RunAsync(["estimate", "--json", .. all]);
        Assert.True(code == 0, error);
        var estimate = JsonSerializer.Deserialize<RunEstimate>(output, ProductJson.Indented)!;
        Assert.InRange(estimate.MeasuredSteps, 2, 6);
        Assert.True(estimate.SecondsPerEpoch >= estimate.SecondsPerStep * estimate.StepsPerEpoch && estimate.SecondsPerStep > 0);
        Assert.True(estimate.PeakMemoryBytes > 50_000_000);

        (code, _, error) = await CliProcess.RunAsync(["train", "--out", run, .. all]);
        Assert.True(code == 0, error);
        var resources = RunMetrics.ReadFrom(new RunFolder(run)).Resources;
        var plan = EventLog.Read(new RunFolder(run).EventsFile, 0).Events.OfType<Core.Training.PlanEvent>().Single();
        Assert.Equal((resources.TrainableParameters, resources.TotalParameters), (estimate.TrainableParameters, estimate.TotalParameters));
        Assert.Equal((plan.StepsPerEpoch, plan.TrainingSegments, plan.ValidationSegments), (estimate.StepsPerEpoch, estimate.TrainingSegments, estimate.ValidationSegments));
        if (method == "full") Assert.Equal(resources.AdapterBytes, estimate.AdapterBytes);
        else Assert.True(resources.AdapterBytes <= estimate.AdapterBytes);
    }

    [Fact]
    public async Task What_is_wrong_with_a_recipe_is_said_in_one_sentence()
    {
        var (code, output, error) = await CliProcess.RunAsync("estimate", "--recipe", Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json"), "--data", "/nowhere.csv");
        Assert.Equal((2, ""), (code, output));
        Assert.Single(error.Trim().Split('\n'));
        Assert.Contains("/nowhere.csv", error, StringComparison.Ordinal);
    }

    private static void WriteSegments(string path) => SegmentCsv.Write(path, SyntheticEcg.Generate(60, 6, 5), null);
}

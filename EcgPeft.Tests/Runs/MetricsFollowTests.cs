using System.Globalization;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs;

/// <summary><c>metrics.json</c> is what anybody computes from <c>predictions.csv</c>, whatever the method, threshold rule and calibration.</summary>
public sealed class MetricsFollowTests
{
    [Theory]
    [InlineData("lora", "fixed", "none")]
    [InlineData("adapter", "f1", "temperature")]
    [InlineData("ia3", "youden", "platt")]
    [InlineData("linear-probe", "sensitivity", "none")]
    public void Every_number_of_a_run_is_recomputed_from_its_predictions(string method, string threshold, string calibration)
    {
        var root = new DataRoot(TestData.TemporaryFolder());
        var csv = Path.Combine(root.Path, "segments.csv");
        SegmentCsv.Write(csv, SyntheticEcg.Generate(60, 6, 5), cancel: TestContext.Current.CancellationToken);
        var recipe = RecipeFile.Read(Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json"),
            [$"peft.method={method}", "training.epochs=2", "preprocessing.inputLength=2400", "split.test=0.4", $"evaluation.threshold={threshold}", $"evaluation.calibration={calibration}"]);
        var folder = RunFolder.CreateAt(Path.Combine(root.Runs, "run"), recipe with { Data = new DataRecipe { Path = csv } });
        Assert.Equal(0, RunWorker.Run(folder, new TrainRecipe(root).Execute, TestContext.Current.CancellationToken));

        var rows = File.ReadLines(folder.PredictionsFile).Skip(1).Select(line => line.Split(',')).ToLookup(cells => cells[0], cells => (Label: byte.Parse(cells[2], CultureInfo.InvariantCulture), P: double.Parse(cells[3], CultureInfo.InvariantCulture)));
        using var file = JsonDocument.Parse(File.ReadAllText(folder.MetricsFile));
        foreach (var split in new[] { "validation", "test" })
        {
            var said = file.RootElement.GetProperty(split);
            var at = said.GetProperty("threshold").GetDouble();
            var pairs = rows[split].ToList();
            var again = BinaryMetrics.Compute([.. pairs.Select(p => p.Label)], [.. pairs.Select(p => p.P)], at);
            foreach (var metric in Metric.All) Assert.Equal(metric.Of(again), said.GetProperty(metric.Name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null);
            // And by the definitions themselves.
            Assert.Equal((double)pairs.Count(p => p.P >= at == (p.Label == 1)) / pairs.Count, said.GetProperty("accuracy").GetDouble(), 1e-12);
            var ranked = (from one in pairs where one.Label == 1 from zero in pairs where zero.Label == 0 select one.P > zero.P ? 1 : one.P == zero.P ? 0.5 : 0).ToList();
            Assert.Equal(ranked.Average(), said.GetProperty("auroc").GetDouble(), 1e-9);
        }
        var validation = rows["validation"].ToList();
        Assert.Equal(DecisionThreshold.Choose(Enum.Parse<ThresholdRule>(threshold, ignoreCase: true), [.. validation.Select(p => p.Label)], [.. validation.Select(p => p.P)], recipe.Evaluation.Sensitivity), file.RootElement.GetProperty("test").GetProperty("threshold").GetDouble());
        Assert.Equal(calibration, file.RootElement.GetProperty("decisions").GetProperty("calibration").GetProperty("kind").GetString());

        var cost = RunMetrics.ReadFrom(folder).Resources;
        Assert.True(cost.CpuSeconds > 0 && cost.Inference is { LatencyMilliseconds: > 0, SegmentsPerSecond: > 0 });
        Assert.Equal(recipe.Peft.WhyNotMergeable is null, cost.MergedInference is not null);
        Assert.Equal(new FileInfo(Path.Combine(folder.AdapterFolder, "adapter_model.safetensors")).Length, cost.AdapterBytes);
    }
}

using EcgPeft.Core.Ecg;
using EcgPeft.Core.Explanations;
using EcgPeft.Core.Runs;

namespace EcgPeft.Tests.Cli;

/// <summary><c>ecgpeft explain</c>: attributions and the map of embeddings of a run that was trained here.</summary>
public sealed class ExplainCommandTests
{
    [Fact]
    public async Task A_run_explains_its_surest_calls_and_maps_its_test_segments()
    {
        var folder = TestData.TemporaryFolder();
        var (data, run) = (Path.Combine(folder, "segments.csv"), new RunFolder(Path.Combine(folder, "run")));
        SegmentCsv.Write(data, SyntheticEcg.Generate(60, 6, 5), cancel: TestContext.Current.CancellationToken);
        string[] settings = [$"backbone.model={Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First())}", "preprocessing.inputLength=900", "training.epochs=1"];
        var (code, _, error) = await CliProcess.RunAsync([.. new[] { "train", "--recipe", Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json"), "--data", data, "--out", run.Path }, .. settings.SelectMany(s => new[] { "--set", s })]);
        Assert.True(code == 0, error);
        (code, var output, error) = await CliProcess.RunAsync("explain", "--run", run.Path, "--examples", "1");
        Assert.True(code == 0, error);

        var test = PredictionsFile.Read(run.PredictionsFile).Test;
        var map = ExplanationFiles.Map(run)!;
        Assert.Equal(test.Rows.Order(), map.Rows.Order());
        Assert.Equal(map.Rows.Length, map.After.X.Length);
        Assert.NotEqual(map.Before.X, map.After.X);
        var explained = SegmentCall.Of(test, RunMetrics.ReadFrom(run).Test.Threshold).SelectMany(kind => kind.Take(1)).Select(call => ExplanationFiles.Segment(run, call.Row)!).ToList();
        Assert.NotEmpty(explained);
        foreach (var segment in explained)
        {
            var attribution = segment.Attribution;
            Assert.Equal(600, attribution.IntegratedGradients.Length);
            Assert.InRange(Math.Abs(attribution.Gap), 0, IntegratedGradients.Tolerance * Math.Abs(attribution.Score - attribution.BaselineScore) + 1e-6);
            // The explained score is the one that the run decided by; its frames are kept in half precision.
            Assert.Equal(segment.Probability, 1 / (1 + Math.Exp(-attribution.Score)), 0.02);
        }
        Assert.Contains("100 %: map of embeddings", output, StringComparison.Ordinal);

        (code, _, error) = await CliProcess.RunAsync("explain", "--run", run.Path, "--rows", "100000");
        Assert.Equal(2, code);
        Assert.Contains("Row 100000", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }
}

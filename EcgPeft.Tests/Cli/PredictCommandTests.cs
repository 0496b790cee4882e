using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;

namespace EcgPeft.Tests.Cli;

/// <summary><c>ecgpeft predict</c>: on a run's own data it says what the run said.</summary>
public sealed class PredictCommandTests
{
    [Fact]
    public async Task A_run_predicts_its_own_test_rows_as_before()
    {
        var folder = TestData.TemporaryFolder();
        var (data, run, output) = (Path.Combine(folder, "segments.csv"), Path.Combine(folder, "run"), Path.Combine(folder, "predictions.csv"));
        SegmentCsv.Write(data, SyntheticEcg.Generate(60, 6, 5), cancel: TestContext.Current.CancellationToken);
        string[] settings =
        [
            $"backbone.model={Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First())}", "preprocessing.inputLength=900", "preprocessing.normalization=globalTraining", "training.epochs=1", "evaluation.threshold=f1", "evaluation.calibration=platt",
        ];
        var (code, _, error) = await CliProcess.RunAsync([.. new[] { "train", "--recipe", Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json"), "--data", data, "--out", run }, .. settings.SelectMany(s => new[] { "--set", s })]);
        Assert.True(code == 0, error);
        (code, _, error) = await CliProcess.RunAsync("predict", "--run", run, "--data", data, "--out", output);
        Assert.True(code == 0, error);

        var lines = File.ReadAllLines(output);
        Assert.Equal("row,label,probability,prediction", lines[0]);
        var said = lines.Skip(1).Select(line => line.Split(',')).ToDictionary(cells => int.Parse(cells[0], System.Globalization.CultureInfo.InvariantCulture), cells => (Probability: double.Parse(cells[2], System.Globalization.CultureInfo.InvariantCulture), Called: cells[3] == "1"));
        Assert.Equal(60, said.Count);
        var (test, metrics) = (PredictionsFile.Read(new RunFolder(run).PredictionsFile).Test, RunMetrics.ReadFrom(new RunFolder(run)));
        Assert.Equal(metrics.Test, test.Metrics(metrics.Test.Threshold));
        for (var i = 0; i < test.Count; i++)
        {
            Assert.Equal(test.Probabilities[i], said[test.Rows[i]].Probability, 1e-5);
            if (Math.Abs(test.Probabilities[i] - metrics.Test.Threshold) > 1e-4) Assert.Equal(test.Probabilities[i] >= metrics.Test.Threshold, said[test.Rows[i]].Called);
        }

        (code, _, error) = await CliProcess.RunAsync("predict", "--run", folder, "--data", data, "--out", output);
        Assert.Equal(2, code);
        Assert.Single(error.Trim().Split('\n'));
    }
}

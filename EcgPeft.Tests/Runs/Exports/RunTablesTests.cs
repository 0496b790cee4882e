using System.Globalization;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Runs.Exports;

namespace EcgPeft.Tests.Runs.Exports;

public sealed class RunTablesTests
{
    [Fact]
    public void Tables_hold_every_value_whole()
    {
        var root = RunSamples.Root();
        var runs = new[] { RunSamples.Completed(root), RunSamples.Completed(root) }.Select(RunHistory.Read).ToList();
        RunTables.WriteAll(Path.Combine(root.Path, "out"), runs);

        var metrics = Rows(root, "metrics.csv");
        foreach (var run in runs)
        {
            Assert.Equal(0.1 + 0.2, double.Parse(metrics.Single(r => r["run"] == run.Summary.Id && r["split"] == "test" && r["metric"] == "accuracy")["value"], CultureInfo.InvariantCulture));
            Assert.Equal("", metrics.Single(r => r["run"] == run.Summary.Id && r["split"] == "test" && r["metric"] == "auroc")["value"]);
        }
        var steps = Rows(root, "steps.csv");
        Assert.Equal(6, steps.Count);
        Assert.Equal(1.0 / 3, double.Parse(steps[2]["loss"], CultureInfo.InvariantCulture));
        Assert.Equal(runs[0].Steps[2].Time, DateTime.Parse(steps[2]["time"], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind));
        Assert.Equal(("1", "0.25"), (Rows(root, "epochs.csv")[0]["best"], Rows(root, "epochs.csv")[0]["validationLoss"]));
    }

    [Fact]
    public void The_document_has_the_same_curves()
    {
        var root = RunSamples.Root();
        var run = RunSamples.Completed(root);
        using var stream = new MemoryStream();
        RunDocument.Of(ExportSource.Find(root, run.Id)).Write(stream);
        using var document = JsonDocument.Parse(stream.ToArray());
        var exported = Assert.Single(document.RootElement.GetProperty("runs").EnumerateArray());
        Assert.Equal([1.0, 0.5, 1.0 / 3], exported.GetProperty("steps").GetProperty("loss").EnumerateArray().Select(e => e.GetDouble()));
        Assert.Equal(0.1 + 0.2, exported.GetProperty("run").GetProperty("test").GetProperty("accuracy").GetDouble());
        Assert.Equal("completed", exported.GetProperty("run").GetProperty("status").GetString());
    }

    [Fact]
    public void What_is_not_there_or_has_not_begun_is_said()
    {
        var root = RunSamples.Root();
        Assert.Contains("nobody", Assert.Throws<UserInputException>(() => ExportSource.Find(root, "nobody")).Message, StringComparison.Ordinal);
        Assert.Null(ExportSource.ById(root, "../runs"));
        var run = RunSamples.NewRun(root);
        Assert.Contains("has begun", Assert.Throws<UserInputException>(() => ExportSource.Find(root, run.Path).Histories()).Message, StringComparison.Ordinal);
    }

    private static List<Dictionary<string, string>> Rows(DataRoot root, string name)
    {
        var lines = File.ReadAllLines(Path.Combine(root.Path, "out", name));
        var header = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line => header.Zip(line.Split(',')).ToDictionary(pair => pair.First, pair => pair.Second))];
    }
}

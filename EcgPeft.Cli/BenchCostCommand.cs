using System.CommandLine;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Benchmarks;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft bench cost</c>: how time and memory grow with segments, epochs, layers and input length.</summary>
internal static class BenchCostCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var figures = new Option<string?>("--figures") { Description = "Folder for the curves as SVG, and their data as CSV.", HelpName = "FOLDER" };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output." };
        var command = new Command("cost", "Measure time against segments, epochs, trained layers and input length, and memory over epochs, at base size.") { figures, json };
        command.SetAction((parsed, cancel) => Task.FromResult(Run(parsed.GetValue(figures), parsed.GetValue(json), cancel)));
        return command;
    }

    private static int Run(string? figures, bool json, CancellationToken cancel)
    {
        if (figures is not null) Directory.CreateDirectory(figures);
        var report = new CostBenchmark(line => { if (!json) Console.Error.WriteLine(line); }, cancel).Run();
        foreach (var figure in figures is null ? [] : CostFigures.Of(report))
        {
            File.WriteAllText(Path.Combine(figures!, figure.Id + ".svg"), figure.Svg);
            File.WriteAllText(Path.Combine(figures!, figure.Id + ".csv"), figure.Csv);
        }
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(report, ProductJson.Indented));
            return 0;
        }
        Console.Out.WriteLine($"{report.Processor}; wav2vec2-base, LoRA r 8 on q, k, v and out, batches of 8, cached frames, {report.Precision}.");
        foreach (var curve in report.Curves)
        {
            var (offset, slope, rSquared) = curve.Line();
            Console.Out.WriteLine(FormattableString.Invariant($"{curve.What}, by {curve.Work}: {string.Join(", ", curve.X.Zip(curve.Seconds, (x, y) => FormattableString.Invariant($"{x:G6}: {y:F3} s")))}; line {offset:F3} s + {slope:G3} s each, R^2 {rSquared:F4}"));
        }
        if (report.MemoryMegabytes.Count > 1)
            Console.Out.WriteLine(FormattableString.Invariant($"memory after each epoch: {string.Join(", ", report.MemoryMegabytes.Select(m => FormattableString.Invariant($"{m:F0}")))} MB"));
        return 0;
    }
}

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Benchmarks;
using Spectre.Console;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft bench</c>: this machine's speed, the product against what the Python libraries do step by step.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output." };
        var command = new Command("bench", "Measure training and evaluation at base size against the plain path; takes some minutes.") { json, BenchDataCommand.Create(), BenchCostCommand.Create(), BenchStartCommand.Create(), BenchWebCommand.Create(), BenchSlurmCommand.Create() };
        command.SetAction((parsed, cancel) => Task.FromResult(Run(parsed.GetValue(json), cancel)));
        return command;
    }

    private static int Run(bool json, CancellationToken cancel)
    {
        var report = new Benchmark(line => { if (!json) Console.Error.WriteLine(line); }, cancel).Run();
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(report, ProductJson.Indented));
        else Show(report);
        return 0;
    }

    private static void Show(BenchReport report)
    {
        var machine = report.Machine;
        string Number(double? value, string format = "F2") => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
        Console.Out.WriteLine($"{machine.Processor}, {machine.Threads} threads; matrix products {Number(machine.GemmGflops.Fp32, "F0")} GFLOP/s in float32, {Number(machine.GemmGflops.Bf16, "F0")} in bfloat16 (R = {Number(machine.GemmGflops.Bf16 / machine.GemmGflops.Fp32)}); product in {report.Precision}.");
        var table = new Table { Border = TableBorder.Markdown };
        table.AddColumns("what", "", "plain s", "product s", "ratio", "at peak", "segments/s", "share of peak", "plain share", "caching s/segment", "plain MB", "product MB", "with checkpointing");
        foreach (var pair in report.Pairs)
            table.AddRow(pair.Kind, pair.Name, Number(pair.PlainSeconds), Number(pair.ProductSeconds), Number(pair.Ratio), Number(pair.RatioAtPeak), Number(pair.SegmentsPerSecond, "F1"), Number(pair.ShareOfPeak * 100, "F0"), Number(pair.PlainShareOfPeak * 100, "F0"), Number(pair.CachingSecondsPerSegment, "F3"), Number(pair.PlainMegabytes, "F0"), Number(pair.ProductMegabytes, "F0"), Number(pair.CheckpointedMegabytes, "F0"));
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 200;
        AnsiConsole.Write(table);
        foreach (var pair in report.Pairs.DistinctBy(p => (p.Kind, p.Note))) Console.Out.WriteLine($"{pair.Kind}: {pair.Note}.");
        Console.Out.WriteLine($"Peak memory of the measurement (both paths' models): {Number(report.PeakMegabytes, "F0")} MB.");
    }
}

using System.CommandLine;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Benchmarks;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft bench start</c>: from a worker's start to its first step at base size, and what two workers share.</summary>
internal static class BenchStartCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output." };
        var command = new Command("start", "Measure a worker from the start of its process to its first step, with an empty and a full cache, and the memory of two workers at once.") { json };
        command.SetAction((parsed, cancel) => Task.FromResult(Run(parsed.GetValue(json), cancel)));
        return command;
    }

    private static int Run(bool json, CancellationToken cancel)
    {
        var report = new StartBenchmark(OwnWorker.Command(), line => { if (!json) Console.Error.WriteLine(line); }, cancel).Run();
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(report, ProductJson.Indented));
            return 0;
        }
        Console.Out.WriteLine($"{report.Processor}; wav2vec2-base (random weights), LoRA r 8, batch 8, 16,000 samples, 64 segments.");
        Console.Out.WriteLine(FormattableString.Invariant($"from the worker's start to its first finished step: {report.ColdSeconds:F2} s with an empty cache, {report.WarmSeconds[report.WarmSeconds.Count / 2]:F2} s with a full one ({report.WarmSeconds[0]:F2} to {report.WarmSeconds[^1]:F2})"));
        foreach (var (what, memory) in new[] { ("alone", report.Alone) }.Concat((report.Together ?? []).Select(m => ("one of two", (WorkerMemory?)m))))
            if (memory is not null) Console.Out.WriteLine(FormattableString.Invariant($"memory of a worker, {what}: {memory.Resident:F0} MB resident, {memory.Proportional:F0} with shared pages divided, {memory.Own:F0} its own"));
        return 0;
    }
}

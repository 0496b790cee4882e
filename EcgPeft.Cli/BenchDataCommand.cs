using System.CommandLine;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Benchmarks;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft bench data</c>: what an import costs, beside the CSV parser alone on the same bytes.</summary>
internal static class BenchDataCommand
{
    private const int Turns = 3;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = new Option<string?>("--file") { Description = "CSV file to import; without it a synthetic one of 65,425 x 601 is made.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output." };
        var command = new Command("data", "Measure an import of 65,425 x 601 against CsvHelper's parser alone.") { file, json };
        command.SetAction((parsed, cancel) => Task.FromResult(Run(parsed.GetValue(file), parsed.GetValue(json), cancel)));
        return command;
    }

    private static int Run(string? file, bool json, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("ecgpeft-bench-").FullName;
        try
        {
            var path = file ?? Path.Combine(folder, "segments.csv");
            if (file is null) ImportBenchmark.Make(path, ImportBenchmark.AssignmentRows, cancel);
            var report = ImportBenchmark.Run(path, new DataRoot(Path.Combine(folder, "root")), Turns, cancel);
            if (json)
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(report, ProductJson.Indented));
                return 0;
            }
            var megabytes = report.Bytes / 1e6;
            Console.Out.WriteLine(FormattableString.Invariant($"{megabytes:F0} MB, {report.Rows} x {report.Columns}; best of {Turns}, in turns:"));
            Console.Out.WriteLine(FormattableString.Invariant($"parser alone, finding rows and cells: {report.RowsOnlySeconds:F2} s ({megabytes / report.RowsOnlySeconds:F0} MB/s)"));
            Console.Out.WriteLine(FormattableString.Invariant($"parser alone, every cell as a number: {report.ParserSeconds:F2} s ({megabytes / report.ParserSeconds:F0} MB/s)"));
            Console.Out.WriteLine(FormattableString.Invariant($"import with checks, hash and data set on disk: {report.ImportSeconds:F2} s ({megabytes / report.ImportSeconds:F0} MB/s), {report.Ratio:F2} times the parser with numbers"));
            Console.Out.WriteLine(FormattableString.Invariant($"processor time: parser with numbers {report.ParserProcessorSeconds:F2} s, import {report.ImportProcessorSeconds:F2} s, {report.ImportProcessorSeconds / report.ParserProcessorSeconds:F2} times"));
            Console.Out.WriteLine(FormattableString.Invariant($"peak memory: {report.PeakMegabytes:F0} MB"));
            Console.Out.WriteLine(FormattableString.Invariant($"leakage check of a stratified split: {report.LeakageSeconds:F2} s, {report.NearDuplicates} near-duplicates; of as many noisy copies of one segment: {report.HardLeakageSeconds:F2} s"));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using Spectre.Console;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft data inspect FILE</c>: what is in a file of segments, and what is wrong with it.</summary>
internal static class DataInspectCommand
{
    private const int WarningsShown = 20;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "CSV file, plain or gzip: one segment a line, its samples and a label 0 or 1." };
        var groups = new Option<string?>("--groups") { Description = "CSV file that names each segment's group (columns row and group).", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("inspect", "Say what is in a file of segments, and what is wrong with it (row, column, why).") { file, groups, json };
        command.SetAction(parsed => Inspect(parsed.GetRequiredValue(file), parsed.GetValue(groups), parsed.GetValue(json)));
        return command;
    }

    private static void Inspect(string path, string? groupsPath, bool json)
    {
        var result = json
            ? SegmentCsv.Read(path)
            : TerminalProgress.Run($"Reading {Path.GetFileName(path)}", progress => SegmentCsv.Read(path, progress));
        var groups = groupsPath is null ? null : GroupsCsv.Read(groupsPath, result.Segments.Count);
        int? groupCount = groups?.Distinct(StringComparer.Ordinal).Count();
        if (json) WriteJson(path, result, groupCount);
        else WriteText(path, result, groupCount);
    }

    private static void WriteJson(string path, SegmentCsvResult result, int? groups) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(new
        {
            File = Path.GetFullPath(path),
            result.Segments.Hash,
            Rows = result.Segments.Count,
            result.Format.Columns,
            SegmentLength = result.Segments.Length,
            result.Segments.Positives,
            Groups = groups,
            result.Format,
            result.Warnings,
        }, ProductJson.Indented));

    private static void WriteText(string path, SegmentCsvResult result, int? groups)
    {
        var (set, format) = (result.Segments, result.Format);
        var separator = format.Separator switch { '\t' => "tab", ';' => "semicolon", _ => "comma" };
        List<(string Name, string Value)> lines =
        [
            ("File", path),
            ("Segments", Plain(set.Count)),
            ("Columns", $"{Plain(format.Columns)} ({Plain(set.Length)} samples, label in column {Plain(format.LabelColumn)})"),
            ("Label 1", $"{Plain(set.Positives)} ({(100.0 * set.Positives / set.Count).ToString("F1", CultureInfo.InvariantCulture)} %)"),
            ("Groups", groups is { } g ? Plain(g) : "not given"),
            ("Format", $"{(format.Header ? "header" : "no header")}, {separator}-separated, decimal {(format.DecimalComma ? "comma" : "point")}, {format.Encoding}{(format.Compressed ? ", gzip" : "")}"),
            ("Hash", set.Hash),
            ("Warnings", result.Warnings.Count == 0 ? "none" : Plain(result.Warnings.Count)),
        ];
        if (Console.IsOutputRedirected)
        {
            foreach (var (name, value) in lines) Console.Out.WriteLine($"{name}: {value}");
        }
        else
        {
            var table = new Table().HideHeaders().AddColumn("").AddColumn("");
            foreach (var (name, value) in lines) table.AddRow(new Text(name, new Style(decoration: Decoration.Bold)), new Text(value));
            AnsiConsole.Write(table);
        }
        foreach (var warning in result.Warnings.Take(WarningsShown)) Console.Out.WriteLine($"Warning: {warning.Message}");
        if (result.Warnings.Count > WarningsShown) Console.Out.WriteLine($"... and {Plain(result.Warnings.Count - WarningsShown)} more; --json lists them.");
    }

    private static string Plain(int number) => number.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Ecg.Import;
using Spectre.Console;

namespace EcgPeft.Cli;

/// <summary>The validation report of a file, in words or as JSON.</summary>
internal static class ScanReport
{
    private const int Shown = 20;

    /// <summary>One JSON document on standard output.</summary>
    public static void WriteJson(string path, SegmentScan scan) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(new
        {
            File = Path.GetFullPath(path),
            scan.Segments?.Hash,
            Rows = scan.Segments?.Count ?? 0,
            scan.RowsInFile,
            scan.Format.Columns,
            SegmentLength = scan.Segments?.Length,
            scan.Positives,
            Groups = Groups(scan),
            SamplingRateHz = scan.Segments?.SamplingRateHz,
            scan.ProposedRateHz,
            scan.Format,
            scan.Values,
            Problem = scan.Problem?.Message,
            scan.Counts,
            scan.Defects,
            Warnings = scan.Warnings(),
        }, ProductJson.Indented));

    /// <summary>Lines on standard output; a table on a terminal.</summary>
    public static void WriteText(string path, SegmentScan scan)
    {
        var lines = Lines(path, scan);
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
        foreach (var defect in scan.Defects.Take(Shown))
            Console.Out.WriteLine($"{scan.Counts.First(c => c.Kind == defect.Kind).Repair switch { Repair.Keep => "Warning", Repair.Refuse => "Refused", Repair.Drop => "Dropped", _ => "Interpolated" }}: {defect.Message}");
        var all = scan.Counts.Sum(c => c.Defects);
        if (all > Shown) Console.Out.WriteLine($"... and {Plain(all - Shown)} more; --json lists up to 1000 of each kind.");
    }

    private static List<(string Name, string Value)> Lines(string path, SegmentScan scan)
    {
        var (set, format) = (scan.Segments, scan.Format);
        var written = format.Kind switch
        {
            "npy" => "NumPy array",
            "wfdb" => "WFDB, cut one after the other",
            _ => $"{(format.Header ? "header" : "no header")}, {format.Separator switch { '\t' => "tab", ';' => "semicolon", ',' => "comma", var other => other.ToString() }}-separated, decimal {(format.DecimalComma ? "comma" : "point")}, {format.Encoding}{(format.Compressed ? ", gzip" : "")}",
        };
        List<(string, string)> lines =
        [
            ("File", path),
            ("Segments", $"{Plain(set?.Count ?? 0)}{(scan.Dropped > 0 ? $" of {Plain(scan.RowsInFile)} rows" : "")}"),
            ("Columns", $"{Plain(format.Columns)}{(set is null ? "" : $" ({Plain(set.Length)} samples{(format.LabelColumn > 0 ? $", label in column {Plain(format.LabelColumn)}" : "")}{(format.GroupColumn is { } g ? $", group in column {Plain(g)}" : "")}{(format.RecordColumn is { } r ? $", recording in column {Plain(r)}" : "")})")}"),
            ("Label 1", set is null ? "none" : $"{Plain(set.Positives)} ({(100.0 * set.Positives / set.Count).ToString("F1", CultureInfo.InvariantCulture)} %)"),
            ("Groups", Groups(scan) is { } groups ? Plain(groups) : "not given: segments of one person may be in training and test"),
            ("Format", written),
        ];
        if (set is not null && scan.Values is { } values)
        {
            lines.Add(("Values", FormattableString.Invariant($"{values.Lowest:G6} to {values.Highest:G6}, half of the segments swing by more than {values.TypicalSwing:G4}; unit: {(values.Unit == "unknown" ? "unknown" : $"probably {values.Unit}")}")));
            lines.Add(("Sampling rate", set.SamplingRateHz is { } rate ? FormattableString.Invariant($"{rate} Hz ({set.Length / rate:0.###} s a segment)")
                : scan.ProposedRateHz is { } proposed ? FormattableString.Invariant($"not in the file; {proposed} Hz is usual for {set.Length} samples ({set.Length / proposed:0.###} s), give it with --rate")
                : "not in the file; give it with --rate"));
            lines.Add(("Hash", set.Hash));
        }
        lines.AddRange(scan.Counts.Select(count => ($"{Enum.GetName(count.Kind)}", $"{Plain(count.Defects)} in {Plain(count.Rows)} rows, {count.Repair switch { Repair.Refuse => "refused", Repair.Keep => "kept", Repair.Drop => "rows dropped", _ => "interpolated" }}")));
        if (scan.Counts.Count == 0) lines.Add(("Defects", "none"));
        return lines;
    }

    private static int? Groups(SegmentScan scan) => scan.Segments?.Groups?.Distinct(StringComparer.Ordinal).Count();

    private static string Plain(int number) => number.ToString(CultureInfo.InvariantCulture);
}

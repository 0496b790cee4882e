using System.Globalization;
using CsvHelper;
using EcgPeft.Core.Ecg.Import;

namespace EcgPeft.Core.Ecg;

/// <summary>
/// CSV files of segments: one segment a line, its samples and a label 0 or 1. The label is the last column, or the one that the
/// header names <c>label</c>. Header, separator, decimal sign, encoding, gzip and a group column are detected and reported.
/// </summary>
public static class SegmentCsv
{
    private const int LinesBetweenReports = 256;

    /// <summary>Reads a file into its final arrays; the text is never kept. The first defect ends it.</summary>
    /// <param name="path">The CSV file, plain or gzip.</param>
    /// <param name="progress">Receives the share of the file that has been read, 0 to 1.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <exception cref="SegmentFileException">The file is not what it should be; row and column say where.</exception>
    public static SegmentCsvResult Read(string path, IProgress<double>? progress = null, CancellationToken cancel = default) => Read(path, CsvChoices.Detect, progress, cancel);

    /// <summary>Reads a file of which every column is a sample; all segments get label 0.</summary>
    /// <param name="path">The CSV file, plain or gzip.</param>
    /// <param name="progress">Receives the share of the file that has been read, 0 to 1.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <exception cref="SegmentFileException">The file is not what it should be; row and column say where.</exception>
    public static SegmentCsvResult ReadUnlabelled(string path, IProgress<double>? progress = null, CancellationToken cancel = default) =>
        Read(path, CsvChoices.Detect with { Label = CsvChoices.None }, progress, cancel);

    private static SegmentCsvResult Read(string path, CsvChoices choices, IProgress<double>? progress, CancellationToken cancel)
    {
        var scan = SegmentCsvScan.Run(path, choices, Repairs.None, endAtFirstDefect: true, null, progress, cancel);
        return scan.Problem is { } problem ? throw problem : new SegmentCsvResult(scan.Segments!, scan.Warnings(), scan.Format);
    }

    /// <summary>Reads a file with the chosen repairs, counting all of its defects.</summary>
    /// <param name="path">The CSV file, plain or gzip.</param>
    /// <param name="choices">How it is written, where a person says so.</param>
    /// <param name="repairs">What is done with each kind of defect.</param>
    /// <param name="progress">Receives the share of the file that has been read, 0 to 1.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <exception cref="SegmentFileException">The file cannot be read as rows at all.</exception>
    public static SegmentScan Scan(string path, CsvChoices choices, Repairs repairs, IProgress<double>? progress = null, CancellationToken cancel = default) =>
        SegmentCsvScan.Run(path, choices, repairs, endAtFirstDefect: false, null, progress, cancel);

    /// <summary>Writes segments without header, the label last, numbers in the shortest form that reads back to the same float32.</summary>
    /// <param name="path">The file to create or overwrite.</param>
    /// <param name="set">The segments.</param>
    /// <param name="progress">Receives the share that has been written, 0 to 1.</param>
    /// <param name="cancel">Stops writing.</param>
    public static void Write(string path, SegmentSet set, IProgress<double>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        using var writer = CsvWriter.ToFile(path, new CsvWriterOptions { NewLine = "\n" });
        for (var i = 0; i < set.Count; i++)
        {
            if (i % LinesBetweenReports == 0)
            {
                cancel.ThrowIfCancellationRequested();
                progress?.Report((double)i / set.Count);
            }
            foreach (var value in set.Segment(i)) writer.WriteField(value);
            writer.WriteField(set.Labels.Span[i]);
            writer.EndRecord();
        }
    }

    /// <summary>A number without thousands separators, whatever the culture.</summary>
    internal static string Plain(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The start of a cell, for a message: one line that cannot upset a terminal.</summary>
    internal static string Short(string cell)
    {
        var line = cell.Trim();
        var shown = line.Length <= 40 ? line : line[..40] + "...";
        return string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c));
    }
}

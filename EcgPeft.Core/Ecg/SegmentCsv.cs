using System.Globalization;
using CsvHelper;

namespace EcgPeft.Core.Ecg;

/// <summary>
/// CSV files of segments: one segment a line, its samples and a label 0 or 1. The label is the last column, or the one that the
/// header names <c>label</c>. Header, separator, decimal sign, encoding and gzip are detected and reported; nothing is repaired.
/// </summary>
public static class SegmentCsv
{
    private const int LinesBetweenReports = 256;

    /// <summary>Reads a file into its final arrays; the text is never kept.</summary>
    /// <param name="path">The CSV file, plain or gzip.</param>
    /// <param name="progress">Receives the share of the file that has been read, 0 to 1.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <exception cref="SegmentFileException">The file is not what it should be; row and column say where.</exception>
    public static SegmentCsvResult Read(string path, IProgress<double>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        var name = Path.GetFileName(path);
        var dialect = CsvDialect.Detect(path);
        try
        {
            var (reader, raw) = dialect.Open(path);
            using (reader)
            {
                if (!reader.Read()) throw new SegmentFileException($"{name} is empty; expected one segment a line, its samples and then its label.");
                var layout = SegmentColumns.From(reader, name);
                var builder = new SegmentBuilder(layout.Samples);
                var more = !layout.Header || reader.Read();
                while (more)
                {
                    var row = checked((int)reader.LineNumber);
                    var columns = reader.FieldCount;
                    if (columns != layout.Columns) throw Ragged(name, row, columns, layout.Columns, last: !reader.Read());
                    ReadRow(reader, row, layout, dialect, name, builder);
                    if (builder.Count % LinesBetweenReports == 0)
                    {
                        cancel.ThrowIfCancellationRequested();
                        progress?.Report(raw.Length == 0 ? 0 : (double)raw.Position / raw.Length);
                    }
                    more = reader.Read();
                }
                var set = builder.Build(name, layout.Header);
                progress?.Report(1);
                var format = new SegmentCsvFormat(layout.Header, dialect.Separator, dialect.DecimalComma, dialect.EncodingName, layout.Label + 1, layout.Columns, dialect.Compressed);
                return new SegmentCsvResult(set, SegmentChecks.Find(set, builder.Rows), format);
            }
        }
        catch (CsvFormatException e)
        {
            throw Malformed(name, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw CsvDialect.Unreadable(path, e);
        }
    }

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

    private static void ReadRow(CsvReader reader, int row, SegmentColumns layout, CsvDialect dialect, string name, SegmentBuilder builder)
    {
        var samples = builder.AddRow(row, name);
        RefuseGrouping(reader, row, dialect, name);
        var sample = 0;
        for (var column = 0; column < layout.Columns; column++)
        {
            if (!reader.TryParse<float>(column, out var value)) throw NotANumber(reader.GetString(column), row, column, dialect, name);
            if (!float.IsFinite(value)) throw new SegmentFileException($"Row {Plain(row)}, column {Plain(column + 1)} of {name} is \"{Short(reader.GetString(column))}\", which is not a finite 32-bit number; correct or remove the row.", row, column + 1);
            if (column != layout.Label)
            {
                samples[sample++] = value + 0f; // -0 becomes 0: the same number, the same content hash
                continue;
            }
            if (value is not (0f or 1f))
            {
                var hint = layout.Header ? "" : " (where the label is not the last column, name it in a header)";
                throw new SegmentFileException($"Row {Plain(row)}, column {Plain(column + 1)} of {name} is the label \"{Short(reader.GetString(column))}\"; a label must be 0 or 1{hint}.", row, column + 1);
            }
            builder.SetLabel((byte)value);
        }
    }

    // The parser takes the other sign for a thousands separator: 0,5 among decimal points would become 5.
    private static void RefuseGrouping(CsvReader reader, int row, CsvDialect dialect, string name)
    {
        var sign = dialect.DecimalComma ? (byte)'.' : (byte)',';
        var raw = reader.RawRecord;
        if (dialect.Separator == sign ? !raw.Contains((byte)'"') : !raw.Contains(sign)) return;
        for (var column = 0; column < reader.FieldCount; column++)
            if (reader.GetSpan(column).Contains(sign)) throw NotANumber(reader.GetString(column), row, column, dialect, name);
    }

    private static SegmentFileException NotANumber(string cell, int row, int column, CsvDialect dialect, string name)
    {
        var where = $"Row {Plain(row)}, column {Plain(column + 1)} of {name}";
        var what = string.IsNullOrWhiteSpace(cell)
            ? $"{where} is empty; every cell must hold a number."
            : $"{where} is \"{Short(cell)}\", which is not a number{(cell.AsSpan().ContainsAny('.', ',') ? $" (numbers of this file have a decimal {(dialect.DecimalComma ? "comma" : "point")})" : "")}; correct or remove the row.";
        return new SegmentFileException(what, row, column + 1);
    }

    private static SegmentFileException Ragged(string name, int row, int columns, int expected, bool last)
    {
        var cut = last && columns < expected ? ", and the file ends there: it looks cut off; get it again or remove the row" : "; correct or remove the row";
        return new SegmentFileException($"Row {Plain(row)} of {name} has {Plain(columns)} columns instead of {Plain(expected)}{cut}.", row);
    }

    private static SegmentFileException Malformed(string name, CsvFormatException e)
    {
        int? row = e.LineNumber > 0 ? checked((int)e.LineNumber) : null;
        var where = row is { } r ? $"Row {Plain(r)} of {name}" : name;
        var tooLong = e.Message.Contains(nameof(CsvReaderOptions.MaxRecordSize), StringComparison.Ordinal);
        return new SegmentFileException(
            tooLong ? $"{where} is longer than {CsvDialect.MaxLineBytes >> 20} MiB, which no segment needs; this is not a file of segments." : $"{where} has a quote that is never closed or stands in the middle of a cell; correct or remove the row.", row, inner: e);
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

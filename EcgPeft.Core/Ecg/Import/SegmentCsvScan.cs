using System.Text;
using CsvHelper;

namespace EcgPeft.Core.Ecg.Import;

/// <summary>One pass over a CSV file of segments.</summary>
internal sealed class SegmentCsvScan : IDisposable
{
    private const int LinesBetweenReports = 256;

    private readonly string name;
    private readonly CsvDialect dialect;
    private readonly CsvReader reader;
    private readonly SegmentColumns layout;
    private readonly CsvSentences says;
    private readonly CsvRowReader cells;
    private readonly DefectLog log;
    private readonly bool endAtFirstDefect;
    private readonly SegmentBuilder builder;
    private readonly List<string> groups = [];
    private readonly List<int> sourceRows = [];
    private readonly HashSet<string> names = new(StringComparer.Ordinal);

    private SegmentCsvScan(string name, CsvDialect dialect, CsvReader reader, SegmentColumns layout, Repairs repairs, bool endAtFirstDefect, Action<ReadOnlyMemory<float>>? sink)
    {
        (this.name, this.dialect, this.reader, this.layout, this.endAtFirstDefect) = (name, dialect, reader, layout, endAtFirstDefect);
        (says, log, builder) = (new CsvSentences(name, dialect, layout), new DefectLog(repairs), new SegmentBuilder(layout.Samples, sink));
        cells = new CsvRowReader(reader, dialect, layout, says, Add);
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="SegmentFileException">It cannot be read as rows at all, or has a defect that ends it.</exception>
    public static SegmentScan Run(string path, CsvChoices choices, Repairs repairs, bool endAtFirstDefect, Action<ReadOnlyMemory<float>>? sink, IProgress<double>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(path);
        var name = Path.GetFileName(path);
        var dialect = CsvDialect.Detect(path);
        if (choices.Separator is { } separator) dialect = dialect with { Separator = separator, DecimalComma = separator != ',' && dialect.DecimalComma };
        if (choices.DecimalComma is { } comma) dialect = dialect with { DecimalComma = comma };
        if (dialect is { Separator: ',', DecimalComma: true }) throw new SegmentFileException("The comma cannot be separator and decimal sign at once; choose another separator.");
        try
        {
            var (reader, raw) = dialect.Open(path);
            using (reader)
            {
                if (!reader.Read()) throw new SegmentFileException($"{name} is empty; expected one segment a line, its samples and then its label.");
                var layout = SegmentColumns.From(reader, name, choices);
                using var scan = new SegmentCsvScan(name, dialect, reader, layout, repairs, endAtFirstDefect, sink);
                return scan.Rows(raw, progress, cancel);
            }
        }
        catch (CsvFormatException e)
        {
            throw CsvSentences.Malformed(name, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw CsvDialect.Unreadable(path, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => builder.Dispose();

    private SegmentScan Rows(Stream raw, IProgress<double>? progress, CancellationToken cancel)
    {
        var (rows, more) = (0, !layout.Header || reader.Read());
        while (more)
        {
            var (row, columns) = (checked((int)reader.LineNumber), reader.FieldCount);
            if (columns == layout.Columns)
            {
                Row(row, rows);
                more = reader.Read();
            }
            else
            {
                more = reader.Read();
                var last = !more;
                Add(DefectKind.Ragged, row, null, () => says.Ragged(row, columns, last));
            }
            rows++;
            if (rows % LinesBetweenReports != 0) continue;
            if (rows == LinesBetweenReports) Expect(rows, raw.Length);
            cancel.ThrowIfCancellationRequested();
            progress?.Report(raw.Length == 0 ? 0 : (double)raw.Position / raw.Length);
        }
        var read = builder.Build(layout.Group >= 0 || layout.Record >= 0 ? [.. groups] : null);
        var format = new SegmentCsvFormat(
            layout.Header, dialect.Separator, dialect.DecimalComma, dialect.EncodingName, layout.Label + 1, layout.Columns, dialect.Compressed,
            layout.Group >= 0 ? layout.Group + 1 : null, layout.Record >= 0 ? layout.Record + 1 : null);
        var scan = SegmentAssembly.Finish(name, read, builder.Rows, sourceRows, rows, log, format, layout.Header ? $"{name} has a header line and no segment; expected one segment a line below it, its samples and then its label." : null);
        progress?.Report(1);
        return scan;
    }

    // As many rows as there would be if the rest were like the first ones, and a little more.
    private void Expect(int rows, long bytes)
    {
        if (!dialect.Compressed && dialect.Encoding is UTF8Encoding) builder.Expect((long)(bytes / (double)reader.ByteOffset * rows * 1.02) + 1);
    }

    private void Row(int row, int sourceRow)
    {
        var samples = builder.AddRow(row, name);
        var drop = !cells.Read(row, samples, out var label);
        builder.SetLabel(label);
        var person = layout.Group >= 0 ? layout.Group : layout.Record;
        var group = person >= 0 ? reader.GetString(person).Trim() : null;
        if (group?.Length == 0)
        {
            Add(DefectKind.Missing, row, person, () => says.NoGroup(row, person));
            drop = true;
        }
        if (drop)
        {
            builder.RemoveLast();
            return;
        }
        sourceRows.Add(sourceRow);
        if (group is not null) groups.Add(names.TryGetValue(group, out var same) ? same : Remember(group));
    }

    // A few names, many rows: one string each.
    private string Remember(string group)
    {
        names.Add(group);
        return group;
    }

    private Repair Add(DefectKind kind, int row, int? column, Func<string> message)
    {
        if (endAtFirstDefect) throw new SegmentFileException(message(), row, column + 1);
        return log.Add(kind, row, column + 1, null, message);
    }
}

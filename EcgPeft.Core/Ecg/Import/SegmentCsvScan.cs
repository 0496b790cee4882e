using CsvHelper;
using static EcgPeft.Core.Ecg.SegmentCsv;

namespace EcgPeft.Core.Ecg.Import;

/// <summary>One pass over a CSV file of segments.</summary>
internal sealed class SegmentCsvScan
{
    private const int LinesBetweenReports = 256;

    private readonly string name;
    private readonly CsvDialect dialect;
    private readonly CsvReader reader;
    private readonly SegmentColumns layout;
    private readonly DefectLog log;
    private readonly bool endAtFirstDefect;
    private readonly SegmentBuilder builder;
    private readonly List<string> groups = [];
    private readonly List<int> sourceRows = [];
    private readonly List<int> gaps = [];
    private readonly HashSet<string> names = new(StringComparer.Ordinal);

    private SegmentCsvScan(string name, CsvDialect dialect, CsvReader reader, SegmentColumns layout, Repairs repairs, bool endAtFirstDefect)
    {
        (this.name, this.dialect, this.reader, this.layout, this.endAtFirstDefect) = (name, dialect, reader, layout, endAtFirstDefect);
        (log, builder) = (new DefectLog(repairs), new SegmentBuilder(layout.Samples));
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="SegmentFileException">It cannot be read as rows at all, or has a defect that ends it.</exception>
    public static SegmentScan Run(string path, CsvChoices choices, Repairs repairs, bool endAtFirstDefect, IProgress<double>? progress, CancellationToken cancel)
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
                return new SegmentCsvScan(name, dialect, reader, layout, repairs, endAtFirstDefect).Rows(raw, progress, cancel);
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
                Add(DefectKind.Ragged, row, null, () => Ragged(row, columns, last));
            }
            rows++;
            if (rows % LinesBetweenReports != 0) continue;
            cancel.ThrowIfCancellationRequested();
            progress?.Report(raw.Length == 0 ? 0 : (double)raw.Position / raw.Length);
        }
        var lines = builder.Rows;
        var set = builder.Build(layout.Group >= 0 || layout.Record >= 0 ? [.. groups] : null);
        var format = new SegmentCsvFormat(
            layout.Header, dialect.Separator, dialect.DecimalComma, dialect.EncodingName, layout.Label + 1, layout.Columns, dialect.Compressed,
            layout.Group >= 0 ? layout.Group + 1 : null, layout.Record >= 0 ? layout.Record + 1 : null);
        var scan = SegmentAssembly.Finish(name, set, lines, sourceRows, rows, log, format, layout.Header ? $"{name} has a header and no segment." : null);
        progress?.Report(1);
        return scan;
    }

    private void Row(int row, int sourceRow)
    {
        var samples = builder.AddRow(row, name);
        gaps.Clear();
        var (drop, sample) = (false, 0);
        var grouped = MayHoldGrouping();
        for (var column = 0; column < layout.Columns; column++)
        {
            if (column == layout.Group || column == layout.Record) continue;
            var isLabel = column == layout.Label;
            if (reader.TryParse<float>(column, out var value) && float.IsFinite(value) && !(grouped && HoldsOtherSign(column)))
            {
                if (!isLabel) samples[sample++] = value + 0f; // -0 becomes 0: the same number, the same content hash
                else if (value is 0f or 1f) builder.SetLabel((byte)value);
                else drop |= Add(DefectKind.Label, row, column, () => NoLabel(row, column)) != Repair.Keep;
                continue;
            }
            var repair = Wrong(row, column, isLabel);
            if (repair == Repair.Interpolate) gaps.Add(sample);
            else drop = true;
            if (!isLabel) samples[sample++] = float.NaN;
        }
        if (!drop && gaps.Count > 0) drop = !Interpolation.Fill(samples, gaps);
        var person = layout.Group >= 0 ? layout.Group : layout.Record;
        var group = person >= 0 ? reader.GetString(person).Trim() : null;
        if (group?.Length == 0)
        {
            Add(DefectKind.Missing, row, person, () => $"Row {Plain(row)}, column {Plain(person + 1)} of {name} is empty; expected the name of a group.");
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

    private Repair Wrong(int row, int column, bool isLabel)
    {
        var cell = reader.GetString(column);
        var kind = string.IsNullOrWhiteSpace(cell) ? DefectKind.Missing
            : reader.TryParse<float>(column, out var value) && !float.IsFinite(value) ? DefectKind.NonFinite
            : DefectKind.Text;
        // A label cannot be interpolated.
        return Add(isLabel ? DefectKind.Label : kind, row, column, () => kind == DefectKind.NonFinite
            ? $"Row {Plain(row)}, column {Plain(column + 1)} of {name} is \"{Short(cell)}\", which is not a finite 32-bit number; correct or remove the row."
            : NotANumber(cell, row, column));
    }

    private Repair Add(DefectKind kind, int row, int? column, Func<string> message)
    {
        if (endAtFirstDefect) throw new SegmentFileException(message(), row, column + 1);
        return log.Add(kind, row, column + 1, null, message);
    }

    // The parser takes the other sign for a thousands separator: 0,5 among decimal points would become 5.
    private bool MayHoldGrouping()
    {
        var sign = dialect.DecimalComma ? (byte)'.' : (byte)',';
        var raw = reader.RawRecord;
        return dialect.Separator == sign ? raw.Contains((byte)'"') : raw.Contains(sign);
    }

    private bool HoldsOtherSign(int column) => reader.GetSpan(column).Contains(dialect.DecimalComma ? (byte)'.' : (byte)',');

    private string NoLabel(int row, int column)
    {
        var hint = layout.Header ? "" : " (where the label is not the last column, name it in a header or choose it)";
        return $"Row {Plain(row)}, column {Plain(column + 1)} of {name} is the label \"{Short(reader.GetString(column))}\"; a label must be 0 or 1{hint}.";
    }

    private string NotANumber(string cell, int row, int column)
    {
        var where = $"Row {Plain(row)}, column {Plain(column + 1)} of {name}";
        return string.IsNullOrWhiteSpace(cell)
            ? $"{where} is empty; every cell must hold a number."
            : $"{where} is \"{Short(cell)}\", which is not a number{(cell.AsSpan().ContainsAny('.', ',') ? $" (numbers of this file have a decimal {(dialect.DecimalComma ? "comma" : "point")})" : "")}; correct or remove the row.";
    }

    private string Ragged(int row, int columns, bool last)
    {
        var cut = last && columns < layout.Columns ? ", and the file ends there: it looks cut off; get it again or remove the row" : "; correct or remove the row";
        return $"Row {Plain(row)} of {name} has {Plain(columns)} columns instead of {Plain(layout.Columns)}{cut}.";
    }

    private static SegmentFileException Malformed(string name, CsvFormatException e)
    {
        int? row = e.LineNumber > 0 ? checked((int)e.LineNumber) : null;
        var where = row is { } r ? $"Row {Plain(r)} of {name}" : name;
        var tooLong = e.Message.Contains(nameof(CsvReaderOptions.MaxRecordSize), StringComparison.Ordinal);
        return new SegmentFileException(
            tooLong ? $"{where} is longer than {CsvDialect.MaxLineBytes >> 20} MiB, which no segment needs; this is not a file of segments." : $"{where} has a quote that is never closed or stands in the middle of a cell; correct or remove the row.", row, inner: e);
    }
}

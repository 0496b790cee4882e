using CsvHelper;
using static EcgPeft.Core.Ecg.SegmentCsv;

namespace EcgPeft.Core.Ecg.Import;

/// <summary>What is said of defects of a CSV file: what, where, what to do.</summary>
/// <param name="name">Name of the file.</param>
/// <param name="dialect">How its numbers are written.</param>
/// <param name="layout">What its columns mean.</param>
internal sealed class CsvSentences(string name, CsvDialect dialect, SegmentColumns layout)
{
    /// <summary>A label that is neither 0 nor 1.</summary>
    public string NoLabel(string cell, int row, int column)
    {
        var hint = layout.Header ? "" : " (where the label is not the last column, name it in a header or choose it)";
        return string.IsNullOrWhiteSpace(cell)
            ? $"{Where(row, column)} is empty, where the label is expected; a label must be 0 or 1{hint}."
            : $"{Where(row, column)} is the label \"{Short(cell)}\"; a label must be 0 or 1{hint}.";
    }

    /// <summary>A cell that is empty or no number.</summary>
    public string NotANumber(string cell, int row, int column) =>
        string.IsNullOrWhiteSpace(cell)
            ? $"{Where(row, column)} is empty; every cell must hold a number."
            : $"{Where(row, column)} is \"{Short(cell)}\", which is not a number{(cell.AsSpan().ContainsAny('.', ',') ? $" (numbers of this file have a decimal {(dialect.DecimalComma ? "comma" : "point")})" : "")}; correct or remove the row.";

    /// <summary>NaN, infinite, or too large.</summary>
    public string NotFinite(string cell, int row, int column) => $"{Where(row, column)} is \"{Short(cell)}\", which is not a finite 32-bit number; correct or remove the row.";

    /// <summary>A group without a name.</summary>
    public string NoGroup(int row, int column) => $"{Where(row, column)} is empty; expected the name of a group.";

    /// <summary>Another number of columns.</summary>
    public string Ragged(int row, int columns, bool last)
    {
        var cut = last && columns < layout.Columns ? ", and the file ends there: it looks cut off; get it again or remove the row" : "; correct or remove the row";
        return $"Row {Plain(row)} of {name} has {Plain(columns)} column{(columns == 1 ? "" : "s")} instead of {Plain(layout.Columns)}{cut}.";
    }

    /// <summary>A file whose rows and cells cannot be told apart.</summary>
    public static SegmentFileException Malformed(string name, CsvFormatException e)
    {
        int? row = e.LineNumber > 0 ? checked((int)e.LineNumber) : null;
        var where = row is { } r ? $"Row {Plain(r)} of {name}" : name;
        var tooLong = e.Message.Contains(nameof(CsvReaderOptions.MaxRecordSize), StringComparison.Ordinal);
        return new SegmentFileException(
            tooLong ? $"{where} is longer than {CsvDialect.MaxLineBytes >> 20} MiB, which no segment needs; this is not a file of segments." : $"{where} has a quote that is never closed or stands in the middle of a cell; correct or remove the row.", row, inner: e);
    }

    private string Where(int row, int column) => $"Row {Plain(row)}, column {Plain(column + 1)} of {name}";
}

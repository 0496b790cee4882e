using System.Globalization;
using CsvHelper;
using EcgPeft.Core.Ecg.Import;

namespace EcgPeft.Core.Ecg;

/// <summary>What the columns of a CSV file of segments mean, found out from its first line or said by a person.</summary>
/// <param name="Header">Whether the first line names the columns.</param>
/// <param name="Columns">Columns a line.</param>
/// <param name="Label">Column of the label, from 0, or -1.</param>
/// <param name="Group">Column of the group, from 0, or -1.</param>
/// <param name="Record">Column of the recording, from 0, or -1.</param>
internal sealed record SegmentColumns(bool Header, int Columns, int Label, int Group, int Record)
{
    // Label, group and recording at the most interrupt a count of columns; a few samples may happen to count.
    private const int FewColumns = 4, ManyColumns = 16;

    private static readonly string[] LabelNames = ["label", "labels", "class", "target", "y"];
    private static readonly string[] IndexNames = ["", "index", "unnamed: 0", "row"];
    private static readonly string[] RecordNames = ["record", "record_id", "recording", "recording_id"];

    /// <summary>Samples a line: all columns but label, group and recording.</summary>
    public int Samples => Columns - (Label >= 0 ? 1 : 0) - (Group >= 0 ? 1 : 0) - (Record >= 0 ? 1 : 0);

    /// <summary>Looks at the line on which the reader stands.</summary>
    /// <exception cref="SegmentFileException">There are too few columns, a choice names no column, or the header names something that is no sample.</exception>
    public static SegmentColumns From(CsvReader reader, string name, CsvChoices choices)
    {
        var columns = reader.FieldCount;
        var row = checked((int)reader.LineNumber);
        var cells = new string[columns];
        for (var i = 0; i < columns; i++) cells[i] = reader.GetString(i).Trim();
        var isHeader = choices.Header ?? IsHeader(reader, cells);
        if (columns < 3) throw new SegmentFileException($"Row {row} of {name} has {columns} column{(columns == 1 ? "" : "s")}; expected several samples and a label, separated by comma, semicolon or tab.", row);

        int Chosen(string choice, string what) =>
            choice.Equals("first", StringComparison.OrdinalIgnoreCase) ? 0
            : choice.Equals("last", StringComparison.OrdinalIgnoreCase) ? columns - 1
            : isHeader && Array.FindIndex(cells, c => c.Equals(choice, StringComparison.OrdinalIgnoreCase)) is >= 0 and var named ? named
            : int.TryParse(choice, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= columns ? number - 1
            : throw new SegmentFileException($"{name} has no {what} column \"{SegmentCsv.Short(choice)}\"; give its number from 1 to {columns}{(isHeader ? " or its name in the header" : "")}.");
        int Named(string? choice, string[] names, string what) =>
            choice is null ? (isHeader ? Array.FindIndex(cells, c => names.Contains(c, StringComparer.OrdinalIgnoreCase)) : -1)
            : choice.Equals("none", StringComparison.OrdinalIgnoreCase) ? -1 : Chosen(choice, what);

        var (group, record) = (Named(choices.Group, GroupsCsv.GroupNames, "group"), Named(choices.Record, RecordNames, "recording"));
        var labels = isHeader ? Enumerable.Range(0, columns).Where(i => LabelNames.Contains(cells[i], StringComparer.OrdinalIgnoreCase)).ToList() : [];
        if (choices.Label is null && labels.Count > 1) throw new SegmentFileException($"Row {row}, column {labels[1] + 1} of {name} is a second label column (\"{SegmentCsv.Short(cells[labels[1]])}\"); keep one.", row, labels[1] + 1);
        var label = choices.Label == CsvChoices.None ? -1
            : choices.Label is { } said ? Chosen(said, "label")
            : labels.Count == 1 ? labels[0]
            : Enumerable.Range(0, columns).Last(i => i != group && i != record);
        if ((label >= 0 && (label == group || label == record)) || (group >= 0 && group == record)) throw new SegmentFileException($"Column {label + 1} of {name} cannot be label, group and recording at once; choose different columns.", row, label + 1);
        if (isHeader && label != 0 && group != 0 && record != 0 && IndexNames.Contains(cells[0], StringComparer.OrdinalIgnoreCase))
            throw new SegmentFileException($"Row {row}, column 1 of {name} names a row index (\"{cells[0]}\"), which is not a sample; write the file without it (pandas: index=False).", row, 1);
        var layout = new SegmentColumns(isHeader, columns, label, group, record);
        return layout.Samples >= 2 ? layout : throw new SegmentFileException($"Row {row} of {name} has {layout.Samples} sample; a segment needs several.", row);
    }

    // One wrong cell among numbers is a defect, not a header; pandas writes 0, 1, 2, ... as header, others 1, 2, 3, ..., with or without a word for the label.
    private static bool IsHeader(CsvReader reader, string[] cells)
    {
        var words = 0;
        var counted = 0;
        var following = 0;
        for (var i = 0; i < cells.Length; i++)
        {
            if (cells[i].Length > 0 && !reader.TryParse<float>(i, out _)) words++;
            else if (cells[i] == i.ToString(CultureInfo.InvariantCulture)) counted++;
            if (i > 0 && Counter(cells[i - 1]) is { } before && Counter(cells[i]) == before + 1) following++;
        }
        return words * 2 > cells.Length || (cells[^1] is not ("0" or "1") && (counted >= cells.Length - 1 || (cells.Length >= ManyColumns && following >= cells.Length - FewColumns)));
    }

    private static int? Counter(string cell) => int.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

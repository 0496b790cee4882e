using System.Globalization;
using CsvHelper;

namespace EcgPeft.Core.Ecg;

/// <summary>What the columns of a CSV file of segments mean, found out from its first line.</summary>
internal sealed record SegmentColumns(bool Header, int Columns, int Label)
{
    private static readonly string[] LabelNames = ["label", "labels", "class", "target", "y"];
    private static readonly string[] IndexNames = ["", "index", "unnamed: 0", "row"];

    /// <summary>Samples a line: all columns but the label.</summary>
    public int Samples => Columns - 1;

    /// <summary>Looks at the line on which the reader stands.</summary>
    /// <exception cref="SegmentFileException">There are too few columns, or the header names something that is neither sample nor label.</exception>
    public static SegmentColumns From(CsvReader reader, string name)
    {
        var columns = reader.FieldCount;
        var row = checked((int)reader.LineNumber);
        var cells = new string[columns];
        for (var i = 0; i < columns; i++) cells[i] = reader.GetString(i).Trim();
        var isHeader = IsHeader(reader, cells);
        if (columns < 3) throw new SegmentFileException($"Row {row} of {name} has {columns} column{(columns == 1 ? "" : "s")}; expected several samples and a label, separated by comma, semicolon or tab.", row);
        if (!isHeader) return new SegmentColumns(false, columns, columns - 1);

        if (IndexNames.Contains(cells[0], StringComparer.OrdinalIgnoreCase))
            throw new SegmentFileException($"Row {row}, column 1 of {name} names a row index (\"{cells[0]}\"), which is not a sample; write the file without it (pandas: index=False).", row, 1);
        var named = Enumerable.Range(0, columns).Where(i => LabelNames.Contains(cells[i], StringComparer.OrdinalIgnoreCase)).ToList();
        if (named.Count > 1) throw new SegmentFileException($"Row {row}, column {named[1] + 1} of {name} is a second label column (\"{SegmentCsv.Short(cells[named[1]])}\"); keep one.", row, named[1] + 1);
        var label = named.Count == 1 ? named[0] : columns - 1;
        for (var i = 0; i < columns; i++)
            if (i != label && GroupsCsv.GroupNames.Contains(cells[i], StringComparer.OrdinalIgnoreCase))
                throw new SegmentFileException($"Row {row}, column {i + 1} of {name} is named \"{cells[i]}\", which is not a sample; move it to a groups file (columns row and group).", row, i + 1);
        return new SegmentColumns(true, columns, label);
    }

    // One wrong cell among numbers is a defect, not a header; pandas writes 0, 1, 2, ... as header.
    private static bool IsHeader(CsvReader reader, string[] cells)
    {
        var words = 0;
        var counted = 0;
        for (var i = 0; i < cells.Length; i++)
        {
            if (cells[i].Length > 0 && !reader.TryParse<float>(i, out _)) words++;
            else if (cells[i] == i.ToString(CultureInfo.InvariantCulture)) counted++;
        }
        return words * 2 > cells.Length || (counted >= cells.Length - 1 && cells[^1] is not ("0" or "1"));
    }
}

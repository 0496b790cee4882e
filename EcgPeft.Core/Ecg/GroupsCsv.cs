using CsvHelper;

namespace EcgPeft.Core.Ecg;

/// <summary>
/// The companion file that names each segment's group (person): columns <c>row</c> (segment, counted from 0), <c>group</c> and
/// possibly others, or one column with a group for each segment in order.
/// </summary>
public static class GroupsCsv
{
    /// <summary>Names of the group column that are understood.</summary>
    internal static readonly string[] GroupNames = ["group", "groups", "person", "patient", "patient_id", "subject", "subject_id", "user", "user_id"];

    /// <summary>Reads the group of each segment.</summary>
    /// <param name="path">The CSV file, plain or gzip.</param>
    /// <param name="rows">How many segments there are.</param>
    /// <exception cref="SegmentFileException">The file does not name exactly one group for each segment.</exception>
    public static string[] Read(string path, int rows)
    {
        ArgumentNullException.ThrowIfNull(path);
        var name = Path.GetFileName(path);
        var dialect = CsvDialect.Detect(path);
        try
        {
            using var reader = dialect.Open(path).Reader;
            var records = new List<(int Line, string[] Cells)>();
            while (reader.Read())
            {
                var cells = new string[Math.Min(reader.FieldCount, 16)];
                for (var i = 0; i < cells.Length; i++) cells[i] = reader.GetString(i).Trim();
                records.Add((checked((int)reader.LineNumber), cells));
            }
            return Assign(records, rows, name);
        }
        catch (CsvFormatException e)
        {
            int? row = e.LineNumber > 0 ? checked((int)e.LineNumber) : null;
            throw new SegmentFileException($"{(row is null ? name : $"Row {row} of {name}")} has an unclosed quote or a line without end; correct it.", row, inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw CsvDialect.Unreadable(path, e);
        }
    }

    /// <summary>Writes the columns <c>row</c> and <c>group</c> with a header.</summary>
    /// <param name="path">The file to create or overwrite.</param>
    /// <param name="groups">The group of each segment.</param>
    public static void Write(string path, IReadOnlyList<string> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        using var writer = CsvWriter.ToFile(path, new CsvWriterOptions { NewLine = "\n" });
        writer.WriteRecord("row", "group");
        for (var i = 0; i < groups.Count; i++)
        {
            writer.WriteField(i);
            writer.WriteField(groups[i]);
            writer.EndRecord();
        }
    }

    private static string[] Assign(List<(int Line, string[] Cells)> records, int rows, string name)
    {
        var top = records[0].Cells;
        var groupColumn = Array.FindIndex(top, c => GroupNames.Contains(c, StringComparer.OrdinalIgnoreCase));
        var rowColumn = Array.FindIndex(top, c => c.Equals("row", StringComparison.OrdinalIgnoreCase));
        var header = groupColumn >= 0 || rowColumn >= 0;
        if (header && groupColumn < 0) throw new SegmentFileException($"Row {records[0].Line} of {name} is a header without a column named group.", records[0].Line);
        if (!header && top.Length == 1) groupColumn = 0;
        if (!header && top.Length > 1) (rowColumn, groupColumn) = (0, 1);

        var groups = new string?[rows];
        var next = 0;
        foreach (var (line, cells) in records.Skip(header ? 1 : 0))
        {
            if (cells.Length != top.Length) throw new SegmentFileException($"Row {line} of {name} has {cells.Length} column{(cells.Length == 1 ? "" : "s")} instead of {top.Length}; correct it.", line);
            var row = next++;
            if (rowColumn >= 0 && !int.TryParse(cells[rowColumn], out row))
                throw new SegmentFileException($"Row {line}, column {rowColumn + 1} of {name} is \"{SegmentCsv.Short(cells[rowColumn])}\"; expected the number of a segment, counted from 0.", line, rowColumn + 1);
            if (row < 0 || row >= rows)
                throw new SegmentFileException($"Row {line} of {name} names segment {row}, but the data has {rows} segments, counted from 0; it belongs to other data.", line, rowColumn >= 0 ? rowColumn + 1 : null);
            if (cells[groupColumn].Length == 0) throw new SegmentFileException($"Row {line}, column {groupColumn + 1} of {name} is empty; expected the name of a group.", line, groupColumn + 1);
            if (groups[row] is not null) throw new SegmentFileException($"Row {line} of {name} names segment {row} a second time; keep one.", line, rowColumn + 1);
            groups[row] = cells[groupColumn];
        }
        var missing = Array.IndexOf(groups, null);
        if (missing >= 0) throw new SegmentFileException($"{name} names no group for segment {missing} (counted from 0); the data has {rows} segments.");
        return groups!;
    }
}

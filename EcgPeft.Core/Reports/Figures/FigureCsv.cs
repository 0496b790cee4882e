using System.Text;

namespace EcgPeft.Core.Reports.Figures;

/// <summary>The figures' CSV files: how a cell is written, and how all of them are read again.</summary>
internal static class FigureCsv
{
    public static string Cell(string text) => text.AsSpan().IndexOfAny(",\"\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>All rows, the titles first.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Read(string csv)
    {
        var (rows, row, cell) = (new List<IReadOnlyList<string>>(), new List<string>(), new StringBuilder());
        var (quoted, before) = (false, '\n');
        foreach (var c in csv)
        {
            var second = c == '"' && before == '"' && !quoted;
            before = second ? ' ' : c;
            if (c == '"')
            {
                // Two quotes within a quotation stand for one: the first has just ended it.
                if (second) cell.Append(c);
                quoted = !quoted;
                continue;
            }
            if (quoted || c is not (',' or '\n'))
            {
                cell.Append(c);
                continue;
            }
            row.Add(cell.ToString());
            cell.Clear();
            if (c == ',') continue;
            rows.Add(row);
            row = [];
        }
        return rows;
    }
}

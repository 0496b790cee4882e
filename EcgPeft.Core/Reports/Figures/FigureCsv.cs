using System.Text;
using CsvHelper;

namespace EcgPeft.Core.Reports.Figures;

/// <summary>The figures' CSV files: how a cell is written, and how all of them are read again.</summary>
internal static class FigureCsv
{
    public static string Cell(string text) => text.AsSpan().IndexOfAny(",\"\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>All rows, the titles first.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Read(string csv)
    {
        using var reader = CsvReader.Create(new MemoryStream(Encoding.UTF8.GetBytes(csv)), new CsvReaderOptions { HasHeader = false, AllowLineBreaksInQuotes = true });
        var rows = new List<IReadOnlyList<string>>();
        while (reader.Read()) rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)]);
        return rows;
    }
}

using System.Globalization;
using System.Text;
using EcgPeft.Core.Runs;

namespace EcgPeft.Web.Components.Pages.Runs;

/// <summary>The table of runs as text: CSV holds whole values, Markdown and LaTeX what the page shows.</summary>
internal static class RunsExport
{
    public static string Csv(IReadOnlyList<RunSummary> runs, IReadOnlyList<RunColumn> columns)
    {
        var text = new StringBuilder().AppendJoin(',', columns.Select(column => Quoted(column.Title)).Prepend("id")).Append('\n');
        foreach (var run in runs)
            text.AppendJoin(',', columns.Select(column => Quoted(Value(column, run))).Prepend(Quoted(run.Id))).Append('\n');
        return text.ToString();
    }

    public static string Markdown(IReadOnlyList<RunSummary> runs, IReadOnlyList<RunColumn> columns)
    {
        static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
        var text = new StringBuilder().Append("| ").AppendJoin(" | ", columns.Select(column => Cell(column.Title))).Append(" |\n|")
            .AppendJoin('|', columns.Select(column => column.IsNumber ? "---:" : "---")).Append("|\n");
        foreach (var run in runs) text.Append("| ").AppendJoin(" | ", columns.Select(column => Cell(column.Text(run)))).Append(" |\n");
        return text.ToString();
    }

    public static string Latex(IReadOnlyList<RunSummary> runs, IReadOnlyList<RunColumn> columns)
    {
        var text = new StringBuilder().Append("\\begin{tabular}{").AppendJoin("", columns.Select(column => column.IsNumber ? 'r' : 'l')).Append("}\n\\hline\n")
            .AppendJoin(" & ", columns.Select(column => Escaped(column.Title))).Append(" \\\\\n\\hline\n");
        foreach (var run in runs) text.AppendJoin(" & ", columns.Select(column => Escaped(column.Text(run)))).Append(" \\\\\n");
        return text.Append("\\hline\n\\end{tabular}\n").ToString();
    }

    private static string Value(RunColumn column, RunSummary run) => (column.Number, column.Key(run)) switch
    {
        (not null, _) => column.Number!(run)?.ToString("R", CultureInfo.InvariantCulture) ?? "",
        (null, DateTime time) => time.ToString("O", CultureInfo.InvariantCulture),
        _ => column.Text(run),
    };

    // A leading =, + or @ would be run as a formula by a spreadsheet.
    private static string Quoted(string text)
    {
        if (text.Length > 0 && text[0] is '=' or '+' or '@') text = "'" + text;
        return text.AsSpan().IndexOfAny(",\"\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder();
        foreach (var character in text)
            _ = character switch
            {
                '&' or '%' or '$' or '#' or '_' or '{' or '}' => escaped.Append('\\').Append(character),
                '\\' => escaped.Append("\\textbackslash{}"),
                '~' => escaped.Append("\\textasciitilde{}"),
                '^' => escaped.Append("\\textasciicircum{}"),
                '–' => escaped.Append("--"),
                _ => escaped.Append(character),
            };
        return escaped.ToString();
    }
}

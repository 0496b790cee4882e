using System.Globalization;
using System.Text;

namespace EcgPeft.Core.Reports.Document;

/// <summary>A report as Markdown; its figures are SVG files beside it.</summary>
public static class MarkdownReport
{
    /// <summary>The file's content.</summary>
    /// <param name="report">The report.</param>
    /// <param name="dataFolder">Folder of the figures' SVG and CSV files, as the reader will find it.</param>
    public static string Write(ReportDocument report, string dataFolder)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder($"# {E(report.Title)}\n\n{E(report.Subtitle)}\n");
        foreach (var block in report.Blocks)
        {
            text.Append('\n');
            switch (block)
            {
                case HeadingBlock heading:
                    text.Append(new string('#', heading.Level)).Append(' ').Append(E(heading.Text)).Append('\n');
                    break;
                case ParagraphBlock paragraph:
                    text.Append(paragraph.Emphasised ? "> " : "").Append(E(paragraph.Text)).Append('\n');
                    break;
                case ListBlock list:
                    foreach (var item in list.Items) text.Append("- ").Append(E(item)).Append('\n');
                    break;
                case TableBlock table:
                    AppendTable(text, table);
                    break;
                case FiguresBlock figures:
                    foreach (var figure in figures.Figures)
                        text.Append(CultureInfo.InvariantCulture, $"**{E(figure.Title)}**\n\n![{E(figure.Title)}]({dataFolder}/{figure.Id}.svg)\n\n{E(figure.Description)} Data: [{figure.Id}.csv]({dataFolder}/{figure.Id}.csv).\n\n");
                    break;
                case CodeBlock code:
                    text.Append("```\n").Append(code.Text.TrimEnd('\n')).Append("\n```\n");
                    break;
            }
        }
        return text.ToString();
    }

    private static void AppendTable(StringBuilder text, TableBlock table)
    {
        text.Append(E(table.Caption)).Append("\n\n| ").AppendJoin(" | ", table.Columns.Select(Cell)).Append(" |\n|");
        for (var i = 0; i < table.Columns.Count; i++) text.Append(i == 0 || table.Words?.Contains(i) == true ? "---|" : "--:|");
        text.Append('\n');
        foreach (var row in table.Rows) text.Append("| ").AppendJoin(" | ", row.Select(Cell)).Append(" |\n");
    }

    private static string Cell(string text) => E(text).Replace("|", "\\|", StringComparison.Ordinal);

    // Names may hold characters that mean something in Markdown; < would begin a tag.
    private static string E(string text) => text.Replace("<", "&lt;", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}

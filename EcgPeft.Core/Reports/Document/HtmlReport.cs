using System.Globalization;
using System.Net;
using System.Text;
using EcgPeft.Core.Reports.Figures;

namespace EcgPeft.Core.Reports.Document;

/// <summary>A report as one HTML file: styles and figures are in it, nothing is fetched, and it prints to A4.</summary>
public static class HtmlReport
{
    private const string Style = """
        :root{--ink:#17212b;--ink-2:#566270;--line:#dde2e8;--surface:#fff;--accent:#0a6a72;--soft:#e8f3f4;color-scheme:light}
        *{box-sizing:border-box}
        body{margin:0;background:#f5f6f8;color:var(--ink);font:15px/1.55 Inter,system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
        main{max-width:1000px;margin:24px auto;padding:40px 52px;background:#fff;border:1px solid var(--line);border-radius:10px}
        h1{font-size:1.8rem;line-height:1.25;letter-spacing:-.015em;margin:0}
        h2{font-size:1.25rem;margin:2.2em 0 .6em;padding-top:.5em;border-top:1px solid var(--line);letter-spacing:-.01em}
        h3{font-size:1rem;margin:1.6em 0 .4em}
        p,ul{margin:.6em 0;max-width:82ch} .sub{color:var(--ink-2)}
        .answer{background:var(--soft);border-left:4px solid var(--accent);padding:10px 16px;border-radius:0 6px 6px 0;font-weight:500}
        nav{columns:2;font-size:.9rem;margin:1.2em 0} nav a{display:block;color:var(--accent);text-decoration:none;padding:1px 0}
        .wide{overflow-x:auto} table{border-collapse:collapse;font-size:.8rem;margin:.4em 0;width:100%;font-variant-numeric:tabular-nums}
        caption{text-align:left;color:var(--ink-2);font-size:.8rem;padding:.5em 0;caption-side:top}
        th,td{padding:5px 9px;border-bottom:1px solid var(--line);text-align:right;vertical-align:top} th{color:var(--ink-2);font-weight:600;vertical-align:bottom}
        th:first-child,td:first-child,.w{text-align:left} .n{white-space:nowrap} .i{color:var(--ink-2);font-size:.92em} td:first-child{font-weight:550}
        .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:20px;margin:1em 0} .figures.one{grid-template-columns:1fr}
        figure{margin:0;min-width:0} figcaption{font-weight:600;font-size:.88rem} .desc{font-size:.8rem;color:var(--ink-2);font-weight:400}
        pre{background:#f5f6f8;border:1px solid var(--line);border-radius:6px;padding:10px 14px;overflow-x:auto;font-size:.76rem;line-height:1.5;white-space:pre-wrap;overflow-wrap:anywhere}
        @media (max-width:700px){main{margin:0;padding:24px 18px;border:0;border-radius:0} nav{columns:1}}
        @page{size:A4;margin:16mm 14mm 18mm;@bottom-right{content:counter(page) " / " counter(pages);font:8pt Inter,system-ui,sans-serif;color:#566270}}
        @media print{body{background:#fff;font-size:10pt} main{margin:0;padding:0;border:0;max-width:none} h2,h3,caption,thead,thead tr{break-after:avoid} figure,tr,.whole,.answer{break-inside:avoid} tbody tr:first-child,tbody tr:last-child{break-before:avoid} nav{display:none} .wide{overflow:visible} table{font-size:7.4pt} th,td{padding:3px 4px} .figures{grid-template-columns:1fr 1fr}.figures.one{grid-template-columns:1fr}}
        """;

    // A longer table may go on on the next page, under its headings again.
    private const int MostRowsUnbroken = 14;

    /// <summary>The file's content.</summary>
    /// <param name="report">The report.</param>
    /// <param name="dataFolder">Folder of the figures' CSV files as the reader will find it, or null where they are not written.</param>
    public static string Write(ReportDocument report, string? dataFolder)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder();
        text.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        text.Append("<title>").Append(E(report.Title)).Append("</title>\n<style>\n").Append(Style).Append("\n</style>\n</head>\n<body>\n<main>\n");
        text.Append("<h1>").Append(E(report.Title)).Append("</h1>\n<p class=\"sub\">").Append(E(report.Subtitle)).Append("</p>\n<nav aria-label=\"Contents\">");
        var number = 0;
        foreach (var heading in report.Blocks.OfType<HeadingBlock>().Where(h => h.Level == 2)) text.Append("<a href=\"#c").Append(++number).Append("\">").Append(E(heading.Text)).Append("</a>");
        text.Append("</nav>\n");
        number = 0;
        foreach (var block in report.Blocks) Append(text, block, dataFolder, ref number);
        return text.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void Append(StringBuilder text, ReportBlock block, string? dataFolder, ref int number)
    {
        switch (block)
        {
            case HeadingBlock { Level: 2 } chapter:
                text.Append("<h2 id=\"c").Append(++number).Append("\">").Append(E(chapter.Text)).Append("</h2>\n");
                break;
            case HeadingBlock section:
                text.Append("<h3>").Append(E(section.Text)).Append("</h3>\n");
                break;
            case ParagraphBlock paragraph:
                text.Append(paragraph.Emphasised ? "<p class=\"answer\">" : "<p>").Append(E(paragraph.Text)).Append("</p>\n");
                break;
            case ListBlock list:
                text.Append("<ul>\n").AppendJoin("", list.Items.Select(item => $"<li>{E(item)}</li>\n")).Append("</ul>\n");
                break;
            case TableBlock table:
                AppendTable(text, table);
                break;
            case FiguresBlock figures:
                text.Append("<div class=\"figures").Append(figures.Figures.Count == 1 ? " one" : "").Append("\">\n");
                foreach (var figure in figures.Figures) AppendFigure(text, figure, dataFolder);
                text.Append("</div>\n");
                break;
            case CodeBlock code:
                text.Append("<pre>").Append(E(code.Text)).Append("</pre>\n");
                break;
        }
    }

    private static void AppendTable(StringBuilder text, TableBlock table)
    {
        string Class(int column) => table.Words?.Contains(column) == true ? " class=\"w\"" : "";
        text.Append(table.Rows.Count <= MostRowsUnbroken ? "<div class=\"wide whole\"><table>" : "<div class=\"wide\"><table>").Append("<caption>").Append(E(table.Caption)).Append("</caption>\n<thead><tr>");
        for (var i = 0; i < table.Columns.Count; i++) text.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\"{Class(i)}>{E(table.Columns[i])}</th>");
        text.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in table.Rows)
        {
            text.Append("<tr>");
            for (var i = 0; i < row.Count; i++) text.Append(CultureInfo.InvariantCulture, $"<td{Class(i)}>{Cell(row[i])}</td>");
            text.Append("</tr>\n");
        }
        text.Append("</tbody></table></div>\n");
    }

    private static void AppendFigure(StringBuilder text, Figure figure, string? dataFolder)
    {
        text.Append(CultureInfo.InvariantCulture, $"<figure id=\"{E(figure.Id)}\"><figcaption>{E(figure.Title)}</figcaption>\n").Append(figure.Svg);
        text.Append("\n<p class=\"desc\">").Append(E(figure.Description));
        if (dataFolder is not null) text.Append(" Data: ").Append(E($"{dataFolder}/{figure.Id}.csv")).Append('.');
        text.Append("</p></figure>\n");
    }

    /// <summary>A value with an interval: the interval on a line of its own, whole.</summary>
    private static string Cell(string text) => text.EndsWith(']') && text.IndexOf(" [", StringComparison.Ordinal) is var at and > 0
        ? $"<span class=\"n\">{E(text[..at])}</span><br><span class=\"n i\">{E(text[(at + 1)..])}</span>" : E(text);

    private static string E(string text) => WebUtility.HtmlEncode(text);
}

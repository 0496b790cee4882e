using System.Globalization;
using System.Net;
using System.Text;
using EcgPeft.Core.Runs;

namespace EcgPeft.Core.Reports.Figures;

/// <summary>A figure: an SVG picture and the numbers that it shows.</summary>
/// <param name="Id">For file names and anchors: lower-case letters, digits, hyphens.</param>
/// <param name="Title">Heading.</param>
/// <param name="Description">The figure in words, made of its numbers.</param>
/// <param name="Svg">The picture; self-contained, its colours can be overridden by the page's variables.</param>
/// <param name="Csv">Its data.</param>
public sealed record Figure(string Id, string Title, string Description, string Svg, string Csv)
{
    /// <summary>Its data as rows of cells, the titles first.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => FigureCsv.Read(Csv);
}

/// <summary>Text of an SVG picture, with the few shapes that figures need.</summary>
internal sealed class SvgText
{
    private readonly StringBuilder _text = new();

    public SvgText(double width, double height, string title, string description) => _text.Append(CultureInfo.InvariantCulture,
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:0} {height:0}\" width=\"{width:0}\" height=\"{height:0}\" role=\"img\" aria-label=\"{Escape(title)}. {Escape(description)}\" style=\"max-width:100%;height:auto;font-family:Inter,'Inter Variable',system-ui,sans-serif;font-size:11px\">");

    // The six of tokens.css, which colour-blind people tell apart; then two more.
    private static readonly string[] Palette = ["#0199e4", "#a42912", "#483dcf", "#b18b25", "#532460", "#011e02", "#6b7785", "#7c3a12"];

    /// <summary>How many colours there are.</summary>
    public static int Colors => Palette.Length;

    /// <summary>Number of the grey among them, for what stands back.</summary>
    public const int Grey = 6;

    /// <summary>Colour of a series; a page may set <c>--series-1</c> and so on.</summary>
    public static string Color(int series) => $"var(--series-{series % Palette.Length + 1}, {Palette[series % Palette.Length]})";

    public static string Ink => "var(--ink, #17212b)";

    public static string Muted => "var(--ink-2, #566270)";

    public static string GridColor => "var(--line, #dde2e8)";

    public void Line(double x1, double y1, double x2, double y2, string color, double width = 1, bool dashed = false) => _text.Append(CultureInfo.InvariantCulture,
        $"<line x1=\"{x1:0.##}\" y1=\"{y1:0.##}\" x2=\"{x2:0.##}\" y2=\"{y2:0.##}\" style=\"stroke:{color}\" stroke-width=\"{width}\"{(dashed ? " stroke-dasharray=\"4 4\"" : "")}/>");

    /// <param name="points">Corners.</param>
    /// <param name="color">Its colour.</param>
    /// <param name="dash">Number of its dash, as <see cref="RunLook"/> counts them.</param>
    /// <param name="faint">Whether it stands behind another.</param>
    /// <param name="run">Id of its run, by which a page lights it up; or null.</param>
    public void Polyline(IEnumerable<(double X, double Y)> points, string color, int dash, bool faint = false, string? run = null) => _text.Append(CultureInfo.InvariantCulture,
        $"<polyline points=\"{string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.X:0.##},{p.Y:0.##}")))}\" fill=\"none\" style=\"stroke:{color}\" stroke-width=\"{(faint ? 1.2 : 1.8)}\" stroke-linejoin=\"round\"{(dash > 0 ? $" stroke-dasharray=\"{RunLook.DashArrays[dash]}\"" : "")}{(faint ? " opacity=\"0.5\"" : "")}{Of(run)}/>");

    public void Circle(double x, double y, double radius, string color, string tip, bool hollow = false, string? run = null) => _text.Append(CultureInfo.InvariantCulture,
        $"<circle cx=\"{x:0.##}\" cy=\"{y:0.##}\" r=\"{radius}\" style=\"{(hollow ? $"fill:var(--surface, #fff);stroke:{color}" : $"fill:{color}")}\" stroke-width=\"1.6\"{Of(run)}><title>{Escape(tip)}</title></circle>");

    public void Rectangle(double x, double y, double width, double height, string color, double opacity) => _text.Append(CultureInfo.InvariantCulture,
        $"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\" style=\"fill:{color}\" opacity=\"{opacity:0.###}\"/>");

    public void Text(double x, double y, string text, string anchor = "start", string? color = null, bool bold = false, double rotate = 0) => _text.Append(CultureInfo.InvariantCulture,
        $"<text x=\"{x:0.##}\" y=\"{y:0.##}\" text-anchor=\"{anchor}\" style=\"fill:{color ?? Muted}\"{(bold ? " font-weight=\"600\"" : "")}{(rotate == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" transform=\"rotate({rotate} {x:0.##} {y:0.##})\""))}>{Escape(text)}</text>");

    public override string ToString() => _text + "</svg>";

    private static string Of(string? run) => run is null ? "" : $" data-run=\"{Escape(run)}\"";

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}

using System.Globalization;
using System.Text;
using EcgPeft.Core.Evaluation;

namespace EcgPeft.Core.Reports.Figures;

/// <summary>One row of an interval plot.</summary>
/// <param name="Name">Label.</param>
/// <param name="Value">The value; null where it is undefined.</param>
/// <param name="Interval">Its interval, or null.</param>
/// <param name="Color">Number of its colour.</param>
/// <param name="Points">Single values behind it, for example one a seed.</param>
/// <param name="Starred">Whether a star stands behind its number: what a colour says is also said without it.</param>
public sealed record IntervalRow(string Name, double? Value, Interval? Interval, int Color, IReadOnlyList<double> Points, bool Starred = false);

/// <summary>Values with intervals, one below the other: a forest plot.</summary>
/// <param name="XTitle">What the values are.</param>
/// <param name="Rows">From the top.</param>
public sealed record IntervalPlot(string XTitle, IReadOnlyList<IntervalRow> Rows)
{
    private const double LineHeight = 14, Between = 12, Character = 6.2, Top = 10, Bottom = 42, Right = 162;

    /// <summary>Where a vertical line marks no difference, or null.</summary>
    public double? Reference { get; init; }

    /// <summary>Width in pixels.</summary>
    public double Width { get; init; } = 860;

    /// <summary>The figure.</summary>
    /// <param name="id">For file names.</param>
    /// <param name="title">Heading.</param>
    /// <param name="description">The figure in words.</param>
    public Figure ToFigure(string id, string title, string description) => new(id, title, description, Draw(title, description), Csv());

    private string Draw(string title, string description)
    {
        var left = 16 + Math.Min(0.45 * Width, Rows.Max(row => row.Name.Length) * Character);
        List<string[]> names = [.. Rows.Select(row => Lines(row.Name, (int)((left - 10) / Character)))];
        var rowHeight = Between + names.Max(lines => lines.Length) * LineHeight;
        var height = Top + Rows.Count * rowHeight + Bottom;
        var svg = new SvgText(Width, height, title, description);
        var values = Rows.SelectMany(row => row.Points.Append(row.Value ?? double.NaN).Append(row.Interval?.Low ?? double.NaN).Append(row.Interval?.High ?? double.NaN)).Append(Reference ?? double.NaN);
        var x = Axis.Over(values, left, Width - Right, null, log: false);
        foreach (var tick in x.Ticks)
        {
            svg.Line(x.At(tick), Top, x.At(tick), height - Bottom, SvgText.GridColor);
            svg.Text(x.At(tick), height - Bottom + 17, Axis.Label(tick), "middle");
        }
        if (Reference is { } reference) svg.Line(x.At(reference), Top, x.At(reference), height - Bottom, SvgText.Ink, 1.2, dashed: true);
        for (var i = 0; i < Rows.Count; i++)
        {
            var (row, middle) = (Rows[i], Top + (i + 0.5) * rowHeight);
            for (var line = 0; line < names[i].Length; line++) svg.Text(left - 10, middle + 4 + (line - (names[i].Length - 1) / 2.0) * LineHeight, names[i][line], "end", SvgText.Ink);
            if (row.Interval is { } interval) svg.Line(x.At(interval.Low), middle, x.At(interval.High), middle, SvgText.Color(row.Color), 2.2);
            foreach (var point in row.Points) svg.Circle(x.At(point), middle, 2.6, SvgText.Color(row.Color), $"{row.Name}: {Results.Number.Fixed(point, 4)}", hollow: true);
            if (row.Value is { } value) svg.Circle(x.At(value), middle, 4.6, SvgText.Color(row.Color), $"{row.Name}: {Results.Number.Fixed(value, 4)}");
            svg.Text(Width - Right + 10, middle + 4, row.Value is null ? Results.Number.Undefined : $"{Results.Number.Fixed(row.Value, 3)} {(row.Interval is null ? "" : Results.Number.Bounds(row.Interval))}{(row.Starred ? " ★" : "")}");
        }
        svg.Text((left + Width - Right) / 2, height - 7, XTitle, "middle");
        return svg.ToString();
    }

    /// <summary>A name that is too long stands in two lines where it is a difference; what is longer still is cut, and whole in the points' titles.</summary>
    private static string[] Lines(string name, int fitting)
    {
        if (name.Length <= fitting) return [name];
        var minus = name.IndexOf(" − ", StringComparison.Ordinal);
        string[] lines = minus < 0 ? [name] : [name[..(minus + 2)], name[(minus + 3)..]];
        return [.. lines.Select(line => line.Length <= fitting ? line : line[..Math.Max(1, fitting - 1)] + "…")];
    }

    private string Csv()
    {
        var text = new StringBuilder("name,value,low,high,points\n");
        foreach (var row in Rows)
            text.Append(CultureInfo.InvariantCulture, $"{FigureCsv.Cell(row.Name)},{row.Value:R},{row.Interval?.Low:R},{row.Interval?.High:R},{string.Join(' ', row.Points.Select(p => p.ToString("R", CultureInfo.InvariantCulture)))}\n");
        return text.ToString();
    }
}

using System.Globalization;
using System.Text;

namespace EcgPeft.Core.Reports.Figures;

/// <summary>One curve, or one set of points.</summary>
/// <param name="Name">In the legend and in the CSV.</param>
/// <param name="X">Positions.</param>
/// <param name="Y">Values; those that are not finite interrupt the curve.</param>
/// <param name="Color">Number of its colour.</param>
/// <param name="Dash">Number of its dash; points that are not joined are hollow from 1 on.</param>
/// <param name="Markers">Whether its points are drawn.</param>
/// <param name="Joined">Whether its points are joined by a line.</param>
/// <param name="InLegend">False for a further curve of what the legend shows already.</param>
/// <param name="Faint">Whether it stands behind another.</param>
/// <param name="Run">Id of the run that it is of, by which a page lights it up; or null.</param>
public sealed record PlotSeries(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y, int Color, int Dash = 0, bool Markers = false, bool Joined = true, bool InLegend = true, bool Faint = false, string? Run = null);

/// <summary>Curves and points over two numeric axes.</summary>
/// <param name="XTitle">What the horizontal axis shows.</param>
/// <param name="YTitle">What the vertical axis shows.</param>
/// <param name="Series">The curves.</param>
public sealed record LinePlot(string XTitle, string YTitle, IReadOnlyList<PlotSeries> Series)
{
    private const double NarrowestLeft = 52, LabelCharacter = 6.2, Right = 14, Top = 12, Bottom = 42, LegendLine = 17;

    /// <summary>Ends of the horizontal axis, or null to find them.</summary>
    public (double Low, double High)? XRange { get; init; }

    /// <summary>Ends of the vertical axis, or null to find them.</summary>
    public (double Low, double High)? YRange { get; init; }

    /// <summary>Whether the horizontal axis is logarithmic.</summary>
    public bool LogX { get; init; }

    /// <summary>Whether the horizontal axis counts, so that its ticks are whole numbers.</summary>
    public bool WholeX { get; init; }

    /// <summary>Whether the line y = x is drawn, as chance or as perfect calibration.</summary>
    public bool Diagonal { get; init; }

    /// <summary>Width in pixels.</summary>
    public double Width { get; init; } = 420;

    /// <summary>Height of the plot itself in pixels.</summary>
    public double Height { get; init; } = 270;

    /// <summary>The figure.</summary>
    /// <param name="id">For file names.</param>
    /// <param name="title">Heading.</param>
    /// <param name="description">The figure in words.</param>
    public Figure ToFigure(string id, string title, string description) => new(id, title, description, Draw(title, description), Csv());

    private string Draw(string title, string description)
    {
        var y = Axis.Over(Series.SelectMany(s => s.Y), Height - Bottom, Top, YRange, log: false);
        var left = Math.Max(NarrowestLeft, 28 + LabelCharacter * y.Ticks.Max(tick => Axis.Label(tick).Length));
        var rows = Legend([.. Series.Where(series => series.InLegend)], left);
        var svg = new SvgText(Width, Height + rows.Count * LegendLine + 4, title, description);
        var x = Axis.Over(Series.SelectMany(s => s.X), left, Width - Right, XRange, LogX, WholeX);
        foreach (var tick in y.Ticks)
        {
            svg.Line(left, y.At(tick), Width - Right, y.At(tick), SvgText.GridColor);
            svg.Text(left - 6, y.At(tick) + 4, Axis.Label(tick), "end");
        }
        foreach (var tick in x.Ticks)
        {
            svg.Line(x.At(tick), Height - Bottom, x.At(tick), Height - Bottom + 4, SvgText.GridColor);
            svg.Text(x.At(tick), Height - Bottom + 17, Axis.Label(tick), "middle");
        }
        svg.Text((left + Width - Right) / 2, Height - 7, XTitle, "middle");
        svg.Text(13, (Top + Height - Bottom) / 2, YTitle, "middle", rotate: -90);
        if (Diagonal) svg.Line(x.At(0), y.At(0), x.At(1), y.At(1), SvgText.Muted, 1, dashed: true);
        foreach (var series in Series) DrawSeries(svg, series, x, y);
        for (var row = 0; row < rows.Count; row++)
            foreach (var (series, at) in rows[row])
            {
                var middle = Height + row * LegendLine + 6;
                if (series.Joined) svg.Polyline([(at, middle), (at + 18, middle)], SvgText.Color(series.Color), series.Dash, series.Faint);
                if (series.Markers || !series.Joined) svg.Circle(at + 9, middle, 3.2, SvgText.Color(series.Color), series.Name, Hollow(series));
                svg.Text(at + 23, middle + 4, series.Name);
            }
        return svg.ToString();
    }

    private static void DrawSeries(SvgText svg, PlotSeries series, Axis x, Axis y)
    {
        var piece = new List<(double, double)>();
        void End()
        {
            if (series.Joined && piece.Count > 1) svg.Polyline(piece, SvgText.Color(series.Color), series.Dash, series.Faint, series.Run);
            else if (series.Joined && piece.Count == 1 && !series.Markers) svg.Circle(piece[0].Item1, piece[0].Item2, series.Faint ? 2.2 : 3.2, SvgText.Color(series.Color), series.Name, hollow: series.Faint, series.Run); // a line of one point is a point
            piece.Clear();
        }
        for (var i = 0; i < series.X.Count; i++)
        {
            if (!double.IsFinite(series.Y[i]))
            {
                End();
                continue;
            }
            piece.Add((x.At(series.X[i]), y.At(series.Y[i])));
            if (series.Markers || !series.Joined)
                svg.Circle(x.At(series.X[i]), y.At(series.Y[i]), 3.4, SvgText.Color(series.Color), string.Create(Results.Number.Culture, $"{series.Name}: {series.X[i]:G5}{(Results.Number.Culture.NumberFormat.NumberDecimalSeparator == "," ? ";" : ",")} {series.Y[i]:G5}"), Hollow(series), series.Run);
        }
        End();
    }

    private static bool Hollow(PlotSeries series) => series is { Joined: false, Dash: > 0 };

    /// <summary>Legend entries in rows, by an estimate of their width.</summary>
    private List<List<(PlotSeries Series, double At)>> Legend(List<PlotSeries> entries, double left)
    {
        var rows = new List<List<(PlotSeries, double)>>();
        var at = double.PositiveInfinity;
        foreach (var entry in entries)
        {
            var width = 38 + entry.Name.Length * 6.1;
            if (at + width > Width - Right)
            {
                rows.Add([]);
                at = left;
            }
            rows[^1].Add((entry, at));
            at += width;
        }
        return rows;
    }

    private string Csv()
    {
        var text = new StringBuilder($"series,{FigureCsv.Cell(XTitle)},{FigureCsv.Cell(YTitle)}\n");
        foreach (var series in Series)
            for (var i = 0; i < series.X.Count; i++) text.Append(CultureInfo.InvariantCulture, $"{FigureCsv.Cell(series.Name)},{series.X[i]:R},{(double.IsFinite(series.Y[i]) ? series.Y[i] : null):R}\n");
        return text.ToString();
    }
}

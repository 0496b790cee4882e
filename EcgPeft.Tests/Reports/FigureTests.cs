using System.Globalization;
using System.Text.RegularExpressions;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Reports.Figures;

namespace EcgPeft.Tests.Reports;

/// <summary>Pictures of reports and pages: their numbers, and names that are long.</summary>
public sealed class FigureTests
{
    [Fact]
    public void A_figure_has_the_readers_numbers_and_its_data_have_points()
    {
        Figure Draw() => new LinePlot("x", "y", [new PlotSeries("one", [0, .5], [.25, 1.5], 0, Markers: true)]).ToFigure("a", "A", "One.");
        var figure = AsReadIn("de-DE", Draw);
        Assert.Contains(">0,5</text>", figure.Svg, StringComparison.Ordinal);
        Assert.Contains("<title>one: 0,5; 1,5</title>", figure.Svg, StringComparison.Ordinal);
        Assert.DoesNotMatch(@">[^<>]*\d\.\d[^<>]*</text>", figure.Svg);
        Assert.Equal(AsReadIn("en-US", Draw).Csv, figure.Csv);
        Assert.Contains("one,0.5,1.5", figure.Csv, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_names_of_an_interval_plot_stay_in_the_picture()
    {
        var name = $"wav2vec2 · LoRA · {new string('a', 60)} − hubert · LoRA";
        var svg = new IntervalPlot("x", [new IntervalRow(name, .1, new Interval(0, .2), 0, []), new IntervalRow("short", .1, null, 0, [])]).ToFigure("a", "A", "One.").Svg;
        var labels = Regex.Matches(svg, "text-anchor=\"end\"[^>]*>([^<]*)</text>").Select(match => System.Net.WebUtility.HtmlDecode(match.Groups[1].Value)).ToList();
        Assert.Equal(3, labels.Count);
        Assert.All(labels, label => Assert.InRange(label.Length, 1, 65));
        Assert.EndsWith("…", labels[0], StringComparison.Ordinal);
        Assert.Equal(["hubert · LoRA", "short"], labels.Skip(1));
        Assert.Contains($"<title>{System.Net.WebUtility.HtmlEncode(name)}: 0.1000</title>", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void The_data_of_a_figure_are_read_as_they_were_written()
    {
        var figure = new LinePlot("x, or so", "y", [new PlotSeries("a \"b\", c", [0, 1], [.5, double.NaN], 0), new PlotSeries("\"", [2], [3], 1)]).ToFigure("a", "A", "One.");
        Assert.Equal(["series|x, or so|y", "a \"b\", c|0|0.5", "a \"b\", c|1|", "\"|2|3"], figure.Rows.Select(row => string.Join('|', row)));
    }

    private static T AsReadIn<T>(string language, Func<T> make)
    {
        var before = CultureInfo.CurrentUICulture;
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
        try
        {
            return make();
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }
}

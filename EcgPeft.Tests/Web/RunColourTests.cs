using System.Globalization;
using System.Text.RegularExpressions;
using EcgPeft.Core.Reports.Figures;
using EcgPeft.Core.Runs;
using EcgPeft.Tests.EndToEnd;

namespace EcgPeft.Tests.Web;

/// <summary>The colours of runs, as people with normal sight, protanopia, deuteranopia and tritanopia see them (Machado, Oliveira and Fernandes, 2009).</summary>
public sealed class RunColourTests
{
    private const double Apart = 0.15, GraphicsContrast = 3;

    private static readonly double[][][] Sights =
    [
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    ];

    [Theory]
    [InlineData(":root {")]
    [InlineData(":root[data-theme='dark'] {")]
    public void Colour_blind_people_tell_all_colours_apart_in_both_themes(string block)
    {
        var css = File.ReadAllText(Path.Combine(Axe.Repository(), "wwwroot-assets", "src", "css", "tokens.css"));
        var tokens = css[css.IndexOf(block, StringComparison.Ordinal)..];
        var surface = Rgb(tokens, "surface");
        var colors = Enumerable.Range(1, RunLook.Colors).Select(n => Rgb(tokens, $"series-{n}")).ToList();
        foreach (var sight in Sights)
            for (var a = 0; a < colors.Count; a++)
                for (var b = 0; b < a; b++)
                    Assert.True(Distance(See(sight, colors[a]), See(sight, colors[b])) >= Apart, $"series-{a + 1} and series-{b + 1} look alike.");
        Assert.All(colors, color => Assert.True(Contrast(color, surface) >= GraphicsContrast));
    }

    [Fact]
    public void Figures_of_reports_have_the_colours_of_the_pages_and_a_page_of_another_theme_gives_them_its_own()
    {
        var css = File.ReadAllText(Path.Combine(Axe.Repository(), "wwwroot-assets", "src", "css", "tokens.css"));
        for (var color = 0; color < RunLook.Colors; color++)
        {
            var svg = new LinePlot("x", "y", [new PlotSeries("run", [0, 1], [0, 1], color)]).ToFigure("figure", "Figure", "One line.").Svg;
            Assert.Contains($"stroke:var(--series-{color + 1}, #{Regex.Match(css, $"--series-{color + 1}: #([0-9a-f]{{6}})").Groups[1].Value})", svg, StringComparison.Ordinal); // the light theme stands first
        }
    }

    private static double[] Rgb(string css, string name)
    {
        var hex = Regex.Match(css, $"--{name}: #([0-9a-f]{{6}})").Groups[1].Value;
        return [.. Enumerable.Range(0, 3).Select(i => Linear(int.Parse(hex.AsSpan(2 * i, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0))];
    }

    private static double Linear(double channel) => channel <= 0.04045 ? channel / 12.92 : Math.Pow((channel + 0.055) / 1.055, 2.4);

    private static double[] See(double[][] sight, double[] rgb) => [.. sight.Select(row => Math.Clamp(row.Zip(rgb, (a, b) => a * b).Sum(), 0, 1))];

    private static double Contrast(double[] a, double[] b)
    {
        var (x, y) = (Luminance(a) + 0.05, Luminance(b) + 0.05);
        return Math.Max(x, y) / Math.Min(x, y);
    }

    private static double Luminance(double[] rgb) => (0.2126 * rgb[0]) + (0.7152 * rgb[1]) + (0.0722 * rgb[2]);

    // Euclidean distance in OKLab (Ottosson, 2020).
    private static double Distance(double[] a, double[] b) => Math.Sqrt(Lab(a).Zip(Lab(b), (x, y) => (x - y) * (x - y)).Sum());

    private static double[] Lab(double[] c)
    {
        var l = Math.Cbrt((0.4122214708 * c[0]) + (0.5363325363 * c[1]) + (0.0514459929 * c[2]));
        var m = Math.Cbrt((0.2119034982 * c[0]) + (0.6806995451 * c[1]) + (0.1073969566 * c[2]));
        var s = Math.Cbrt((0.0883024619 * c[0]) + (0.2817188376 * c[1]) + (0.6299787005 * c[2]));
        return [(0.2104542553 * l) + (0.7936177850 * m) - (0.0040720468 * s), (1.9779984951 * l) - (2.4285922050 * m) + (0.4505937099 * s), (0.0259040371 * l) + (0.7827717662 * m) - (0.8086757660 * s)];
    }
}

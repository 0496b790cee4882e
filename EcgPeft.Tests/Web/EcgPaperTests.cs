using System.Text.RegularExpressions;
using EcgPeft.Web.Components.Charts;

namespace EcgPeft.Tests.Web;

public sealed partial class EcgPaperTests
{
    [Fact]
    public void A_small_box_is_square_whatever_is_drawn()
    {
        foreach (var (samples, rate) in new[] { (Wave(600, 1), 360.0), (Wave(5000, 3), 500.0) })
        {
            var paper = new EcgPaper(samples, rate);
            var second = paper.XTicks[1].At - paper.XTicks[0].At; // 0.2 s: five small boxes
            var half = paper.YTicks[0].At - paper.YTicks[1].At; // 0.5 mV: five small boxes
            Assert.Equal(second, half, 9);
            var pulse = PulseHeight().Match(paper.Pulse!);
            Assert.Equal(2 * half, double.Parse(pulse.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) - double.Parse(pulse.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture), 0.11);
        }
    }

    [Fact]
    public void An_unknown_rate_has_samples_on_x_and_no_boxes()
    {
        var paper = new EcgPaper(Wave(600, 1), null);
        Assert.Null(paper.FineGrid);
        Assert.Equal("samples", paper.XTitle);
        Assert.Equal(["0", "100", "200", "300", "400", "500"], paper.XTicks.Select(tick => tick.Label));
        Assert.Equal("mV", paper.YTitle);
    }

    [Fact]
    public void Values_too_large_for_millivolts_are_not_called_so()
    {
        var paper = new EcgPaper(Wave(600, 900), 360);
        Assert.Equal("value", paper.YTitle);
        Assert.Null(paper.FineGrid);
        Assert.InRange(paper.Height, 100, 400);
    }

    [Fact]
    public void A_flat_line_can_be_drawn() => Assert.DoesNotContain("NaN", new EcgPaper(new float[600], 360).Trace, StringComparison.Ordinal);

    private static float[] Wave(int length, double amplitude) => [.. Enumerable.Range(0, length).Select(i => (float)(amplitude * 1.2 * Math.Sin(i / 20.0)))];

    [GeneratedRegex(@"^M[\d.]+ ([\d.]+)h4V([\d.]+)h")]
    private static partial Regex PulseHeight();
}

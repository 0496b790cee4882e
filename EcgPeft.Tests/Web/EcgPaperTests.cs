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
            // The grid itself: five boxes to 0.2 s one way, five to 0.5 mV the other.
            double[] Lines(Regex place) => [.. place.Matches(paper.FineGrid!).Select(match => Number(match.Groups[1].Value))];
            foreach (var (lines, part) in new[] { (Lines(GridColumn()), second), (Lines(GridRow()), half) })
                Assert.All(lines.Zip(lines.Skip(1)), pair => Assert.Equal(part / 5, Math.Abs(pair.Second - pair.First), 0.02));
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0.1, 0)]
    [InlineData(0.1, 2.3)]
    [InlineData(0.1, -2.3)]
    [InlineData(0, 0)]
    public void A_calibration_pulse_of_a_millivolt_stands_on_every_paper_whatever_the_segment(double amplitude, double level)
    {
        var paper = new EcgPaper([.. Wave(600, amplitude).Select(value => (float)(value + level))], 360);
        var pulse = PulseHeight().Match(paper.Pulse!);
        var (foot, head) = (Number(pulse.Groups[1].Value), Number(pulse.Groups[2].Value));
        Assert.Equal(2 * (paper.YTicks[0].At - paper.YTicks[1].At), foot - head, 0.11);
        Assert.True(head >= EcgPaper.Top - 0.1 && foot <= paper.Floor + 0.1);
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
    public void A_standardised_segment_has_an_axis_in_standard_deviations_and_no_boxes()
    {
        var wave = Wave(600, 1).Select(value => (double)value).ToList();
        var mean = wave.Average();
        var deviation = Math.Sqrt(wave.Average(value => (value - mean) * (value - mean)));
        var paper = new EcgPaper([.. wave.Select(value => (float)((value - mean) / deviation))], 360);
        Assert.Equal("SD", paper.YTitle);
        Assert.Null(paper.FineGrid);
        Assert.Null(paper.Pulse);
        Assert.Equal("25 mm/s", paper.Scale);
        Assert.Equal(["-2", "-1", "0", "1", "2"], paper.YTicks.Select(tick => tick.Label));
    }

    [Fact]
    public void The_scales_are_written_on_the_paper() => Assert.Equal("25 mm/s   10 mm/mV", new EcgPaper(Wave(600, 1), 360).Scale);

    [Fact]
    public void Samples_that_are_no_numbers_stay_gaps()
    {
        var samples = Wave(600, 1);
        samples[100] = samples[101] = float.NaN;
        var trace = new EcgPaper(samples, 360).Trace;
        Assert.DoesNotContain("NaN", trace, StringComparison.Ordinal);
        Assert.Equal(2, trace.Count(letter => letter == 'M'));
        Assert.Equal(598, trace.Count(letter => letter is 'M' or 'L'));
    }

    [Fact]
    public void A_flat_line_can_be_drawn() => Assert.DoesNotContain("NaN", new EcgPaper(new float[600], 360).Trace, StringComparison.Ordinal);

    private static float[] Wave(int length, double amplitude) => [.. Enumerable.Range(0, length).Select(i => (float)(amplitude * 1.2 * Math.Sin(i / 20.0)))];

    private static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^M[\d.]+ ([\d.]+)h4V([\d.]+)h")]
    private static partial Regex PulseHeight();

    [GeneratedRegex(@"M([\d.]+) [\d.]+V")]
    private static partial Regex GridColumn();

    [GeneratedRegex(@"M[\d.]+ ([\d.]+)H")]
    private static partial Regex GridRow();
}

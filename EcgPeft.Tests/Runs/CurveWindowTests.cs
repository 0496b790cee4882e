using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs;

/// <summary>Long curves are thinned, and nothing that an eye could see is lost.</summary>
public class CurveWindowTests
{
    private const int Count = 100_000;

    // Quiet curves with one pair of neighbouring spikes each, at places that no bucket begins or ends with.
    private static readonly List<StepEvent> Steps = [.. Enumerable.Range(1, Count).Select(step => new StepEvent(
        step, 1 + step / 1000, step switch { 44_443 => 99, 44_444 => -99, 70_001 => double.NaN, _ => Math.Sin(step) }, step == 12_345 ? 7 : 1e-3, step == 33_337 ? 1e6 : 0.5 + 0.1 * Math.Cos(step), step == 91_119 ? 0.001 : 100))];

    [Theory]
    [InlineData(0, long.MaxValue)]
    [InlineData(1, 100_000)]
    [InlineData(30_000, 95_000)]
    [InlineData(44_000, 46_000)]
    [InlineData(44_443, 44_444)]
    [InlineData(69_000, 70_001)]
    public void The_extremes_of_every_pixel_are_among_what_is_kept(long from, long to)
    {
        const int pixels = 250;
        var window = CurveWindow.Of(Steps, from, to, pixels);
        var whole = Steps.Where(step => step.Step >= from && step.Step <= to).ToList();
        Assert.Equal(whole.Count, window.Total);
        Assert.True(window.Steps.Count <= pixels * 14);
        Assert.Equal(window.Steps.OrderBy(step => step.Step).DistinctBy(step => step.Step), window.Steps);
        Assert.Equal((whole[0], whole[^1]), (window.Steps[0], window.Steps[^1]));

        var kept = window.Steps.ToHashSet();
        var width = whole[^1].Step + 1 - whole[0].Step;
        foreach (var pixel in whole.GroupBy(step => (step.Step - whole[0].Step) * pixels / width))
            foreach (var curve in new Func<StepEvent, double>[] { step => step.Loss, step => step.GradientNorm, step => step.LearningRate, step => step.SegmentsPerSecond })
            {
                var finite = pixel.Where(step => double.IsFinite(curve(step))).ToList();
                var drawn = pixel.Where(kept.Contains).ToList();
                if (finite.Count == 0) continue;
                Assert.Equal(finite.Max(curve), drawn.Where(step => double.IsFinite(curve(step))).Max(curve));
                Assert.Equal(finite.Min(curve), drawn.Where(step => double.IsFinite(curve(step))).Min(curve));
            }
        Assert.Equal(whole.Any(step => double.IsNaN(step.Loss)), window.Steps.Any(step => double.IsNaN(step.Loss)));
    }

    [Fact]
    public void A_short_curve_is_kept_whole_and_an_empty_stretch_is_empty()
    {
        Assert.Equal(Steps.Take(300), CurveWindow.Of(Steps, 1, 300, 250).Steps);
        Assert.Equal((0, 0), (CurveWindow.Of(Steps, 200_000, 300_000, 250).Total, CurveWindow.Of([], 0, long.MaxValue, 250).Total));
        Assert.Empty(CurveWindow.Of(Steps, 50, 10, 250).Steps);
    }
}

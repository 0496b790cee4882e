using EcgPeft.Core.Reports.Figures;

namespace EcgPeft.Core.Benchmarks;

/// <summary>Cost curves as figures: the measured points and the straight line through them.</summary>
public static class CostFigures
{
    /// <summary>One figure a curve, and memory over epochs where it was measured.</summary>
    /// <param name="report">The measurements.</param>
    public static IEnumerable<Figure> Of(CostReport report)
    {
        foreach (var curve in report.Curves)
        {
            var (offset, slope, rSquared) = curve.Line();
            double[] ends = [0, curve.X[^1]];
            var line = new PlotSeries("straight line of least squares", ends, [.. ends.Select(x => offset + slope * x)], 1, Dash: 1);
            var points = new PlotSeries("measured", curve.X, curve.Seconds, 0, Markers: true, Joined: false);
            yield return new LinePlot(curve.Work, "seconds", [points, line]) { YRange = (0, curve.Seconds.Max() * 1.05), XRange = (0, curve.X[^1] * 1.03) }.ToFigure(
                $"cost-{curve.Id}", $"Seconds of {curve.What} against {curve.Work}",
                FormattableString.Invariant($"{curve.Settings}: from {curve.Seconds[0]:G3} s at {curve.X[0]:G6} to {curve.Seconds[^1]:G3} s at {curve.X[^1]:G6}; a straight line explains {rSquared * 100:F1} % of the variance."));
        }
        if (report.MemoryMegabytes.Count < 2) yield break;
        var epochs = report.MemoryMegabytes.Select((_, i) => i + 1.0).ToArray();
        yield return new LinePlot("epochs", "MB", [new PlotSeries("memory in use", epochs, report.MemoryMegabytes, 0, Markers: true)]) { YRange = (0, report.MemoryMegabytes.Max() * 1.1) }.ToFigure(
            "cost-memory", "Memory after each epoch", FormattableString.Invariant($"From {report.MemoryMegabytes[0]:F0} MB after the first epoch to {report.MemoryMegabytes[^1]:F0} MB after the last."));
    }
}

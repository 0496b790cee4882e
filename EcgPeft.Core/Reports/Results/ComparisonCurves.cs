using EcgPeft.Core.Training;

namespace EcgPeft.Core.Reports.Results;

/// <summary>What the horizontal axis of overlaid curves shows.</summary>
public enum CurveAxis
{
    /// <summary>Optimiser steps.</summary>
    Step,

    /// <summary>Epochs; a step is a part of one.</summary>
    Epoch,

    /// <summary>Seconds of training.</summary>
    Time,
}

/// <summary>A curve of one run.</summary>
/// <param name="Name">The run's name.</param>
/// <param name="Color">Number of the run's colour.</param>
/// <param name="X">Positions.</param>
/// <param name="Y">Values; null where they are not finite.</param>
public sealed record RunCurve(string Name, int Color, IReadOnlyList<double> X, IReadOnlyList<double?> Y);

/// <summary>Curves of several runs over one axis.</summary>
public static class ComparisonCurves
{
    /// <summary>The loss of every step.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="axis">The horizontal axis.</param>
    /// <param name="smoothing">Weight of what was before in an exponential moving average that starts without bias: 0 is off, below 1.</param>
    /// <param name="logarithm">Whether to take the logarithm to base 10.</param>
    public static IReadOnlyList<RunCurve> TrainingLoss(IReadOnlyList<ReportRun> runs, CurveAxis axis, double smoothing, bool logarithm)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return [.. runs.Select((run, i) =>
        {
            var at = SecondsOfSteps(run);
            var perEpoch = run.Plan is { StepsPerEpoch: > 0 } plan ? plan.StepsPerEpoch : 1;
            double X(StepEvent step, int k) => axis switch { CurveAxis.Step => step.Step, CurveAxis.Epoch => (double)step.Step / perEpoch, _ => at[k] };
            return Curve(run, i, [.. run.Steps.Select(X)], Smoothed(run.Steps.Select(step => step.Loss), smoothing), logarithm);
        })];
    }

    /// <summary>A value of every epoch.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="axis">The horizontal axis.</param>
    /// <param name="value">The value.</param>
    /// <param name="smoothing">As for <see cref="TrainingLoss"/>.</param>
    /// <param name="logarithm">Whether to take the logarithm to base 10.</param>
    public static IReadOnlyList<RunCurve> OfEpochs(IReadOnlyList<ReportRun> runs, CurveAxis axis, Func<EpochEvent, double?> value, double smoothing, bool logarithm)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return [.. runs.Select((run, i) =>
        {
            var seconds = 0.0;
            double X(EpochEvent epoch)
            {
                seconds += epoch.Seconds;
                return axis switch { CurveAxis.Step => epoch.Step, CurveAxis.Epoch => epoch.Epoch, _ => seconds };
            }
            return Curve(run, i, [.. run.Epochs.Select(X)], Smoothed(run.Epochs.Select(epoch => value(epoch) ?? double.NaN), smoothing), logarithm);
        })];
    }

    private static RunCurve Curve(ReportRun run, int color, double[] x, IEnumerable<double> y, bool logarithm) =>
        new(run.Name, color, x, [.. y.Select(v => logarithm ? (v > 0 ? Math.Log10(v) : double.NaN) : v).Select(v => double.IsFinite(v) ? v : (double?)null)]);

    // As Adam corrects its moments: without it the first values would be drawn towards 0.
    private static IEnumerable<double> Smoothed(IEnumerable<double> values, double smoothing)
    {
        double mean = 0, weight = 0;
        foreach (var value in values)
        {
            if (!double.IsFinite(value))
            {
                yield return value;
                continue;
            }
            mean = smoothing * mean + (1 - smoothing) * value;
            weight = smoothing * weight + (1 - smoothing);
            yield return mean / weight;
        }
    }

    /// <summary>Seconds of training at each step, evenly within an epoch: pauses between epochs and after a stop do not count.</summary>
    private static double[] SecondsOfSteps(ReportRun run)
    {
        var at = new double[run.Steps.Count];
        double before = 0;
        foreach (var epoch in run.Steps.Select((step, k) => (step, k)).GroupBy(s => s.step.Epoch))
        {
            var steps = epoch.ToList();
            var seconds = run.Epochs.FirstOrDefault(e => e.Epoch == epoch.Key)?.Seconds ?? 0;
            for (var j = 0; j < steps.Count; j++) at[steps[j].k] = before + seconds * (j + 1) / steps.Count;
            before += seconds;
        }
        return at;
    }
}

namespace EcgPeft.Core.Training;

/// <summary>Learning rate as a pure function of the step, so that a resumed run needs no scheduler state.</summary>
public static class LearningRateSchedule
{
    /// <summary>Linear warm-up from 0 to the peak, then linear decay to 0 at the end.</summary>
    /// <param name="step">Global step, from 1.</param>
    /// <param name="totalSteps">Steps of the whole run.</param>
    /// <param name="warmupFraction">Share of all steps that warm up.</param>
    /// <param name="peak">Highest learning rate.</param>
    public static double At(long step, long totalSteps, double warmupFraction, double peak)
    {
        var warmup = (long)Math.Round(totalSteps * warmupFraction);
        if (step <= warmup) return peak * step / warmup;
        return peak * (totalSteps - step + 1) / Math.Max(1, totalSteps - warmup);
    }
}

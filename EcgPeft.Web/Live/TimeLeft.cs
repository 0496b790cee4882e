using EcgPeft.Core.Runs;

namespace EcgPeft.Web.Live;

/// <summary>When a run will probably be done.</summary>
internal static class TimeLeft
{
    private const int FewestSteps = 5;

    /// <summary>
    /// Seconds until the last step of the last epoch, from the pace of recent steps with the validations between them; null before there is a pace.
    /// Early stopping may end the run sooner.
    /// </summary>
    /// <param name="run">Where the run stands.</param>
    /// <param name="recent">Steps and when they were done, in order.</param>
    public static double? Of(RunSummary run, IReadOnlyList<(long Step, DateTime Time)> recent)
    {
        if (run.TotalSteps is not { } total || recent.Count < FewestSteps) return null;
        var (first, last) = (recent[0], recent[^1]);
        if (last.Step <= first.Step || last.Time <= first.Time) return null;
        return (last.Time - first.Time).TotalSeconds / (last.Step - first.Step) * Math.Max(0, total - last.Step);
    }
}

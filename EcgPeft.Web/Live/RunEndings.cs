using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Web.Live;

/// <summary>Finds in a stream of changed rows the runs that have just ended, and how far those at work are.</summary>
internal sealed class RunEndings(IEnumerable<RunSummary> now)
{
    private readonly Dictionary<string, RunSummary> _known = now.ToDictionary(run => run.Id);

    /// <summary>Share of the steps of all runs at work that are done; null where none is at work.</summary>
    public double? Progress => _known.Values.Where(run => RunLife.HasWorker(run.Status)).ToList() is { Count: > 0 } atWork
        ? atWork.Average(run => run.TotalSteps is > 0 ? Math.Clamp((double)run.Step / run.TotalSteps.Value, 0, 1) : 0)
        : null;

    /// <summary>Takes a row in; true where the run was at work and is so no longer.</summary>
    public bool Ends(RunSummary run)
    {
        var before = _known.TryGetValue(run.Id, out var known) ? known.Status : (RunStatus?)null;
        _known[run.Id] = run;
        return before is { } status && RunLife.HasWorker(status) && !RunLife.HasWorker(run.Status) && run.Status != RunStatus.Queued;
    }

    /// <summary>Forgets a run that was deleted.</summary>
    public void Remove(string id) => _known.Remove(id);

    /// <summary>How a run ended, in a sentence.</summary>
    public static string Sentence(RunSummary run) => run.Status switch
    {
        RunStatus.Completed => $"{run.Name} is completed{(run.Test?.Auroc is { } auroc ? $": test AUROC {Components.Shared.Show.Metric(auroc)}" : "")}.",
        RunStatus.Failed => $"{run.Name} failed: {run.StatusMessage}",
        RunStatus.Interrupted => $"{run.Name} was interrupted at step {Components.Shared.Show.Count(run.Step)}; it can be resumed.",
        _ => $"{run.Name} is stopped at step {Components.Shared.Show.Count(run.Step)}.",
    };
}

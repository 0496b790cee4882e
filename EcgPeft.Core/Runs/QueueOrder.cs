using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>Which waiting run is next. Pure functions of the table of runs.</summary>
public static class QueueOrder
{
    /// <summary>
    /// The waiting runs, the next one first: by priority, then by the place that a person gave, then by how long they wait.
    /// </summary>
    /// <param name="runs">All runs; those that do not wait, or cannot be read, are left out.</param>
    public static IReadOnlyList<RunSummary> Of(IEnumerable<RunSummary> runs) =>
    [
        .. runs.Where(run => run.Broken is null && run.Status == RunStatus.Queued)
            .OrderByDescending(run => run.Notes.Priority).ThenBy(run => run.Notes.Place ?? int.MaxValue).ThenBy(run => run.StatusTime).ThenBy(run => run.Id, StringComparer.Ordinal),
    ];

    /// <summary>
    /// What changes when a run goes to another place. One that passes runs of another priority takes theirs on, so that the order
    /// stays one by priority.
    /// </summary>
    /// <param name="waiting">The waiting runs in order.</param>
    /// <param name="id">The run; among them.</param>
    /// <param name="place">Its new place, from 0; beyond the ends means the end.</param>
    /// <returns>The new notes of the runs whose notes change.</returns>
    internal static IReadOnlyList<(string Id, RunNotes Notes)> Moved(IReadOnlyList<RunSummary> waiting, string id, int place)
    {
        var order = waiting.ToList();
        var from = order.FindIndex(run => run.Id == id);
        var moved = order[from];
        place = Math.Clamp(place, 0, order.Count - 1);
        order.RemoveAt(from);
        order.Insert(place, moved);
        var priority = moved.Notes.Priority;
        if (place < from) priority = (RunPriority)Math.Max((int)priority, (int)order[place + 1].Notes.Priority);
        if (place > from) priority = (RunPriority)Math.Min((int)priority, (int)order[place - 1].Notes.Priority);

        var changed = new List<(string, RunNotes)>();
        for (var at = 0; at < order.Count; at++)
        {
            var notes = order[at].Notes with { Place = at, Priority = order[at].Id == id ? priority : order[at].Notes.Priority };
            if (notes != order[at].Notes) changed.Add((order[at].Id, notes));
        }
        return changed;
    }
}

using EcgPeft.Core.Runs;

namespace EcgPeft.Web.Components.Pages.Runs;

/// <summary>A line of the table of runs: the head of a group, or a run.</summary>
/// <param name="Group">The group whose head this is, or that the run stands in; null where there are no groups.</param>
/// <param name="Run">The run; null in the head of a group.</param>
public sealed record RunsTableLine(RunGroup? Group, RunSummary? Run)
{
    /// <summary>What tells it from the others; a run with two tags stands in two groups.</summary>
    public (string?, string?) Key => (Group?.Title, Run?.Id);

    /// <summary>All lines in order.</summary>
    /// <param name="runs">The runs, for a table without groups.</param>
    /// <param name="groups">The groups, or none.</param>
    /// <param name="folded">Titles of groups whose runs are hidden.</param>
    public static IReadOnlyList<RunsTableLine> Of(IReadOnlyList<RunSummary> runs, IReadOnlyList<RunGroup> groups, IReadOnlyCollection<string> folded)
    {
        if (groups.Count == 0) return [.. runs.Select(run => new RunsTableLine(null, run))];
        var lines = new List<RunsTableLine>();
        foreach (var group in groups)
        {
            lines.Add(new RunsTableLine(group, null));
            if (!folded.Contains(group.Title)) lines.AddRange(group.Runs.Select(run => new RunsTableLine(group, run)));
        }
        return lines;
    }
}

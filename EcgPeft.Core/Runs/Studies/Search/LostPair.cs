using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Studies.Search;

/// <summary>A model and method of which every trial failed, so that it has no winner; the others of the search go on without it.</summary>
/// <param name="Pair">The model and method.</param>
/// <param name="Sentence">Which, and why.</param>
public sealed record LostPair(SearchPair Pair, string Sentence)
{
    /// <summary>The pairs of a search that have none.</summary>
    /// <param name="study">The study.</param>
    /// <param name="runs">Where its runs stand.</param>
    public static IReadOnlyList<LostPair> Of(Study study, IReadOnlyList<StudyRunState> runs)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(runs);
        if (study.Search is null) return [];
        var known = runs.Where(state => state.Summary is not null).ToDictionary(state => state.Run.Folder, state => state.Summary!);
        var lost = new List<LostPair>();
        foreach (var pair in SearchPair.Of(study).Where(pair => !known.ContainsKey(pair.Final.Folder)))
        {
            // One that is interrupted here and taken up again is so for a moment only; what a person has stopped, or a cluster has taken away, can go on.
            var trials = pair.Trials.Select(run => known.GetValueOrDefault(run.Folder)).ToList();
            if (trials.Any(trial => trial is not ({ Status: RunStatus.Failed } or { Status: RunStatus.Interrupted, Slurm: null }))) continue;
            var count = trials.Count == 1 ? "its one trial failed" : $"all of its {trials.Count} trials failed";
            lost.Add(new(pair, $"{pair.Final.Model} with {pair.Final.Method} has no winner, since {count}. {trials[0]!.StatusMessage}"));
        }
        return lost;
    }
}

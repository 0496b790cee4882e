using EcgPeft.Core.Runs.Studies.Search;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>The searches that a dashboard takes from one step to the next: those with <c>search.active</c> in their folder, also after a restart. Its caller holds a lock.</summary>
internal sealed class StudySearches(StudyShelf shelf, RunQueue queue, StudyRecipes recipes, ILogger? log)
{
    private const string ActiveFile = "search.active";

    private readonly Dictionary<string, string> _seen = [];
    private HashSet<string>? _active;

    public static bool IsActive(string folder) => File.Exists(Path.Combine(folder, ActiveFile));

    public void Activate(string folder)
    {
        File.WriteAllText(Path.Combine(folder, ActiveFile), "");
        _seen.Remove(folder);
        _active?.Add(folder);
    }

    public void Deactivate(string folder)
    {
        File.Delete(Path.Combine(folder, ActiveFile));
        _active?.Remove(folder);
    }

    /// <summary>Lets searches begin what comes next where a worker is free.</summary>
    /// <param name="mayWork">Whether a study's folder is this process's to work on.</param>
    public void Tick(Predicate<string> mayWork)
    {
        _active ??= [.. shelf.Folders().Where(IsActive)];
        foreach (var folder in _active.Where(folder => mayWork(folder)).ToList())
        {
            try
            {
                Advance(folder);
            }
            catch (UserInputException e)
            {
                log?.LogWarning("Search {Study} stops: {Reason}", Path.GetFileName(folder), e.Message);
                Deactivate(folder);
            }
        }
    }

    private void Advance(string folder)
    {
        var study = Study.Read(folder);
        var states = shelf.RunsOf(folder, study);
        var busy = states.Where(StudyShelf.AtWork).Select(state => state.Run).ToHashSet(ReferenceEqualityComparer.Instance);
        // Nothing new has happened since the search had nothing to do.
        var seen = string.Join('|', states.Select(state => state.Summary?.Status.ToString()));
        if (busy.Count >= queue.Concurrency || _seen.GetValueOrDefault(folder) == seen) return;
        while (busy.Count < queue.Concurrency)
        {
            var decision = SearchProgress.Next(folder, study, recipes, run => busy.Contains(run));
            if (decision.Action == SearchAction.Done) Deactivate(folder);
            else if (decision.Action == SearchAction.Wait) _seen[folder] = seen;
            if (decision.Action != SearchAction.Train) return;
            queue.Resume(decision.Run!.In(folder).Id);
            busy.Add(decision.Run!);
        }
    }
}

using EcgPeft.Core.Runs.Studies.Search;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>
/// The searches that a dashboard takes from one step to the next: those with <c>search.active</c> in their folder, also after a restart.
/// One command at a time: its caller is inside the queue's gate.
/// </summary>
internal sealed class StudySearches(StudyShelf shelf, RunQueue queue, StudyRecipes recipes, ILogger? log)
{
    private const string ActiveFile = "search.active", TroubleFile = "search.failed";

    private readonly Dictionary<string, string> _seen = [];

    public static bool IsActive(string folder) => File.Exists(Path.Combine(folder, ActiveFile));

    /// <summary>Why a search could not decide how to go on; null where nothing is wrong.</summary>
    public static string? TroubleOf(string folder) => Path.Combine(folder, TroubleFile) is var file && File.Exists(file) ? File.ReadAllText(file) : null;

    public void Activate(string folder)
    {
        File.Delete(Path.Combine(folder, TroubleFile));
        File.WriteAllText(Path.Combine(folder, ActiveFile), "");
        _seen.Remove(folder);
    }

    public static void Deactivate(string folder) => File.Delete(Path.Combine(folder, ActiveFile));

    /// <summary>Lets searches begin what comes next where a worker is free.</summary>
    /// <param name="folders">The studies that go on and are this process's to work on.</param>
    public void Tick(IEnumerable<string> folders)
    {
        foreach (var folder in folders.Where(IsActive))
        {
            try
            {
                Advance(folder);
            }
            catch (UserInputException e)
            {
                log?.LogWarning("Search {Study} stops: {Reason}", Path.GetFileName(folder), e.Message);
                AtomicFile.WriteAllText(Path.Combine(folder, TroubleFile), e.Message);
                Deactivate(folder);
                StudyMeasuring.Deactivate(folder); // they wait for its winners
            }
        }
    }

    private void Advance(string folder)
    {
        var study = Study.Read(folder);
        var states = shelf.RunsOf(folder, study);
        var busy = states.Where(StudyShelf.AtWork).Select(state => state.Run).ToHashSet(ReferenceEqualityComparer.Instance);
        // Nothing new has happened since the search had nothing to do.
        var seen = string.Join('|', states.Select(state => $"{state.Summary?.Status} {StudyShelf.AtWork(state)}"));
        var places = queue.PlacesOf(study);
        if (busy.Count >= places || _seen.GetValueOrDefault(folder) == seen) return;
        while (busy.Count < places)
        {
            var decision = SearchProgress.Next(folder, study, recipes, run => busy.Contains(run));
            if (decision.Action == SearchAction.Done)
            {
                Deactivate(folder);
                if (!YardstickWork.MayBegin(folder, study)) StudyMeasuring.Deactivate(folder); // nothing was tested that they could stand beside
            }
            else if (decision.Action == SearchAction.Wait) _seen[folder] = seen;
            if (decision.Action != SearchAction.Train) return;
            queue.Resume(decision.Run!.In(folder).Id, folder);
            busy.Add(decision.Run!);
        }
    }
}

using System.Globalization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>
/// The only door for commands on studies of the data folder: makes them, and stops and resumes them as one. Their runs go through the
/// queue like all others; a search that goes on (<c>search.active</c> in its folder, also after a restart) is taken from one step to the next by
/// <see cref="Tick"/>. Thread-safe.
/// </summary>
/// <param name="root">The data folder; studies lie in <see cref="DataRoot.Studies"/>, their runs in <see cref="DataRoot.Runs"/>.</param>
/// <param name="monitor">Knows where each run stands.</param>
/// <param name="queue">Trains runs.</param>
/// <param name="log">For what a person at the console should know.</param>
public sealed class StudyService(DataRoot root, RunMonitor monitor, RunQueue queue, ILogger? log = null)
{
    private const string ActiveFile = "search.active";

    private readonly Lock _gate = new();
    private readonly StudyRecipes _recipes = new(Path.Combine(AppContext.BaseDirectory, "recipes"));
    private readonly Dictionary<string, string> _seen = [];
    private HashSet<string>? _active;

    /// <summary>All studies, the newest first; a damaged one is left out.</summary>
    public IReadOnlyList<StudyState> List()
    {
        var runs = Runs();
        var found = new List<StudyState>();
        foreach (var folder in Folders())
        {
            try
            {
                found.Add(StateOf(folder, Study.Read(folder), runs));
            }
            catch (UserInputException e)
            {
                log?.LogWarning("A study cannot be read: {Reason}", e.Message); // it must not hide the others
            }
        }
        return [.. found.OrderByDescending(state => state.Study.CreatedUtc).ThenByDescending(state => state.Id, StringComparer.Ordinal)];
    }

    /// <summary>One study.</summary>
    /// <param name="id">Name of its folder.</param>
    /// <exception cref="UserInputException">There is no such study, or its file is damaged.</exception>
    public StudyState Find(string id)
    {
        var folder = FolderOf(id);
        return StateOf(folder, Study.Read(folder), Runs());
    }

    /// <summary>The folder of a study.</summary>
    /// <param name="id">Its name.</param>
    /// <exception cref="UserInputException">There is no such study.</exception>
    public string FolderOf(string id) => Folders().FirstOrDefault(folder => Path.GetFileName(folder) == id) ?? throw new UserInputException($"There is no study {id} in {root.Studies}.");

    /// <summary>Makes a study and puts its runs into the queue; a search begins with its first trials.</summary>
    /// <param name="request">What it is to be.</param>
    /// <returns>Its id.</returns>
    /// <exception cref="UserInputException">What is asked makes no sense, or data or a model are not here; then nothing is made.</exception>
    public string Create(StudyRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var data = request.Base.Data;
        if (data.Path is null) throw new UserInputException("The study's recipe names no data; set data.path.");
        if (data.Hash is null) request = request with { Base = request.Base with { Data = data with { Hash = SegmentSource.Load(data.Path, data.Groups).Segments.Hash } } };
        lock (_gate)
        {
            request = request with { Base = queue.Placed(request.Base) };
            var id = NewId();
            var folder = Path.Combine(root.Studies, id);
            var study = request.ToStudy(name => Path.GetRelativePath(folder, Path.Combine(root.Runs, $"{id}-{name}")));
            var catalogue = new ModelCatalogue(root);
            foreach (var model in study.Models) catalogue.FolderOf(model);
            StudyRunner.Prepare(folder, study, _recipes);
            if (study.Search is null) queue.ResumeTogether(study.Runs.Select(run => IdOf(folder, run)), folder);
            else Activate(id);
            return id;
        }
    }

    /// <summary>Stops a study as one: waiting runs leave the queue, workers finish their step and write a checkpoint, a search decides nothing more.</summary>
    /// <param name="id">The study.</param>
    /// <exception cref="UserInputException">There is no such study, or nothing of it waits or is at work.</exception>
    public void Stop(string id)
    {
        lock (_gate)
        {
            var (folder, state) = (FolderOf(id), Find(id));
            if (state.Status != StudyStatus.Running) throw new UserInputException($"Nothing of study {id} waits or is at work, so there is nothing to stop.");
            Deactivate(id);
            // The last first, so that no freed place is taken by a run that is stopped a moment later.
            foreach (var run in state.Runs.Reverse().Where(AtWork)) Quietly(() => queue.Stop(IdOf(folder, run.Run)));
        }
    }

    /// <summary>Resumes a study as one: runs that are not completed go into the queue again and go on from their checkpoints; a search goes on deciding.</summary>
    /// <param name="id">The study.</param>
    /// <exception cref="UserInputException">There is no such study, or it is completed or running.</exception>
    public void Resume(string id)
    {
        lock (_gate)
        {
            var (folder, state) = (FolderOf(id), Find(id));
            if (state.Status == StudyStatus.Running) throw new UserInputException($"Study {id} is running already.");
            if (state.Status == StudyStatus.Completed) throw new UserInputException($"Study {id} is completed.");
            StudyRunner.Prepare(folder, state.Study, _recipes); // a run's folder may have been deleted
            bool Goes(StudyRun run) => Directory.Exists(run.In(folder).Path) && (RunLife.Current(run.In(folder)) is not { } status || RunLife.MayResume(status))
                // A trial that rests at its rung goes on when the search says so.
                && (state.Study.Search is null || run == state.Study.Final || !SearchTrial.Read(folder, state.Study, run).Rests);
            queue.ResumeTogether(state.Study.AllRuns.Where(Goes).Select(run => IdOf(folder, run)), folder);
            if (state.Study.Search is not null) Activate(id);
        }
    }

    /// <summary>One round: lets searches begin what comes next where a worker is free.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            _active ??= [.. Folders().Where(folder => File.Exists(Path.Combine(folder, ActiveFile))).Select(folder => Path.GetFileName(folder))];
            foreach (var id in _active.ToList())
            {
                try
                {
                    Advance(id);
                }
                catch (UserInputException e)
                {
                    log?.LogWarning("Search {Study} stops: {Reason}", id, e.Message);
                    Deactivate(id);
                }
            }
        }
    }

    private void Advance(string id)
    {
        var (folder, runs) = (FolderOf(id), Runs());
        var study = Study.Read(folder);
        var states = study.AllRuns.Select(run => StateOf(folder, run, runs)).ToList();
        var busy = states.Where(AtWork).Select(state => state.Run).ToHashSet(ReferenceEqualityComparer.Instance);
        // Nothing new has happened since the search had nothing to do.
        var seen = string.Join('|', states.Select(state => state.Summary?.Status.ToString()));
        var places = queue.PlacesOf(study);
        if (busy.Count >= places || _seen.GetValueOrDefault(id) == seen) return;
        while (busy.Count < places)
        {
            var decision = SearchProgress.Next(folder, study, _recipes, run => busy.Contains(run));
            if (decision.Action == SearchAction.Done) Deactivate(id);
            else if (decision.Action == SearchAction.Wait) _seen[id] = seen;
            if (decision.Action != SearchAction.Train) return;
            queue.Resume(IdOf(folder, decision.Run!));
            busy.Add(decision.Run!);
        }
    }

    private StudyState StateOf(string folder, Study study, Dictionary<string, RunSummary> runs)
    {
        IReadOnlyList<StudyRunState> states = [.. study.AllRuns.Select(run => StateOf(folder, run, runs))];
        var working = states.Any(AtWork) || File.Exists(Path.Combine(folder, ActiveFile));
        var asked = states.Where(state => study.Compared.Contains(state.Run)).ToList();
        var status = asked.All(state => state.Summary?.Status == RunStatus.Completed) ? StudyStatus.Completed
            : working ? StudyStatus.Running
            : states.Any(state => state.Summary?.Status == RunStatus.Failed) && states.All(state => state.Summary?.Status is RunStatus.Failed or RunStatus.Completed or null) ? StudyStatus.Failed
            : StudyStatus.Stopped;
        var (done, left, seconds) = StudyPace.Of(study, states, queue.PlacesOf(study));
        return new StudyState(Path.GetFileName(folder), study, status, states, done, left, status == StudyStatus.Running ? seconds : null);
    }

    private static StudyRunState StateOf(string folder, StudyRun run, Dictionary<string, RunSummary> runs)
    {
        var summary = runs.GetValueOrDefault(IdOf(folder, run));
        return new StudyRunState(run, summary, summary is not null && RunLife.HasWorker(summary.Status));
    }

    private static bool AtWork(StudyRunState state) => state.Summary is { } run && (run.Status == RunStatus.Queued || RunLife.HasWorker(run.Status));

    private static string IdOf(string folder, StudyRun run) => run.In(folder).Id;

    private Dictionary<string, RunSummary> Runs() => monitor.Runs.ToDictionary(run => run.Id, StringComparer.Ordinal);

    private IEnumerable<string> Folders() => Directory.Exists(root.Studies) ? Directory.EnumerateDirectories(root.Studies).Where(Study.Is) : [];

    private void Activate(string id)
    {
        File.WriteAllText(Path.Combine(root.Studies, id, ActiveFile), "");
        _seen.Remove(id);
        _active?.Add(id);
    }

    private void Deactivate(string id)
    {
        File.Delete(Path.Combine(root.Studies, id, ActiveFile));
        _active?.Remove(id);
    }

    private string NewId()
    {
        var id = DateTime.UtcNow.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var free = id;
        for (var number = 2; Directory.Exists(Path.Combine(root.Studies, free)); number++) free = FormattableString.Invariant($"{id}-{number}");
        return free;
    }

    /// <summary>A run that ended in this very moment needs no stopping.</summary>
    private static void Quietly(Action command)
    {
        try
        {
            command();
        }
        catch (UserInputException)
        {
        }
    }
}

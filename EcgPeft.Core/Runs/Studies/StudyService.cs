using EcgPeft.Core.Backbones;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs.Studies.Search;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>
/// The only door for commands on studies of the data folder: makes them, and stops and resumes them as one. Their runs go through the
/// queue like all others; what goes on by itself (searches, yardsticks) is taken from one step to the next by <see cref="Tick"/>. While a study
/// goes on (<c>study.active</c> in its folder, also after a restart) its <see cref="StudyLock"/> is held. Thread-safe.
/// </summary>
public sealed class StudyService : IDisposable
{
    private const string ActiveFile = "study.active";
    private const int TicksPerLook = 5;

    private readonly DataRoot _root;
    private readonly RunQueue _queue;
    private readonly RunFeed _feed;
    private readonly StudyRecipes _recipes = new(Path.Combine(AppContext.BaseDirectory, "recipes"));
    private readonly StudyShelf _shelf;
    private readonly StudySearches _searches;
    private readonly StudyMeasuring _measuring;
    private readonly Dictionary<string, StudyLock> _held = [];
    private int _tick;

    /// <summary>Creates the service; nothing goes on before the first <see cref="Tick"/>.</summary>
    /// <param name="root">The data folder; studies lie in <see cref="DataRoot.Studies"/>, their runs in <see cref="DataRoot.Runs"/>.</param>
    /// <param name="monitor">Knows where each run stands.</param>
    /// <param name="queue">Trains runs.</param>
    /// <param name="feed">Whom to tell that something other than a run has changed.</param>
    /// <param name="yardsticks">Computes the yardsticks of the study whose folder is appended; null where none are computed.</param>
    /// <param name="log">For what a person at the console should know.</param>
    public StudyService(DataRoot root, RunMonitor monitor, RunQueue queue, RunFeed feed, WorkerCommand? yardsticks = null, ILogger? log = null)
    {
        (_root, _queue, _feed) = (root, queue, feed);
        _shelf = new StudyShelf(root, monitor, queue, log);
        _searches = new StudySearches(_shelf, queue, _recipes, log);
        _measuring = new StudyMeasuring(queue, root, yardsticks, log);
    }

    /// <summary>All studies, the newest first; a damaged one is left out.</summary>
    public IReadOnlyList<StudyState> List() => _shelf.List();

    /// <summary>One study.</summary>
    /// <param name="id">Name of its folder.</param>
    /// <exception cref="UserInputException">There is no such study, or its file is damaged.</exception>
    public StudyState Find(string id) => _shelf.Find(id);

    /// <summary>The folder of a study.</summary>
    /// <param name="id">Its name.</param>
    /// <exception cref="UserInputException">There is no such study.</exception>
    public string FolderOf(string id) => _shelf.FolderOf(id);

    /// <summary>A completed study whose runs were the same, so that this one would repeat it; null where there is none.</summary>
    /// <param name="planned">A study that may be made.</param>
    public StudyState? TwinOf(Study planned)
    {
        ArgumentNullException.ThrowIfNull(planned);
        return _shelf.List().FirstOrDefault(done => done.Status == StudyStatus.Completed && StudyTwin.Is(planned, done.Study, _recipes));
    }

    /// <summary>Makes a study and puts its runs into the queue; a search begins with its first trials.</summary>
    /// <param name="request">What it is to be.</param>
    /// <returns>Its id.</returns>
    /// <exception cref="UserInputException">What is asked makes no sense, or data or a model are not here; then nothing is made.</exception>
    public string Create(StudyRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var owner = Actor.OwnerOfNew();
        var data = request.Base.Data;
        if (data.Path is null) throw new UserInputException("The study's recipe names no data; set data.path.");
        if (data.Hash is null) request = request with { Base = request.Base with { Data = data with { Hash = SegmentSource.Load(data.Path, data.Groups).Segments.Hash } } };
        using (_queue.Gate.Enter())
        {
            request = request with { Base = _queue.Placed(request.Base) };
            var id = _shelf.NewId();
            var folder = Path.Combine(_root.Studies, id);
            var study = request.ToStudy(name => Path.GetRelativePath(folder, Path.Combine(_root.Runs, $"{id}-{name}"))) with { Owner = owner };
            var catalogue = new ModelCatalogue(_root);
            foreach (var model in study.Models) catalogue.FolderOf(model);
            foreach (var run in study.Runs) _recipes.Of(study, run);
            Hold(folder);
            StudyRunner.Prepare(folder, study, _recipes);
            if (study.Search is null) _queue.ResumeTogether(study.Runs.Select(run => IdOf(folder, run)), folder);
            else _searches.Activate(folder);
            if (study.Yardsticks.Count > 0) StudyMeasuring.Activate(folder);
            Activate(folder);
            return id;
        }
    }

    /// <summary>Stops a study as one: waiting runs leave the queue, workers finish their step and write a checkpoint, a search decides nothing more.</summary>
    /// <param name="id">The study.</param>
    /// <exception cref="UserInputException">There is no such study, nothing of it waits or is at work, or another process works on it.</exception>
    public void Stop(string id)
    {
        using (_queue.Gate.Enter())
        {
            var (folder, state) = (FolderOf(id), Find(id));
            Actor.Demand(state.Study.Owner, "study", id);
            if (state.Status != StudyStatus.Running) throw new UserInputException($"Nothing of study {id} waits or is at work, so there is nothing to stop.");
            Hold(folder);
            StudySearches.Deactivate(folder);
            StudyMeasuring.Deactivate(folder);
            // The last first, so that no freed place is taken by a run that is stopped a moment later.
            foreach (var run in state.Runs.Reverse().Where(StudyShelf.AtWork)) Quietly(() => _queue.Stop(IdOf(folder, run.Run)));
        }
    }

    /// <summary>Resumes a study as one: runs that are not completed go into the queue again and go on from their checkpoints; a search goes on deciding.</summary>
    /// <param name="id">The study.</param>
    /// <exception cref="UserInputException">There is no such study, it is completed or running, or another process works on it.</exception>
    public void Resume(string id)
    {
        using (_queue.Gate.Enter())
        {
            var (folder, state) = (FolderOf(id), Find(id));
            Actor.Demand(state.Study.Owner, "study", id);
            if (state.Status == StudyStatus.Running) throw new UserInputException($"Study {id} is running already.");
            if (state.Status == StudyStatus.Completed) throw new UserInputException($"Study {id} is completed.");
            Hold(folder);
            StudyRunner.Prepare(folder, state.Study, _recipes); // a run's folder may have been deleted
            bool Goes(StudyRun run) => Directory.Exists(run.In(folder).Path) && (RunLife.Current(run.In(folder)) is not { } status || RunLife.MayResume(status))
                && (state.Study.Search is null || state.Study.IsWinner(run) || SearchTrial.IsUndecided(folder, state.Study, run));
            _queue.ResumeTogether(state.Study.AllRuns.Where(Goes).Select(run => IdOf(folder, run)), folder);
            if (state.Study.Search is not null) _searches.Activate(folder);
            if (YardstickWork.Missing(folder, state.Study).Count > 0) StudyMeasuring.Activate(folder);
            Activate(folder);
        }
    }

    /// <summary>One round: lets searches begin what comes next where a worker is free, and yardsticks be computed.</summary>
    public void Tick()
    {
        using (_queue.Gate.Enter())
        {
            // One may be of before a restart, or another dashboard's.
            if (_tick++ % TicksPerLook == 0) foreach (var folder in _shelf.Folders().Where(folder => File.Exists(Path.Combine(folder, ActiveFile)) || StudySearches.IsActive(folder))) TryHold(folder);
            _searches.Tick(_held.Keys);
            if (_measuring.Tick(_held.Keys) is { } measured) Tell(measured);
            foreach (var folder in _held.Keys.Where(folder => !GoesOn(folder)).ToList())
            {
                if (Study.Is(folder)) File.Delete(Path.Combine(folder, ActiveFile));
                Release(folder);
                Tell(folder);
            }
        }
    }

    /// <summary>Another dashboard drives the studies: this one holds none beyond a command.</summary>
    internal void LeaveToDriver()
    {
        if (_held.Count == 0) return;
        using (_queue.Gate.Enter()) foreach (var folder in _held.Keys.ToList()) Release(folder);
    }

    /// <summary>Gives the studies free; workers and searches go on with the next dashboard.</summary>
    public void Dispose()
    {
        foreach (var folder in _held.Keys.ToList()) Release(folder);
    }

    private static void Activate(string folder) => File.WriteAllText(Path.Combine(folder, ActiveFile), "");

    private bool GoesOn(string folder) =>
        Study.Is(folder) && (StudySearches.IsActive(folder) || StudyMeasuring.IsActive(folder) || _shelf.RunsOf(folder, Study.Read(folder)).Any(StudyShelf.AtWork));

    private void Hold(string folder)
    {
        if (!_held.ContainsKey(folder)) _held[folder] = StudyLock.Share(folder);
    }

    private void TryHold(string folder)
    {
        if (!_held.ContainsKey(folder) && StudyLock.TryShare(folder) is { } held) _held[folder] = held;
    }

    private void Release(string folder)
    {
        if (_held.Remove(folder, out var held)) held.Dispose();
    }

    /// <summary>A search's or a yardstick's last word is no event of a run; who shows the study looks again when one of its runs is told.</summary>
    private void Tell(string folder)
    {
        if (Study.Is(folder) && _shelf.RunsOf(folder, Study.Read(folder)).Select(state => state.Summary).LastOrDefault(run => run is not null) is { } run) _feed.Publish(run);
    }

    private static string IdOf(string folder, StudyRun run) => run.In(folder).Id;

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

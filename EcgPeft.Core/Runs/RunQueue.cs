using System.ComponentModel;
using System.Diagnostics;
using EcgPeft.Core.Training;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Core.Runs;

/// <summary>
/// The only door for what runs do: puts runs into the queue, starts their workers, one at a time by default and in
/// <see cref="QueueOrder"/>, asks workers to stop, resumes and deletes. Workers that it did not start itself (before a restart,
/// from the command line) count as well. Thread-safe.
/// </summary>
public sealed class RunQueue
{
    /// <summary>Most workers at once that can be asked for.</summary>
    public const int MostConcurrency = 64;

    private readonly Dictionary<string, StartedWorker> _started = [];
    private readonly DataRoot _root;
    private readonly RunMonitor _monitor;
    private readonly RunLibrary _library;
    private readonly WorkerCommand _worker;
    private readonly ILogger? _log;
    private readonly int _configured;
    private volatile int _concurrency;
    private DateTime _settingsUtc;

    /// <summary>Creates the queue; no worker starts before the first <see cref="Tick"/>.</summary>
    /// <param name="root">The data folder; runs lie in <see cref="DataRoot.Runs"/>.</param>
    /// <param name="monitor">Knows where each run stands.</param>
    /// <param name="library">Keeps priorities and places, and the trash.</param>
    /// <param name="worker">Starts a worker.</param>
    /// <param name="concurrency">How many workers may be at work at once, unless a person has set it (<see cref="Concurrency"/>).</param>
    /// <param name="log">Where starts of workers are noted.</param>
    /// <exception cref="UserInputException"><c>queue.json</c> is damaged.</exception>
    public RunQueue(DataRoot root, RunMonitor monitor, RunLibrary library, WorkerCommand worker, int concurrency = 1, ILogger? log = null)
    {
        (_root, _monitor, _library, _worker, _log) = (root, monitor, library, worker, log);
        _configured = concurrency;
        _settingsUtc = QueueSettings.ChangedUtc(root);
        _concurrency = Math.Clamp(QueueSettings.Read(root).Concurrency ?? concurrency, 1, MostConcurrency);
    }

    /// <summary>One command at a time.</summary>
    internal CommandGate Gate => _library.Gate;

    /// <summary>How many workers may be at work at once; workers that start share the processors by it. Setting it is remembered in the data folder.</summary>
    /// <exception cref="UserInputException">The number is not between 1 and <see cref="MostConcurrency"/>.</exception>
    public int Concurrency
    {
        get => _concurrency;
        set
        {
            if (value is < 1 or > MostConcurrency) throw new UserInputException($"{value} runs at once cannot be; give a number from 1 to {MostConcurrency}.");
            using (Gate.Enter())
            {
                new QueueSettings(value).WriteTo(_root);
                _concurrency = value;
            }
        }
    }

    /// <summary>Places of workers that are kept free for other work on the processors.</summary>
    internal int Reserved { get; set; }

    /// <summary>Workers at work when the queue last looked.</summary>
    internal int Busy { get; private set; }

    /// <summary>The waiting runs, the next one first.</summary>
    public IReadOnlyList<RunSummary> Waiting => QueueOrder.Of(_monitor.Runs);

    /// <summary>Makes a new run and puts it into the queue.</summary>
    /// <param name="recipe">Every setting.</param>
    /// <param name="notes">Tags, note and priority to begin with; null for none.</param>
    /// <returns>The run's id.</returns>
    /// <exception cref="NotYoursException">Users are known here, and this one is not.</exception>
    public string Enqueue(Recipe recipe, RunNotes? notes = null)
    {
        notes = (notes ?? RunNotes.None) with { Owner = Actor.OwnerOfNew() };
        var folder = RunFolder.Create(_root.Runs, recipe);
        if (notes != RunNotes.None) notes.WriteTo(folder);
        using (var taken = Take(folder)) RunLife.Move(folder, RunStatus.Queued, 0, null);
        _monitor.Refresh(folder.Id);
        return folder.Id;
    }

    /// <summary>Puts a new run with the recipe of another into the queue; tags and priority are taken along, results and note are not.</summary>
    /// <param name="id">The run to repeat, whatever its status.</param>
    /// <returns>The new run's id.</returns>
    /// <exception cref="UserInputException">There is no such run, or its recipe cannot be read.</exception>
    public string Clone(string id)
    {
        var folder = Find(id);
        var notes = RunNotes.Read(folder);
        return Enqueue(folder.ReadRecipe(), new RunNotes { Tags = notes.Tags, Priority = notes.Priority });
    }

    /// <summary>Sets how urgent a run is; it goes to the end of the waiting runs of that priority.</summary>
    /// <param name="id">The run.</param>
    /// <param name="priority">The new priority.</param>
    /// <exception cref="UserInputException">There is no such run.</exception>
    public void SetPriority(string id, RunPriority priority) => _library.Change(id, notes => notes.Priority == priority ? notes : notes with { Priority = priority, Place = null });

    /// <summary>Moves a waiting run to another place of the queue. One that passes runs of another priority takes theirs on.</summary>
    /// <param name="id">The run.</param>
    /// <param name="place">Its new place, from 0 (the next to start); beyond the ends means the end.</param>
    /// <exception cref="UserInputException">There is no such run, or it does not wait.</exception>
    public void Move(string id, int place)
    {
        using (Gate.Enter())
        {
            FindOwn(id);
            var waiting = WaitingNow();
            if (waiting.All(run => run.Id != id)) throw new UserInputException($"Run {id} does not wait in the queue any more; only a waiting run has a place.");
            foreach (var (changed, notes) in QueueOrder.Moved(waiting, id, place)) _library.Change(changed, _ => notes, ofAnybody: true); // the others only make room
        }
    }

    /// <summary>Moves a waiting run some places towards the beginning (negative) or the end of the queue.</summary>
    /// <param name="id">The run.</param>
    /// <param name="places">How far.</param>
    /// <exception cref="UserInputException">There is no such run, or it does not wait.</exception>
    public void MoveBy(string id, int places)
    {
        using (Gate.Enter())
        {
            var at = WaitingNow().Select(run => run.Id).ToList().IndexOf(id);
            Move(id, at + places);
        }
    }

    /// <summary>Takes a waiting run out of the queue, or asks the worker of a run to finish its step, write a checkpoint and stop.</summary>
    /// <param name="id">The run.</param>
    /// <exception cref="UserInputException">There is no such run, or it is neither waiting nor at work.</exception>
    public void Stop(string id)
    {
        using (Gate.Enter())
        {
            var folder = FindOwn(id);
            _monitor.Refresh(id); // a dead worker cannot stop
            var last = EventLog.LastStatus(folder.EventsFile);
            if (last is null || !(last.Status == RunStatus.Queued || RunLife.HasWorker(last.Status)))
                throw new UserInputException($"Run {id} is {Name(last?.Status)}; only a run that waits or is at work can be stopped.");
            // A worker that is just starting reads the request as soon as it has the run.
            using var taken = last.Status == RunStatus.Queued && !IsStarting(id, last) ? WorkerLock.TryTake(folder) : null;
            if (taken is null) File.WriteAllText(folder.StopRequestFile, "");
            else RunLife.Move(folder, RunStatus.Stopped, last.Step, "Taken out of the queue; resume it to put it back.");
        }
        _monitor.Refresh(id);
    }

    /// <summary>Puts a stopped, failed or interrupted run into the queue again; its worker goes on from the last checkpoint.</summary>
    /// <param name="id">The run.</param>
    /// <exception cref="UserInputException">There is no such run, or it is waiting, at work or completed.</exception>
    public void Resume(string id)
    {
        using (Gate.Enter())
        {
            var folder = FindOwn(id);
            _monitor.Refresh(id);
            using var taken = Take(folder);
            var last = EventLog.LastStatus(folder.EventsFile);
            if (last is not null && !RunLife.MayResume(last.Status))
                throw new UserInputException($"Run {id} is {Name(last.Status)}; only a stopped, failed or interrupted run can be resumed.");
            File.Delete(folder.StopRequestFile);
            RunLife.Move(folder, RunStatus.Queued, last?.Step ?? 0, null);
            _library.Change(id, notes => notes with { Place = null, Archived = false }); // a new arrival, in sight
        }
        _monitor.Refresh(id);
    }

    /// <summary>Moves a run's folder to <c>trash</c> in the data folder; <see cref="RunLibrary.Restore"/> gives it back.</summary>
    /// <param name="id">The run.</param>
    /// <returns>What is in the trash now.</returns>
    /// <exception cref="UserInputException">There is no such run, or a worker has it.</exception>
    public DeletedRun Delete(string id)
    {
        DeletedRun deleted;
        using (Gate.Enter())
        {
            var folder = FindOwn(id);
            if (IsStarting(id, EventLog.LastStatus(folder.EventsFile))) throw AtWork(id);
            Take(folder).Dispose(); // released before the move: some systems refuse to move a folder with an open file
            deleted = _library.PutIntoTrash(folder);
        }
        _monitor.Refresh(id);
        return deleted;
    }

    /// <summary>Takes over what another dashboard has set (<see cref="Concurrency"/>).</summary>
    /// <exception cref="UserInputException"><c>queue.json</c> is damaged.</exception>
    internal void Follow()
    {
        var changed = QueueSettings.ChangedUtc(_root);
        if (changed == _settingsUtc) return;
        _concurrency = Math.Clamp(QueueSettings.Read(_root).Concurrency ?? _configured, 1, MostConcurrency);
        _settingsUtc = changed;
    }

    /// <summary>One round, about five times a second: looks after workers that have ended and starts the next waiting run where there is room.</summary>
    public void Tick()
    {
        using (Gate.Enter())
        {
            foreach (var (id, started) in _started.Where(entry => entry.Value.Process.HasExited).ToList())
            {
                _started.Remove(id);
                LookAfter(id, started);
                started.Process.Dispose();
            }

            var runs = _monitor.Runs.Where(run => run.Broken is null).ToList();
            var busy = runs.Where(run => RunLife.HasWorker(run.Status)).Select(run => run.Id).Concat(_started.Keys).ToHashSet(StringComparer.Ordinal);
            var waiting = QueueOrder.Of(runs).Where(run => !busy.Contains(run.Id)).ToList();
            foreach (var run in waiting)
            {
                if (busy.Count >= _concurrency) break;
                // Its worker has just begun and not said so yet: it was started before a restart, or by hand.
                if (RunFolder.Find(_root.Runs, run.Id) is { } folder && WorkerLock.IsHeld(folder)) busy.Add(run.Id);
            }
            foreach (var run in waiting)
            {
                if (busy.Count + Reserved >= _concurrency) break;
                if (!busy.Contains(run.Id) && Start(run.Id)) busy.Add(run.Id);
            }
            Busy = busy.Count;
        }
    }

    /// <summary>As the folders have it: another dashboard may have changed a place or a priority a moment ago, which must not be undone.</summary>
    private IReadOnlyList<RunSummary> WaitingNow()
    {
        if (_root.Store.IsPostgres)
            foreach (var run in Waiting) _monitor.Refresh(run.Id);
        return Waiting;
    }

    private bool Start(string id)
    {
        // The monitor may be a moment behind.
        if (RunFolder.Find(_root.Runs, id) is not { } folder || EventLog.LastStatus(folder.EventsFile) is not { Status: RunStatus.Queued } queued) return false;
        var logLength = LogLength(folder);
        try
        {
            var process = _worker.Start(folder, _root, _concurrency, line => _log?.LogWarning("Worker of run {Run}: {Line}", id, line));
            _started[id] = new(process, queued, logLength);
            _log?.LogInformation("Worker {Process} started for run {Run}.", process.Id, id);
            return true;
        }
        catch (Win32Exception e)
        {
            Fail(folder, $"The worker {_worker.FileName} could not be started ({e.Message}); check the installation, then resume the run.");
            return false;
        }
    }

    /// <summary>A worker that ended without ever having begun leaves its run waiting: say so, else it would be started for ever.</summary>
    private void LookAfter(string id, StartedWorker started)
    {
        if (RunFolder.Find(_root.Runs, id) is not { } folder || EventLog.LastStatus(folder.EventsFile) != started.For) return;
        var end = LogEnd(folder, started.LogLength);
        Fail(folder, $"The worker ended with exit code {started.Process.ExitCode} before it began: {(end.Length == 0 ? "it left nothing in worker.log" : end)}");
    }

    private void Fail(RunFolder folder, string message)
    {
        using (var taken = WorkerLock.TryTake(folder))
        {
            if (taken is null || RunLife.Current(folder) != RunStatus.Queued) return; // another worker has it
            File.Delete(folder.StopRequestFile);
            RunLife.Move(folder, RunStatus.Failed, EventLog.LastStatus(folder.EventsFile)?.Step ?? 0, message);
        }
        _monitor.Refresh(folder.Id);
    }

    /// <summary>Whether a worker was started for this very waiting and has not said anything yet.</summary>
    private bool IsStarting(string id, StatusEvent? last) => _started.TryGetValue(id, out var started) && started.For == last;

    private RunFolder Find(string id) => RunFolder.Find(_root.Runs, id) ?? throw new UserInputException($"There is no run {id} in {_root.Runs}; it may have been deleted.");

    /// <summary>A run that whoever acts may change.</summary>
    private RunFolder FindOwn(string id)
    {
        var folder = Find(id);
        if (Actor.Current is not null) Actor.Demand(RunNotes.Read(folder).Owner, "run", id);
        return folder;
    }

    private static WorkerLock Take(RunFolder folder) => WorkerLock.TryTake(folder) ?? throw AtWork(folder.Id);

    private static UserInputException AtWork(string id) => new($"A worker is at work on run {id}; stop it first.");

    private static string Name(RunStatus? status) => status is { } known ? known.ToString().ToLowerInvariant() : "not in the queue";

    private static long LogLength(RunFolder folder) => new FileInfo(folder.WorkerLogFile) is { Exists: true } file ? file.Length : 0;

    /// <summary>The last lines that this worker left, on one line.</summary>
    private static string LogEnd(RunFolder folder, long from)
    {
        if (!File.Exists(folder.WorkerLogFile)) return "";
        using var file = new FileStream(folder.WorkerLogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = Math.Max(from <= file.Length ? from : 0, file.Length - 2000);
        var lines = new StreamReader(file).ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Join(" ", lines.TakeLast(5));
    }

    // For: the waiting that it was to end. A run may be waiting again before its last worker is quite gone.
    private sealed record StartedWorker(Process Process, StatusEvent For, long LogLength);
}

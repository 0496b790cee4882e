using System.ComponentModel;
using System.Diagnostics;
using EcgPeft.Core.Training;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Core.Runs;

/// <summary>
/// The only door for commands: puts runs into the queue, starts their workers, one at a time by default and the oldest first,
/// asks workers to stop, resumes and deletes. Workers that it did not start itself (before a restart, from the command line)
/// count as well. Thread-safe.
/// </summary>
/// <param name="root">The data folder; runs lie in <see cref="DataRoot.Runs"/>.</param>
/// <param name="monitor">Knows where each run stands.</param>
/// <param name="worker">Starts a worker.</param>
/// <param name="concurrency">How many workers may be at work at once.</param>
/// <param name="log">Where starts of workers are noted.</param>
public sealed class RunQueue(DataRoot root, RunMonitor monitor, WorkerCommand worker, int concurrency = 1, ILogger? log = null)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StartedWorker> _started = [];

    /// <summary>Makes a new run and puts it into the queue.</summary>
    /// <param name="recipe">Every setting.</param>
    /// <returns>The run's id.</returns>
    public string Enqueue(Recipe recipe)
    {
        var folder = RunFolder.Create(root.Runs, recipe);
        using (var taken = Take(folder)) RunLife.Move(folder, RunStatus.Queued, 0, null);
        monitor.Refresh(folder.Id);
        return folder.Id;
    }

    /// <summary>Takes a waiting run out of the queue, or asks the worker of a run to finish its step, write a checkpoint and stop.</summary>
    /// <param name="id">The run.</param>
    /// <exception cref="UserInputException">There is no such run, or it is neither waiting nor at work.</exception>
    public void Stop(string id)
    {
        lock (_gate)
        {
            var folder = Find(id);
            monitor.Refresh(id); // a dead worker cannot stop
            var last = EventLog.LastStatus(folder.EventsFile);
            if (last is null || !(last.Status == RunStatus.Queued || RunLife.HasWorker(last.Status)))
                throw new UserInputException($"Run {id} is {Name(last?.Status)}; only a run that waits or is at work can be stopped.");
            // A worker that is just starting reads the request as soon as it has the run.
            using var taken = last.Status == RunStatus.Queued && !IsStarting(id, last) ? WorkerLock.TryTake(folder) : null;
            if (taken is null) File.WriteAllText(folder.StopRequestFile, "");
            else RunLife.Move(folder, RunStatus.Stopped, last.Step, "Taken out of the queue; resume it to put it back.");
        }
        monitor.Refresh(id);
    }

    /// <summary>Puts a stopped, failed or interrupted run into the queue again; its worker goes on from the last checkpoint.</summary>
    /// <param name="id">The run.</param>
    /// <exception cref="UserInputException">There is no such run, or it is waiting, at work or completed.</exception>
    public void Resume(string id)
    {
        lock (_gate)
        {
            var folder = Find(id);
            monitor.Refresh(id);
            using var taken = Take(folder);
            var last = EventLog.LastStatus(folder.EventsFile);
            if (last is not null && !RunLife.MayResume(last.Status))
                throw new UserInputException($"Run {id} is {Name(last.Status)}; only a stopped, failed or interrupted run can be resumed.");
            File.Delete(folder.StopRequestFile);
            RunLife.Move(folder, RunStatus.Queued, last?.Step ?? 0, null);
        }
        monitor.Refresh(id);
    }

    /// <summary>Moves a run's folder to <c>trash</c> in the data folder.</summary>
    /// <param name="id">The run.</param>
    /// <exception cref="UserInputException">There is no such run, or a worker has it.</exception>
    public void Delete(string id)
    {
        lock (_gate)
        {
            var folder = Find(id);
            if (IsStarting(id, EventLog.LastStatus(folder.EventsFile))) throw AtWork(id);
            Take(folder).Dispose(); // released before the move: some systems refuse to move a folder with an open file
            var trash = Path.Combine(root.Path, "trash");
            Directory.CreateDirectory(trash);
            Directory.Move(folder.Path, Path.Combine(trash, $"{id}.{DateTime.UtcNow:yyyyMMddHHmmssfff}"));
        }
        monitor.Refresh(id);
    }

    /// <summary>One round, about five times a second: looks after workers that have ended and starts the oldest waiting run where there is room.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            foreach (var (id, started) in _started.Where(entry => entry.Value.Process.HasExited).ToList())
            {
                _started.Remove(id);
                LookAfter(id, started);
                started.Process.Dispose();
            }

            var runs = monitor.Runs.Where(run => run.Broken is null).ToList();
            var busy = runs.Where(run => RunLife.HasWorker(run.Status)).Select(run => run.Id).Concat(_started.Keys).ToHashSet(StringComparer.Ordinal);
            var waiting = runs.Where(run => run.Status == RunStatus.Queued && !busy.Contains(run.Id)).OrderBy(run => run.StatusTime).ThenBy(run => run.Id, StringComparer.Ordinal).ToList();
            foreach (var run in waiting)
            {
                if (busy.Count >= concurrency) break;
                // Its worker has just begun and not said so yet: it was started before a restart, or by hand.
                if (RunFolder.Find(root.Runs, run.Id) is { } folder && WorkerLock.IsHeld(folder)) busy.Add(run.Id);
            }
            foreach (var run in waiting)
            {
                if (busy.Count >= concurrency) break;
                if (!busy.Contains(run.Id) && Start(run.Id)) busy.Add(run.Id);
            }
        }
    }

    private bool Start(string id)
    {
        // The monitor may be a moment behind.
        if (RunFolder.Find(root.Runs, id) is not { } folder || EventLog.LastStatus(folder.EventsFile) is not { Status: RunStatus.Queued } queued) return false;
        var logLength = LogLength(folder);
        try
        {
            var process = worker.Start(folder, root, concurrency, line => log?.LogWarning("Worker of run {Run}: {Line}", id, line));
            _started[id] = new(process, queued, logLength);
            log?.LogInformation("Worker {Process} started for run {Run}.", process.Id, id);
            return true;
        }
        catch (Win32Exception e)
        {
            Fail(folder, $"The worker {worker.FileName} could not be started ({e.Message}); check the installation, then resume the run.");
            return false;
        }
    }

    /// <summary>A worker that ended without ever having begun leaves its run waiting: say so, else it would be started for ever.</summary>
    private void LookAfter(string id, StartedWorker started)
    {
        if (RunFolder.Find(root.Runs, id) is not { } folder || EventLog.LastStatus(folder.EventsFile) != started.For) return;
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
        monitor.Refresh(folder.Id);
    }

    /// <summary>Whether a worker was started for this very waiting and has not said anything yet.</summary>
    private bool IsStarting(string id, StatusEvent? last) => _started.TryGetValue(id, out var started) && started.For == last;

    private RunFolder Find(string id) => RunFolder.Find(root.Runs, id) ?? throw new UserInputException($"There is no run {id} in {root.Runs}; it may have been deleted.");

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

using System.ComponentModel;
using System.Diagnostics;
using EcgPeft.Core.Training;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Core.Runs.Executors;

/// <summary>
/// Worker processes on this machine, so many at a time and in <see cref="QueueOrder"/>. Workers that it did not start itself (before a
/// restart, from the command line) count as well.
/// </summary>
/// <param name="root">The data folder.</param>
/// <param name="monitor">Told of every change.</param>
/// <param name="worker">Starts a worker.</param>
/// <param name="concurrency">How many workers may be at work at once.</param>
/// <param name="log">Where starts of workers are noted.</param>
internal sealed class LocalExecutor(DataRoot root, RunMonitor monitor, WorkerCommand worker, Func<int> concurrency, ILogger? log) : IRunExecutor
{
    private const long LeastFreeBytes = 2_000_000;

    private readonly Dictionary<string, StartedWorker> _started = [];
    private bool _isFull;

    /// <summary>Places of workers that are kept free for other work on the processors.</summary>
    public int Reserved { get; set; }

    /// <summary>Workers at work when it last looked.</summary>
    public int Busy { get; private set; }

    public void Accept(RunFolder folder, string? group)
    {
    }

    // A worker that is just starting reads a stop request as soon as it has the run.
    public bool Withdraw(RunFolder folder, StatusEvent waiting) => !(_started.TryGetValue(folder.Id, out var started) && started.For == waiting);

    public void AskedToStop(RunFolder folder)
    {
    }

    public void Tick(IReadOnlyList<RunSummary> runs)
    {
        foreach (var (id, started) in _started.Where(entry => entry.Value.Process.HasExited).ToList())
        {
            _started.Remove(id);
            LookAfter(id, started);
            started.Process.Dispose();
        }

        var busy = runs.Where(run => RunLife.HasWorker(run.Status)).Select(run => run.Id).Concat(_started.Keys).ToHashSet(StringComparer.Ordinal);
        var waiting = QueueOrder.Of(runs).Where(run => !busy.Contains(run.Id)).ToList();
        var most = concurrency();
        foreach (var run in waiting)
        {
            if (busy.Count >= most) break;
            // Its worker has just begun and not said so yet: it was started before a restart, or by hand.
            if (RunFolder.Find(root.Runs, run.Id) is { } folder && WorkerLock.IsHeld(folder)) busy.Add(run.Id);
        }
        Busy = busy.Count;
        if (waiting.Count == 0 || !HasRoom()) return;
        foreach (var run in waiting)
        {
            if (busy.Count + Reserved >= most) break;
            if (!busy.Contains(run.Id) && Start(run.Id)) busy.Add(run.Id);
        }
        Busy = busy.Count;
    }

    /// <summary>A worker on a full disk could not even say that it has begun; what waits goes on waiting.</summary>
    private bool HasRoom()
    {
        var free = new DriveInfo(Path.GetFullPath(root.Path)).AvailableFreeSpace;
        if (free < LeastFreeBytes != _isFull)
        {
            _isFull = !_isFull;
            if (_isFull) log?.LogWarning("The disk of {Folder} has only {Free} MB free; waiting runs start when there is room.", root.Path, free / 1_000_000);
        }
        return !_isFull;
    }

    private bool Start(string id)
    {
        // The monitor may be a moment behind.
        if (RunFolder.Find(root.Runs, id) is not { } folder || EventLog.LastStatus(folder.EventsFile) is not { Status: RunStatus.Queued } queued) return false;
        var logLength = WorkerLog.Length(folder);
        try
        {
            var process = worker.Start(folder, root, concurrency(), line => log?.LogWarning("Worker of run {Run}: {Line}", id, line));
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
        Fail(folder, WorkerLog.EndedBeforeItBegan($"exit code {started.Process.ExitCode}", folder, started.LogLength));
    }

    private void Fail(RunFolder folder, string message)
    {
        RunLife.FailWaiting(folder, message);
        monitor.Refresh(folder.Id);
    }

    // For: the waiting that it was to end. A run may be waiting again before its last worker is quite gone.
    private sealed record StartedWorker(Process Process, StatusEvent For, long LogLength);
}

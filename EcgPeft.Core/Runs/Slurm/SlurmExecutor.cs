using System.Diagnostics;
using EcgPeft.Core.Runs.Executors;
using EcgPeft.Core.Training;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Core.Runs.Slurm;

/// <summary>Jobs of a Slurm cluster. What takes time happens on a thread of its own: the queue never waits for Slurm in its rounds.</summary>
public sealed class SlurmExecutor : IRunExecutor
{
    private readonly SlurmCourier _courier;
    private readonly RunMonitor _monitor;
    private readonly ILogger? _log;
    private Task _round = Task.CompletedTask;
    private long _roundEnded;

    internal SlurmExecutor(DataRoot root, RunMonitor monitor, SlurmSettings settings, IReadOnlyList<string> program, ILogger? log)
    {
        (Settings, _monitor, _log) = (settings, monitor, log);
        _courier = new SlurmCourier(root, settings, program, log);
    }

    /// <summary>The installation's settings.</summary>
    public SlurmSettings Settings { get; }

    /// <summary>Why Slurm could not be asked lately; null where it could, or nothing had to be asked.</summary>
    public string? Trouble => _courier.Trouble;

    /// <summary>How many of Slurm's programs have been started: a look at the queue is one, whatever the number of runs.</summary>
    public long Calls => _courier.Commands.Calls;

    /// <summary>Size of the last answer of <c>squeue</c>, bytes.</summary>
    public long AnswerBytes => _courier.Commands.AnswerBytes;

    /// <summary>The batch script of runs that have no folders yet; of a study first that of the job that goes before, where there is one.</summary>
    /// <param name="recipe">Their recipe.</param>
    /// <param name="runs">How many there are; more than one go as a job array.</param>
    public string Preview(Recipe recipe, int runs = 1) => _courier.Preview(recipe, runs);

    void IRunExecutor.Accept(RunFolder folder, string? group) => _courier.Accept(folder, group);

    bool IRunExecutor.Withdraw(RunFolder folder, StatusEvent waiting) => _courier.Withdraw(folder);

    void IRunExecutor.AskedToStop(RunFolder folder) => _courier.AskedToStop(folder);

    void IRunExecutor.Tick(IReadOnlyList<RunSummary> runs)
    {
        if (!_round.IsCompleted) return;
        var open = runs.Where(run => run.Status == RunStatus.Queued || RunLife.HasWorker(run.Status) || run.Slurm is { IsOut: true }).ToList();
        if (open.Count == 0) return;
        var pause = open.Exists(run => run is { Status: RunStatus.Queued, Slurm.Id: null }) ? Math.Min(0.5, Settings.PollSeconds) : Settings.PollSeconds;
        if (_roundEnded != 0 && Stopwatch.GetElapsedTime(_roundEnded).TotalSeconds < pause) return;
        _round = Task.Run(() => Round(open));
    }

    private void Round(IReadOnlyList<RunSummary> open)
    {
        try
        {
            var root = _monitor.RunsRoot;
            var runs = open.Select(run => (Folder: RunFolder.Find(root, run.Id), run)).Where(run => run.Folder is not null)
                .Select(run => new SlurmRun(run.Folder!, run.run.Status, run.run.Slurm ?? new SlurmJob())).ToList();
            _courier.Round(runs, folder => _monitor.Refresh(folder.Id));
        }
        catch (Exception e)
        {
            // A full disk or a folder that is gone may pass; the next round tries again.
            _log?.LogError(e, "A round of the Slurm follower failed.");
        }
        finally
        {
            _roundEnded = Stopwatch.GetTimestamp();
        }
    }
}

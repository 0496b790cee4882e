using System.Diagnostics;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Cli.WebLoad;

/// <summary>A run whose worker only writes steps, at a steady rate, as a real one does: line by line to <c>events.jsonl</c>, holding the run's lock.</summary>
internal sealed class SimulatedRun : IDisposable
{
    // Far more than are ever on their way; the measurement's own memory must not grow with its length.
    private const int Kept = 1 << 16;

    private readonly (long Step, long At)[] _writtenAt = new (long, long)[Kept];
    private readonly RunFolder _folder;
    private readonly WorkerLock _lock;

    public SimulatedRun(string runsRoot, int number)
    {
        _folder = RunFolder.Create(runsRoot, new Recipe { Name = $"load {number}" });
        _lock = WorkerLock.TryTake(_folder)!;
        RunLife.Move(_folder, RunStatus.Queued, 0, null);
        RunLife.Move(_folder, RunStatus.Running, 0, null);
    }

    public string Id => _folder.Id;

    /// <summary>How many steps are in the file.</summary>
    public long Written { get; private set; }

    /// <summary>When the line of a step was in the file (<see cref="Stopwatch.GetTimestamp"/>); null where its writer has not looked at the clock yet, or long ago.</summary>
    public long? WrittenAt(long step) => _writtenAt[step % Kept] is { Step: var known, At: var at } && known == step ? at : null;

    /// <summary>Writes until <paramref name="seconds"/> are over; a writer that falls behind catches up.</summary>
    public void Write(int rate, double seconds, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        for (long step = 1; step <= rate * seconds; step++)
        {
            var wait = TimeSpan.FromSeconds((double)step / rate) - clock.Elapsed;
            if (wait > TimeSpan.Zero && cancel.WaitHandle.WaitOne(wait)) return;
            Core.Runs.EventLog.Append(_folder.EventsFile, new StepEvent(step, 1 + (int)(step / 1000), 1 / (1.0 + step), 1e-3, 0.5, 100));
            _writtenAt[step % Kept] = (step, Stopwatch.GetTimestamp());
            Written = step;
        }
    }

    public void Dispose() => _lock.Dispose();
}

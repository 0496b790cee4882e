using System.Diagnostics;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>Reports what this process uses, every few seconds until it is disposed: the worker's sign of life.</summary>
internal sealed class WorkerPulse : IDisposable
{
    /// <summary>Time between two signs of life.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    private readonly Action<RunEvent> _report;
    private readonly Timer _timer;
    private (TimeSpan Processor, long Moment) _last;

    /// <param name="report">Receives the events, on a thread pool thread.</param>
    public WorkerPulse(Action<RunEvent> report)
    {
        _report = report;
        using (var process = Process.GetCurrentProcess()) _last = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
        _timer = new Timer(_ => Beat(), null, First, Interval);
    }

    public void Dispose() => _timer.Dispose();

    private void Beat()
    {
        try
        {
            using var process = Process.GetCurrentProcess();
            // The monotonic clock: the wall clock may be set meanwhile.
            var (processor, moment) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
            var cores = (processor - _last.Processor) / Stopwatch.GetElapsedTime(_last.Moment, moment);
            _last = (processor, moment);
            _report(new SystemEvent(Math.Round(cores, 3), process.WorkingSet64, process.Threads.Count));
        }
        catch (IOException)
        {
            // A full disk: the job itself meets it and says so.
        }
    }
}

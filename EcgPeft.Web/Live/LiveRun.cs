using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Web.Live;

/// <summary>One run as the words of its page need it: status, pace, epochs and log, kept by increments.</summary>
internal sealed class LiveRun : IDisposable
{
    /// <summary>How many lines of the log are kept.</summary>
    public const int LogLines = 200;

    private const int PaceSteps = 300;

    private readonly Lock _gate = new();
    private readonly Queue<(long Step, DateTime Time)> _pace = new();
    private readonly Queue<LogEvent> _log = new();
    private readonly Coalescer _coalescer;
    private readonly IDisposable _subscription;
    private RunSummary _summary;
    private long _sequence;

    /// <param name="feed">Tells of the run.</param>
    /// <param name="id">The run.</param>
    /// <param name="render">Passes on to the component's dispatcher and renders.</param>
    /// <exception cref="EcgPeft.Core.UserInputException">There is no such run, or its folder cannot be read.</exception>
    public LiveRun(RunFeed feed, string id, Func<Task> render)
    {
        _coalescer = new Coalescer(render, TimeSpan.FromMilliseconds(300));
        // Deliveries wait until the snapshot is in.
        lock (_gate)
        {
            _subscription = feed.Subscribe(id, Apply, out var snapshot);
            (_summary, _sequence) = (snapshot.Summary, snapshot.Sequence);
            foreach (var step in snapshot.Steps.TakeLast(PaceSteps)) Pace(step);
            foreach (var line in snapshot.Log) Write(line);
        }
    }

    /// <summary>A consistent picture of now.</summary>
    public LiveRunView View()
    {
        lock (_gate)
        {
            (long Step, DateTime Time)[] pace = [.. _pace];
            return new(_summary, [.. _log], _summary.Status == RunStatus.Running ? TimeLeft.Of(_summary, pace) : null);
        }
    }

    public void Dispose()
    {
        _subscription.Dispose();
        _coalescer.Dispose();
    }

    private void Apply(RunIncrement increment)
    {
        lock (_gate)
        {
            // The file was replaced: nothing of before counts.
            if (increment.FromSequence < _sequence)
            {
                _pace.Clear();
                _log.Clear();
            }
            (_summary, _sequence) = (increment.Summary, increment.ToSequence);
            foreach (var runEvent in increment.Events)
            {
                if (runEvent is StepEvent step) Pace(step);
                else if (runEvent is LogEvent line) Write(line);
                else if (runEvent is StatusEvent) _pace.Clear(); // a pause is no pace
            }
        }
        _coalescer.Signal();
    }

    private void Pace(StepEvent step)
    {
        _pace.Enqueue((step.Step, step.Time));
        if (_pace.Count > PaceSteps) _pace.Dequeue();
    }

    private void Write(LogEvent line)
    {
        _log.Enqueue(line);
        if (_log.Count > LogLines) _log.Dequeue();
    }
}

/// <summary>What a run's page shows in words.</summary>
/// <param name="Summary">Where the run stands.</param>
/// <param name="Log">The last lines.</param>
/// <param name="SecondsLeft">Probable seconds to the end, or null.</param>
internal sealed record LiveRunView(RunSummary Summary, IReadOnlyList<LogEvent> Log, double? SecondsLeft);

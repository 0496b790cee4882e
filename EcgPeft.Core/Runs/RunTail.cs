using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>
/// The one reader of a run's events: it alone moves the offset, so every snapshot and every increment ends where the next begins.
/// </summary>
/// <param name="folder">The run.</param>
/// <param name="publish">Receives each increment under the tail's lock, so in order.</param>
internal sealed class RunTail(RunFolder folder, Action<RunTail, RunIncrement> publish)
{
    private readonly Lock _gate = new();
    private RunState _state = new();
    private Recipe? _recipe;
    private RunMetrics? _metrics;
    private RunNotes _notes = RunNotes.None;
    private RunLook? _look;
    private SlurmJob? _job;
    private readonly LateView _shorter = new(), _hole = new(), _lateMetrics = new();
    private byte[] _head = [];
    private long _offset;

    public RunFolder Folder => folder;

    /// <summary>Null before the first status.</summary>
    public RunSummary? Summary { get; private set; }

    /// <summary>Who is told about increments; replaced as a whole, under the tail's lock.</summary>
    public IReadOnlyList<RunSubscription> Subscribers { get; private set; } = [];

    /// <summary>How many hold this tail; guarded by the feed.</summary>
    public int Users { get; set; }

    /// <summary>Reads what is new, and publishes it.</summary>
    /// <exception cref="UserInputException">Recipe, metrics or notes cannot be read.</exception>
    public void Advance()
    {
        lock (_gate)
        {
            if (!File.Exists(folder.EventsFile)) return;
            _recipe ??= folder.ReadRecipe();
            if (IsReplaced()) (_state, _offset, _recipe) = (new RunState(), 0, folder.ReadRecipe());
            if (ReadEvents() is not { } batch) return;
            var notes = RunNotes.Read(folder);
            var look = RunLook.Of(folder);
            var job = _recipe.OnSlurm ? SlurmJob.Read(folder) : null;
            if (batch.Events.Count == 0 && Summary is not null && notes == _notes && look == _look && job == _job) return;

            // A worker completes the recipe with content hashes, and writes metrics before it completes the run.
            var hasStatus = batch.Events.Any(e => e is StatusEvent);
            var completed = hasStatus && batch.Events.OfType<StatusEvent>().Last().Status == RunStatus.Completed;
            if (_lateMetrics.Excuses(completed && _recipe is { OnSlurm: true, Pretraining: null } && !File.Exists(folder.MetricsFile))) return;
            if (hasStatus) _recipe = folder.ReadRecipe();
            if (hasStatus) _metrics = completed && _recipe.Pretraining is null ? RunMetrics.ReadFrom(folder) : null;
            var (redone, resumes) = (_state.Redone.Count, _state.Resumes.Count);
            foreach (var runEvent in batch.Events) _state.Apply(runEvent);
            var from = _offset;
            (_offset, _notes, _look, _job) = (batch.NextOffset, notes, look, job);
            if (_state.Summary(folder.Id, _recipe, _metrics) is not { } summary) return;
            Summary = summary with { Notes = notes, Look = look, Slurm = job };
            publish(this, new RunIncrement(Summary, batch.Events, from, _offset)
            {
                Redone = [.. _state.Redone.Skip(redone)],
                Resumes = [.. _state.Resumes.Skip(resumes)],
                TotalSteps = _state.Steps.Count,
            });
        }
    }

    /// <summary>
    /// Whether the file is another one than before. A shared folder may show an older, shorter view for a while: what begins with the same
    /// bytes is that.
    /// </summary>
    private bool IsReplaced()
    {
        var shorter = new FileInfo(folder.EventsFile).Length < _offset;
        return !_shorter.Excuses(shorter && _recipe!.OnSlurm && _head.AsSpan().StartsWith(EventLog.Head(folder.EventsFile))) && shorter;
    }

    /// <summary>What is new; null while a shared folder shows less than there is.</summary>
    private EventBatch? ReadEvents()
    {
        if (!_recipe!.OnSlurm) return EventLog.Read(folder.EventsFile, _offset);
        try
        {
            var batch = EventLog.Read(folder.EventsFile, _offset, stopAtHole: true);
            if (batch.Hole && !_hole.Excuses(true)) batch = EventLog.Read(folder.EventsFile, _offset); // it is damaged, not late
            if (!batch.Hole) _hole.Excuses(false);
            if (_offset == 0 || _head.Length < EventLog.HeadLength) _head = EventLog.Head(folder.EventsFile);
            return batch;
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Adds or removes somebody who is told about increments.</summary>
    public void ChangeSubscribers(Func<IReadOnlyList<RunSubscription>, IReadOnlyList<RunSubscription>> change)
    {
        lock (_gate) Subscribers = change(Subscribers);
    }

    /// <summary>A stretch of the step curves as far as they are known.</summary>
    public CurveWindow Window(long from, long to, int buckets)
    {
        lock (_gate)
        {
            Advance();
            return CurveWindow.Of(_state.Steps, from, to, buckets);
        }
    }

    /// <summary>Everything so far; with <paramref name="subscription"/>, which gets exactly what follows.</summary>
    public RunSnapshot Snapshot(RunSubscription? subscription)
    {
        lock (_gate)
        {
            Advance();
            if (Summary is null) throw new UserInputException($"Run {folder.Id} has not been put into the queue yet; look again in a moment.");
            if (subscription is not null) Subscribers = [.. Subscribers, subscription];
            return _state.Snapshot(Summary, _offset);
        }
    }
}

/// <summary>Somebody who wants to be told.</summary>
internal sealed class RunSubscription(Action<RunIncrement> handler, Action<RunSubscription> leave) : IDisposable
{
    private volatile bool _left;

    public void Deliver(RunIncrement increment)
    {
        if (!_left) handler(increment);
    }

    public void Dispose()
    {
        if (_left) return;
        _left = true;
        leave(this);
    }
}

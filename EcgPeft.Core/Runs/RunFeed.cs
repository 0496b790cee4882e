using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Core.Runs;

/// <summary>
/// What pages and hubs listen to. Thread-safe. Handlers are called one after the other, in order, on a thread of the feed's own
/// and under no lock; a slow handler delays the others, so it hands over and returns. A handler that throws is logged.
/// </summary>
public sealed class RunFeed : IDisposable
{
    private readonly string _runsRoot;
    private readonly ILogger? _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, RunTail> _tails = [];
    private readonly Channel<Action> _deliveries = Channel.CreateUnbounded<Action>(new() { SingleReader = true });
    private ImmutableList<Action<RunSummary>> _all = [];
    private ImmutableList<Action<string>> _removed = [];

    /// <summary>Starts the feed of the runs below a folder.</summary>
    /// <param name="runsRoot">The folder of all runs.</param>
    /// <param name="log">Where handlers that throw are reported.</param>
    public RunFeed(string runsRoot, ILogger? log = null)
    {
        (_runsRoot, _log) = (runsRoot, log);
        _ = Task.Run(DeliverAsync);
    }

    /// <summary>Everything about a run so far. It reads the events up to their present end.</summary>
    /// <param name="id">The run.</param>
    /// <exception cref="UserInputException">There is no such run, or its folder cannot be read.</exception>
    public RunSnapshot Snapshot(string id)
    {
        var tail = Acquire(id);
        try
        {
            return tail.Snapshot(null);
        }
        finally
        {
            Release(tail);
        }
    }

    /// <summary>A stretch of a run's step curves, thinned to what can be drawn; no spike is lost.</summary>
    /// <param name="id">The run.</param>
    /// <param name="from">First step.</param>
    /// <param name="to">Last step.</param>
    /// <param name="buckets">Parts of equal width, such as the pixels of a chart.</param>
    /// <exception cref="UserInputException">There is no such run, or its folder cannot be read.</exception>
    public CurveWindow Window(string id, long from, long to, int buckets)
    {
        var tail = Acquire(id);
        try
        {
            return tail.Window(from, to, buckets);
        }
        finally
        {
            Release(tail);
        }
    }

    /// <summary>
    /// Tells <paramref name="handler"/> of every increment of a run from now on. Subscribe first, take <see cref="Snapshot"/> then,
    /// and leave out increments whose <see cref="RunIncrement.ToSequence"/> is not above the snapshot's sequence; nothing is
    /// lost and nothing comes twice. An increment that begins before the end of the one before says that the file was
    /// replaced: take a new snapshot.
    /// </summary>
    /// <param name="id">The run.</param>
    /// <param name="handler">Called for each increment.</param>
    /// <returns>Ends the subscription when disposed.</returns>
    /// <exception cref="UserInputException">There is no such run.</exception>
    public IDisposable Subscribe(string id, Action<RunIncrement> handler)
    {
        var (tail, subscription) = NewSubscription(id, handler);
        tail.ChangeSubscribers(list => [.. list, subscription]);
        return subscription;
    }

    /// <summary>Snapshot and subscription in one: <paramref name="handler"/> gets exactly what comes after the snapshot.</summary>
    /// <param name="id">The run.</param>
    /// <param name="handler">Called for each increment; may be called before this method has returned.</param>
    /// <param name="snapshot">Everything so far.</param>
    /// <returns>Ends the subscription when disposed.</returns>
    /// <exception cref="UserInputException">There is no such run, or its folder cannot be read.</exception>
    public IDisposable Subscribe(string id, Action<RunIncrement> handler, out RunSnapshot snapshot)
    {
        var (tail, subscription) = NewSubscription(id, handler);
        try
        {
            snapshot = tail.Snapshot(subscription);
        }
        catch
        {
            subscription.Dispose();
            throw;
        }
        return subscription;
    }

    /// <summary>Tells <paramref name="handler"/> whenever any run changes, with its new row.</summary>
    /// <param name="handler">Called for each change.</param>
    /// <returns>Ends the subscription when disposed.</returns>
    public IDisposable SubscribeAll(Action<RunSummary> handler)
    {
        ImmutableInterlocked.Update(ref _all, list => list.Add(handler));
        return new Leaving(() => ImmutableInterlocked.Update(ref _all, list => list.Remove(handler)));
    }

    /// <summary>Tells <paramref name="handler"/> whenever a run is deleted, with its id.</summary>
    /// <param name="handler">Called for each run that goes.</param>
    /// <returns>Ends the subscription when disposed.</returns>
    public IDisposable SubscribeRemoved(Action<string> handler)
    {
        ImmutableInterlocked.Update(ref _removed, list => list.Add(handler));
        return new Leaving(() => ImmutableInterlocked.Update(ref _removed, list => list.Remove(handler)));
    }

    /// <summary>Ends all deliveries.</summary>
    public void Dispose() => _deliveries.Writer.TryComplete();

    /// <summary>The tail of a run, kept while it is in use.</summary>
    internal RunTail Acquire(string id)
    {
        lock (_gate)
        {
            if (!_tails.TryGetValue(id, out var tail))
            {
                var folder = RunFolder.Find(_runsRoot, id) ?? throw new UserInputException($"There is no run {id} in {_runsRoot}; it may have been deleted.");
                _tails[id] = tail = new RunTail(folder, Publish);
            }
            tail.Users++;
            return tail;
        }
    }

    /// <summary>Gives a tail back. What nobody uses is let go once the run is at rest: curves of old runs take memory.</summary>
    internal void Release(RunTail tail)
    {
        lock (_gate)
        {
            tail.Users--;
            var atRest = tail.Summary is null || !(tail.Summary.Status == Training.RunStatus.Queued || RunLife.HasWorker(tail.Summary.Status));
            if (tail.Users == 0 && atRest && _tails.TryGetValue(tail.Folder.Id, out var present) && ReferenceEquals(present, tail)) _tails.Remove(tail.Folder.Id);
        }
    }

    /// <summary>Called with each new row before anybody is told of it: who subscribes and then reads the rows misses none.</summary>
    internal Action<RunSummary>? Keep { get; set; }

    /// <summary>A run that has no events to tell of it: its folder is broken.</summary>
    internal void Publish(RunSummary summary)
    {
        Keep?.Invoke(summary);
        foreach (var handler in _all) Deliver(() => handler(summary));
    }

    /// <summary>A run that is gone.</summary>
    internal void PublishRemoved(string id)
    {
        lock (_gate) _tails.Remove(id);
        foreach (var handler in _removed) Deliver(() => handler(id));
    }

    private void Publish(RunTail tail, RunIncrement increment)
    {
        foreach (var subscription in tail.Subscribers) Deliver(() => subscription.Deliver(increment));
        Publish(increment.Summary);
    }

    private (RunTail Tail, RunSubscription Subscription) NewSubscription(string id, Action<RunIncrement> handler)
    {
        var tail = Acquire(id);
        var subscription = new RunSubscription(handler, leaving =>
        {
            tail.ChangeSubscribers(list => [.. list.Where(other => !ReferenceEquals(other, leaving))]);
            Release(tail);
        });
        return (tail, subscription);
    }

    private void Deliver(Action delivery) => _deliveries.Writer.TryWrite(delivery);

    private async Task DeliverAsync()
    {
        await foreach (var delivery in _deliveries.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                delivery();
            }
            catch (Exception e)
            {
                _log?.LogError(e, "A listener of the run feed failed.");
            }
        }
    }

    private sealed class Leaving(Action leave) : IDisposable
    {
        public void Dispose() => leave();
    }
}

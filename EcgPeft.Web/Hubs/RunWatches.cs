using System.Collections.Concurrent;
using System.Threading.Channels;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Live;
using Microsoft.AspNetCore.SignalR;

namespace EcgPeft.Web.Hubs;

/// <summary>Who watches which run. Increments of a fifth of a second travel together, in order.</summary>
internal sealed class RunWatches(RunFeed feed, IHubContext<RunHub, IRunClient> hub, ILogger<RunWatches> log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<(string Connection, string Run), Watch> _watches = [];

    public CurveSnapshot Add(string connection, string runId)
    {
        Remove(connection, runId);
        var increments = Channel.CreateUnbounded<RunIncrement>(new() { SingleReader = true });
        var subscription = feed.Subscribe(runId, increment => Pass(increments.Writer, increment), out var snapshot);
        _watches[(connection, runId)] = new(subscription, increments.Writer);
        _ = SendAsync(connection, runId, increments.Reader);
        return CurveSnapshot.Of(snapshot);
    }

    public void Remove(string connection, string runId)
    {
        if (_watches.TryRemove((connection, runId), out var watch)) watch.End();
    }

    public void RemoveAll(string connection)
    {
        foreach (var key in _watches.Keys.Where(key => key.Connection == connection)) Remove(key.Connection, key.Run);
    }

    /// <summary>A changed note has no event, and nothing for the curves.</summary>
    private static void Pass(ChannelWriter<RunIncrement> increments, RunIncrement increment)
    {
        if (increment.ToSequence != increment.FromSequence) increments.TryWrite(increment);
    }

    private async Task SendAsync(string connection, string runId, ChannelReader<RunIncrement> increments)
    {
        try
        {
            while (await increments.WaitToReadAsync())
            {
                await Task.Delay(Pause);
                var batch = new List<RunIncrement>();
                while (increments.TryRead(out var increment))
                {
                    // A file that was replaced begins anew: never one message for what does not hang together.
                    if (batch.Count > 0 && batch[^1].ToSequence != increment.FromSequence) await FlushAsync();
                    batch.Add(increment);
                }
                await FlushAsync();

                async Task FlushAsync()
                {
                    if (batch.Count > 0) await hub.Clients.Client(connection).Increment(runId, CurveIncrement.Of(batch));
                    batch.Clear();
                }
            }
        }
        catch (Exception e)
        {
            // The browser finds the gap by the sequence numbers and asks for a snapshot.
            log.LogError(e, "Increments of run {Run} could not be sent.", runId);
        }
    }

    private sealed record Watch(IDisposable Subscription, ChannelWriter<RunIncrement> Increments)
    {
        public void End()
        {
            Subscription.Dispose();
            Increments.TryComplete();
        }
    }
}

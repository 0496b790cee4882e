using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using EcgPeft.Core;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace EcgPeft.Cli.WebLoad;

/// <summary>An open browser's hub connection that watches all runs and counts what comes.</summary>
internal sealed class LoadClient : IAsyncDisposable
{
    private readonly HubConnection _hub;
    private readonly ConcurrentQueue<double> _latencies = new();
    private readonly Dictionary<string, HashSet<long>> _seen;
    private readonly IReadOnlyDictionary<string, SimulatedRun> _runs;
    private long _delivered, _twice;

    public LoadClient(string address, IReadOnlyDictionary<string, SimulatedRun> runs)
    {
        _runs = runs;
        _seen = runs.Keys.ToDictionary(id => id, _ => new HashSet<long>());
        _hub = new HubConnectionBuilder().WithUrl(address + "/hubs/runs").AddJsonProtocol(options => options.PayloadSerializerOptions = new(ProductJson.Line)).Build();
        _hub.On<string, JsonElement>("Increment", Receive);
    }

    public long Delivered => Interlocked.Read(ref _delivered);

    public long Twice => Interlocked.Read(ref _twice);

    /// <summary>Milliseconds from the written line to the point here.</summary>
    public IReadOnlyCollection<double> Latencies => _latencies;

    public async Task WatchAsync(CancellationToken cancel)
    {
        await _hub.StartAsync(cancel);
        foreach (var id in _seen.Keys) await _hub.InvokeAsync<JsonElement>("Watch", id, cancel);
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    // The client library calls it for one message after the other.
    private void Receive(string run, JsonElement increment)
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var step in increment.GetProperty("steps").GetProperty("step").EnumerateArray().Select(step => step.GetInt64()))
        {
            if (!_seen[run].Add(step)) Interlocked.Increment(ref _twice);
            else Interlocked.Increment(ref _delivered);
            // A point may be here before its writer has looked at the clock.
            _latencies.Enqueue(_runs[run].WrittenAt.TryGetValue(step, out var written) ? Math.Max(0, Stopwatch.GetElapsedTime(written, now).TotalMilliseconds) : 0);
        }
    }
}

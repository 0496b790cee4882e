using System.Diagnostics;
using System.Text.Json;
using EcgPeft.Core;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace EcgPeft.Cli.WebLoad;

/// <summary>A hub connection, as a browser's page has one, that watches all runs and counts what comes. A run's steps come in order, so one that is not above the last has come before.</summary>
internal sealed class LoadClient : IAsyncDisposable
{
    private readonly HubConnection _hub;
    private readonly Dictionary<string, long> _last;
    private readonly IReadOnlyDictionary<string, SimulatedRun> _runs;
    private long _delivered, _twice;

    public LoadClient(string address, IReadOnlyDictionary<string, SimulatedRun> runs)
    {
        _runs = runs;
        _last = runs.Keys.ToDictionary(id => id, _ => 0L);
        _hub = new HubConnectionBuilder().WithUrl(address + "/hubs/runs").AddJsonProtocol(options => options.PayloadSerializerOptions = new(ProductJson.Line)).Build();
        _hub.On<string, JsonElement>("Increment", Receive);
    }

    public long Delivered => Interlocked.Read(ref _delivered);

    public long Twice => Interlocked.Read(ref _twice);

    /// <summary>From the written line to the point here.</summary>
    public Latencies Latencies { get; } = new();

    public async Task WatchAsync(CancellationToken cancel)
    {
        await _hub.StartAsync(cancel);
        foreach (var id in _runs.Keys) await _hub.InvokeAsync<JsonElement>("Watch", id, cancel);
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    // The client library calls it for one message after the other.
    private void Receive(string run, JsonElement increment)
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var step in increment.GetProperty("steps").GetProperty("step").EnumerateArray().Select(step => step.GetInt64()))
        {
            if (step <= _last[run]) Interlocked.Increment(ref _twice);
            else Interlocked.Increment(ref _delivered);
            _last[run] = Math.Max(_last[run], step);
            // A point may be here before its writer has looked at the clock.
            Latencies.Add(_runs[run].WrittenAt(step) is { } written ? Stopwatch.GetElapsedTime(written, now).TotalMilliseconds : 0);
        }
    }
}

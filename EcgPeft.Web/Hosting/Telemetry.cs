using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace EcgPeft.Web.Hosting;

/// <summary>Metrics, traces and logs to an OpenTelemetry collector, where one is named; otherwise nothing is measured and nothing sent.</summary>
internal static class Telemetry
{
    /// <summary>OpenTelemetry's own key, in the environment or in appsettings.json; the other keys of its exporter (protocol, headers, …) count as well.</summary>
    public const string EndpointKey = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrWhiteSpace(builder.Configuration[EndpointKey])) return;
        var version = typeof(RunMonitor).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
        builder.Services.AddSingleton<RunTelemetry>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<RunTelemetry>());
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(builder.Configuration["OTEL_SERVICE_NAME"] ?? "ecgpeft", serviceVersion: version))
            .WithMetrics(metrics => metrics.AddMeter(RunTelemetry.Name).AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddOtlpExporter())
            .WithTracing(traces => traces.AddSource(RunTelemetry.Name).AddAspNetCoreInstrumentation(options => options.Filter = context => context.Request.Path != Health.Path).AddOtlpExporter())
            .WithLogging(logs => logs.AddOtlpExporter());
    }
}

/// <summary>Runs as metrics (how many have which status, how long they train) and as traces (one span from a worker's start to its end).</summary>
internal sealed class RunTelemetry : IHostedService, IDisposable
{
    public const string Name = "EcgPeft";

    private readonly Meter _meter = new(Name);
    private readonly ActivitySource _spans = new(Name);
    private readonly Histogram<double> _active;
    private readonly RunMonitor _monitor;
    private readonly RunFeed _feed;
    private readonly Dictionary<string, RunStatus> _seen = [];
    private IDisposable? _subscription;

    public RunTelemetry(RunMonitor monitor, RunFeed feed)
    {
        (_monitor, _feed) = (monitor, feed);
        _meter.CreateObservableGauge("ecgpeft.runs", () => Enum.GetValues<RunStatus>().Select(status => new Measurement<int>(monitor.Runs.Count(run => run.Status == status), new KeyValuePair<string, object?>("status", Word(status)))), "{run}", "Runs by status");
        _active = _meter.CreateHistogram<double>("ecgpeft.run.active", "s", "Time that a run was under a worker, when it ends");
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var run in _monitor.Runs) _seen[run.Id] = run.Status;
        _subscription = _feed.SubscribeAll(Changed);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _meter.Dispose();
        _spans.Dispose();
    }

    /// <summary>Called on the feed's one thread.</summary>
    private void Changed(RunSummary run)
    {
        var before = _seen.TryGetValue(run.Id, out var known) ? known : RunStatus.Queued;
        _seen[run.Id] = run.Status;
        if (before == run.Status || run.EndedUtc is not { } ended || run.StartedUtc is not { } started) return;
        var tags = new TagList { { "model", run.Model }, { "method", run.Method }, { "status", Word(run.Status) } };
        _active.Record(run.ActiveSeconds, tags);
        using var span = _spans.StartActivity(ActivityKind.Internal, tags: [.. tags, new("run", run.Id), new("steps", run.Step)], startTime: started, name: "run");
        span?.SetStatus(run.Status == RunStatus.Failed ? ActivityStatusCode.Error : ActivityStatusCode.Ok, run.StatusMessage);
        span?.SetEndTime(ended);
    }

    private static string Word(RunStatus status) => status.ToString().ToLowerInvariant();
}

using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.EndToEnd;
using EcgPeft.Tests.Runs;

namespace EcgPeft.Tests.Web;

/// <summary>Health, telemetry and logs, as a lab server's supervisor sees them.</summary>
public sealed class OperationsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_traces_and_logs_go_to_the_collector_that_is_named()
    {
        using var collector = Collector(out var port);
        var root = RunSamples.Root();
        var run = RunSamples.NewRun(root);
        RunLife.Move(run, RunStatus.Queued, 0, null); // its worker's start is logged
        await using var web = await WebProcess.StartAsync(root, settings: [("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://127.0.0.1:{port}"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_METRIC_EXPORT_INTERVAL", "300"), ("OTEL_BSP_SCHEDULE_DELAY", "300"), ("OTEL_BLRP_SCHEDULE_DELAY", "300")]);
        using (var client = new HttpClient { BaseAddress = new Uri(web.Address) }) Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("/api/runs", UriKind.Relative), Cancel)).StatusCode);

        var wanted = new HashSet<string> { "/v1/metrics", "/v1/traces", "/v1/logs" };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TestData.Patience); // metrics come again and again, so each request alone would never be late
        while (wanted.Count > 0)
        {
            var context = await collector.GetContextAsync().WaitAsync(patience.Token);
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body, Cancel);
            context.Response.Close();
            var text = Encoding.UTF8.GetString(body.ToArray());
            if (context.Request.Url!.AbsolutePath == "/v1/metrics" && text.Contains("ecgpeft.runs", StringComparison.Ordinal)) wanted.Remove("/v1/metrics");
            if (context.Request.Url!.AbsolutePath == "/v1/traces" && text.Contains("/api/runs", StringComparison.Ordinal)) wanted.Remove("/v1/traces");
            if (context.Request.Url!.AbsolutePath == "/v1/logs" && text.Contains("started for run", StringComparison.Ordinal) && text.Contains(run.Id, StringComparison.Ordinal)) wanted.Remove("/v1/logs");
        }
    }

    [Fact]
    public async Task Health_needs_no_token_and_says_no_more_than_it_must()
    {
        await using var web = await WebProcess.StartAsync(settings: ("EcgPeft__AccessToken", GuardedWeb.Token));
        using var client = new HttpClient { BaseAddress = new Uri(web.Address) };
        JsonElement health;
        do // the first round of the queue may still be to come
        {
            using var answer = await client.GetAsync(new Uri("/health", UriKind.Relative), Cancel);
            health = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        }
        while (health.GetProperty("status").GetString() == "unhealthy" && await Pause());
        Assert.NotEqual("unhealthy", health.GetProperty("status").GetString());
        Assert.Equal(["data folder", "disk", "queue", "store"], health.GetProperty("checks").EnumerateObject().Select(c => c.Name).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(web.Root.Path, health.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_can_be_JSON_a_line()
    {
        await using var web = await WebProcess.StartAsync(announcement: "\"Message\":\"EcgPeft is at ", settings: ("Logging__Console__FormatterName", "json"));
        Assert.All(web.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_is_said_at_the_start()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A folder in which nobody can make files, not even an administrator, is known for Linux alone.");
        var (exit, error) = await WebProcess.RefusedAsync(new DataRoot("/proc"), "--urls", "http://127.0.0.1:0");
        Assert.Equal(2, exit);
        Assert.StartsWith("The data folder /proc cannot be written (", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    private static async Task<bool> Pause()
    {
        await Task.Delay(50, Cancel);
        return true;
    }

    /// <summary>A listener cannot be asked for any free port; one that was free a moment ago may be taken by now.</summary>
    private static HttpListener Collector(out int port)
    {
        for (var tries = 0; ; tries++)
        {
            using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                port = ((IPEndPoint)probe.LocalEndpoint).Port;
            }
            var collector = new HttpListener();
            collector.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                collector.Start();
                return collector;
            }
            catch (HttpListenerException) when (tries < 20)
            {
                collector.Close();
            }
        }
    }
}

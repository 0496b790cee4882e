using System.Net;
using System.Net.ServerSentEvents;
using EcgPeft.Core.Runs;
using EcgPeft.Tests.Runs;

namespace EcgPeft.Tests.Web;

/// <summary>Server-sent events, with this process as the worker.</summary>
public sealed class EventStreamTests(WebFixture fixture) : IClassFixture<WebFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_that_breaks_at_any_event_loses_nothing_and_repeats_nothing()
    {
        var folder = RunSamples.NewRun(fixture.Web.Root);
        using var gate = new SemaphoreSlim(0);
        var worker = Task.Run(() => RunWorker.Run(folder, (_, _, report, _) =>
        {
            report(RunSamples.Plan);
            for (var step = 1; step <= 30; step++)
            {
                gate.Wait(Cancel);
                report(RunSamples.Step(step));
            }
            RunSamples.Metrics.WriteTo(folder);
            return TrainingOutcome.Completed;
        }, Cancel), Cancel);

        // Reads three events a connection, then breaks it off, and lets the worker go on only then.
        var (lines, last, ended) = (new List<string>(), (string?)null, false);
        gate.Release(4);
        while (!ended)
        {
            using var answer = await FoundAsync(folder.Id, last);
            if (answer.StatusCode == HttpStatusCode.NoContent) break;
            Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
            var taken = 0;
            await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(Cancel)).EnumerateAsync(Cancel))
            {
                if (ended = item.EventType == "end") break;
                lines.Add(item.Data);
                last = item.EventId;
                if (++taken == 3) break;
                gate.Release();
            }
            gate.Release();
        }
        Assert.Equal(0, await worker);
        Assert.Equal(await File.ReadAllLinesAsync(folder.EventsFile, Cancel), lines);
        using var after = await OpenAsync(folder.Id, last);
        Assert.Equal(HttpStatusCode.NoContent, after.StatusCode); // a browser's EventSource then stops asking
    }

    [Fact]
    public async Task The_events_of_a_run_at_rest_end_and_a_foreign_id_is_refused()
    {
        var folder = RunSamples.Completed(fixture.Web.Root);
        using var answer = await FoundAsync(folder.Id, null);
        var types = new List<string>();
        await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(Cancel)).EnumerateAsync(Cancel))
            if (item.EventType != "system") types.Add(item.EventType);
        Assert.Equal(["status", "status", "plan", "step", "step", "step", "epoch", "status", "end"], types);
        foreach (var id in new[] { "7", "99999999", "-1", "x" })
        {
            using var refused = await OpenAsync(folder.Id, id);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }
    }

    /// <summary>Asks until the dashboard has found the folder.</summary>
    private async Task<HttpResponseMessage> FoundAsync(string id, string? last)
    {
        HttpResponseMessage answer;
        while ((answer = await OpenAsync(id, last)).StatusCode == HttpStatusCode.NotFound) await Task.Delay(50, Cancel);
        return answer;
    }

    private async Task<HttpResponseMessage> OpenAsync(string id, string? last)
    {
        var client = new HttpClient { BaseAddress = new Uri(fixture.Web.Address) };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/runs/{id}/events");
        if (last is not null) request.Headers.TryAddWithoutValidation("Last-Event-ID", last);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using Microsoft.AspNetCore.Mvc;

namespace EcgPeft.Web.Api;

/// <summary>
/// <c>/api/runs/{id}/events</c>: the lines of <c>events.jsonl</c> as server-sent events. An event's id is the byte offset behind its
/// line, so a client that comes back with it (<c>Last-Event-ID</c>) gets exactly what follows: nothing is lost, nothing comes twice.
/// </summary>
internal static class RunEventsApi
{
    private const byte NewLine = (byte)'\n';
    private const int Piece = 1 << 20;

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    public static void MapRunEvents(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/runs/{id}/events", StreamAsync).WithTags("Events").WithSummary("What happens to a run, live (server-sent events)")
            .WithDescription("Each event is a line of events.jsonl: its type is the line's type (status, plan, step, epoch, log, system), its data the line, its id the offset behind it. Send the last id as Last-Event-ID (browsers do) or as ?after= to go on from there. The stream ends, with an event named end, when the run is at rest; then an address with the last id answers 204.")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream").Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> StreamAsync(string id, long? after, [FromHeader(Name = "Last-Event-ID")] string? lastEventId, HttpContext context, DataRoot root, RunFeed feed, RunMonitor monitor, IHostApplicationLifetime lifetime)
    {
        if (RunsApi.Folder(root, id) is not { } folder || RunsApi.Found(monitor, id) is null) return RunsApi.NoRun(id);
        if (!string.IsNullOrEmpty(lastEventId))
            after = long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : throw new UserInputException($"Last-Event-ID is '{lastEventId}'; it must be an id of this stream.");
        var offset = after ?? 0;
        if (!IsBeginningOfLine(folder.EventsFile, offset)) throw new UserInputException($"The id {offset} is no end of a line of this run's events; begin anew without it.");
        if (offset > 0 && IsAtRest(folder) && offset == Length(folder.EventsFile)) return TypedResults.NoContent();

        var news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var changes = feed.Subscribe(id, _ => news.Writer.TryWrite(true));
        using var gone = feed.SubscribeRemoved(removed =>
        {
            if (removed == id) news.Writer.TryComplete();
        });
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // nginx would keep events back
        try
        {
            while (true)
            {
                // The status first: what was written before it is then read below.
                var atRest = IsAtRest(folder);
                offset = await SendAsync(response, folder.EventsFile, offset, end.Token);
                if (atRest && offset == Length(folder.EventsFile))
                {
                    await response.WriteAsync("event: end\ndata: {}\n\n", end.Token);
                    break;
                }
                await response.Body.FlushAsync(end.Token);
                if (!await WaitAsync(response, news.Reader, end.Token)) break;
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The client comes back with its last id, or the dashboard ends.
        }
        return TypedResults.Empty;
    }

    /// <summary>Waits for news, with a comment now and then so that proxies keep the connection; false when the run is gone.</summary>
    private static async Task<bool> WaitAsync(HttpResponse response, ChannelReader<bool> news, CancellationToken cancel)
    {
        while (true)
        {
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            silence.CancelAfter(Silence);
            try
            {
                if (!await news.WaitToReadAsync(silence.Token)) return false;
                news.TryRead(out _);
                return true;
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                await response.WriteAsync(":\n\n", cancel);
                await response.Body.FlushAsync(cancel);
            }
        }
    }

    /// <summary>Sends the complete lines from an offset on.</summary>
    /// <returns>The offset behind the last one.</returns>
    private static async Task<long> SendAsync(HttpResponse response, string path, long offset, CancellationToken cancel)
    {
        while (true)
        {
            var (lines, next) = ReadLines(path, offset);
            if (next == offset) return offset;
            var text = new StringBuilder();
            foreach (var (line, behind) in lines) text.Append("id: ").Append(behind).Append("\nevent: ").Append(TypeOf(line)).Append("\ndata: ").Append(line).Append("\n\n");
            await response.WriteAsync(text.ToString(), cancel);
            offset = next;
        }
    }

    private static (List<(string Line, long Behind)> Lines, long Next) ReadLines(string path, long offset)
    {
        var lines = new List<(string, long)>();
        if (!File.Exists(path)) return (lines, offset);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        // A line longer than a piece is read in a larger one.
        for (var size = Piece; ; size *= 2)
        {
            file.Position = offset;
            var bytes = new byte[Math.Min(size, Math.Max(0, file.Length - offset))];
            var got = bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
            var start = 0;
            while (got[start..].IndexOf(NewLine) is var length and >= 0)
            {
                lines.Add((Encoding.UTF8.GetString(got.Slice(start, length)).Replace("\r", "", StringComparison.Ordinal), offset + start + length + 1));
                start += length + 1;
            }
            if (start > 0 || bytes.Length < size) return (lines, offset + start);
        }
    }

    private static string TypeOf(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.TryGetProperty("type", out var type) && type.GetString() is { } name && name.All(char.IsAsciiLetterOrDigit) ? name : "message";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "message";
        }
    }

    private static bool IsBeginningOfLine(string path, long offset)
    {
        if (offset == 0) return true;
        if (offset < 0 || !File.Exists(path)) return false;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (offset > file.Length) return false;
        file.Position = offset - 1;
        return file.ReadByte() == NewLine;
    }

    private static bool IsAtRest(RunFolder folder) => RunLife.Current(folder) is not { } status || !(status == RunStatus.Queued || RunLife.HasWorker(status));

    private static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;
}

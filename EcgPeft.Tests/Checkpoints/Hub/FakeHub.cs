using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Tests.Checkpoints.Hub;

internal sealed record HubRequest(string Method, string Path, string? Authorization, string? Range);

/// <summary>A local server that speaks the part of the hub's API that a download uses; one instance can be the store of another.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly WebApplication _app;

    private FakeHub(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Content by repository/file; <see cref="Large"/> says which are in large-file storage.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Files whose ETag is their SHA-256, by default those over 1,000 bytes.</summary>
    public Func<byte[], bool> Large { get; set; } = c => c.Length > 1000;

    public ConcurrentQueue<HubRequest> Requests { get; } = [];

    /// <summary>After how many bytes the next answers to GET are cut.</summary>
    public ConcurrentQueue<int> Cuts { get; } = [];

    /// <summary>Status codes that the next requests get instead of an answer.</summary>
    public ConcurrentQueue<int> Failures { get; } = [];

    /// <summary>Where GETs of large files are redirected to.</summary>
    public FakeHub? Store { get; set; }

    public string? RequiredToken { get; set; }

    public bool IgnoresRange { get; set; }

    /// <summary>What is announced instead of the SHA-256.</summary>
    public string? WrongHash { get; set; }

    /// <summary>Awaited after the first half of the bytes of each GET.</summary>
    public Func<Task> Halfway { get; set; } = () => Task.CompletedTask;

    public int Gets(string file) => Requests.Count(r => r.Method == "GET" && r.Path.EndsWith(file, StringComparison.Ordinal));

    public static async Task<FakeHub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var hub = new FakeHub(builder.Build());
        hub._app.Run(hub.AnswerAsync);
        await hub._app.StartAsync(TestContext.Current.CancellationToken);
        return hub;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var authorization = request.Headers.Authorization.FirstOrDefault();
        Requests.Enqueue(new HubRequest(request.Method, request.Path, authorization, request.Headers.Range.FirstOrDefault()));
        if (Failures.TryDequeue(out var failure))
        {
            response.StatusCode = failure;
            return;
        }
        if (RequiredToken is not null && authorization != $"Bearer {RequiredToken}")
        {
            response.StatusCode = 401;
            return;
        }
        var parts = request.Path.Value!.Trim('/').Split('/', 5); // organisation, name, "resolve", revision, file
        if (parts[3] is not ("main" or Commit)) Error(response, "RevisionNotFound");
        else if (!Files.Keys.Any(k => k.StartsWith($"{parts[0]}/{parts[1]}/", StringComparison.Ordinal))) Error(response, "RepoNotFound");
        else if (!Files.TryGetValue($"{parts[0]}/{parts[1]}/{parts[4]}", out var content)) Error(response, "EntryNotFound");
        else await SendAsync(context, content);
    }

    private static void Error(HttpResponse response, string code)
    {
        response.StatusCode = 404;
        response.Headers["X-Error-Code"] = code;
    }

    private async Task SendAsync(HttpContext context, byte[] content)
    {
        var response = context.Response;
        response.Headers["X-Repo-Commit"] = Commit;
        if (Large(content))
        {
            response.Headers["X-Linked-Etag"] = $"\"{WrongHash ?? Convert.ToHexStringLower(SHA256.HashData(content))}\"";
            response.Headers["X-Linked-Size"] = $"{content.Length}";
            response.Headers.ETag = "\"etag-of-the-redirect\"";
            if (Store is not null)
            {
                response.Redirect(new Uri(Store.Address, context.Request.Path.Value!).AbsoluteUri);
                return;
            }
        }
        else
        {
            response.Headers.ETag = $"W/\"{Convert.ToHexStringLower(SHA256.HashData(content))[..40]}\"";
        }
        var start = 0;
        if (!IgnoresRange && context.Request.GetTypedHeaders().Range?.Ranges.Single().From is { } from)
        {
            start = (int)from;
            response.StatusCode = start < content.Length ? 206 : 416;
            if (response.StatusCode == 416) return;
            response.Headers.ContentRange = $"bytes {start}-{content.Length - 1}/{content.Length}";
        }
        response.ContentLength = content.Length - start;
        if (context.Request.Method == "HEAD") return;
        var end = Cuts.TryDequeue(out var cut) ? Math.Min(content.Length, start + cut) : content.Length;
        var pause = start + (end - start) / 2;
        await response.Body.WriteAsync(content.AsMemory(start, pause - start));
        await response.Body.FlushAsync();
        await Halfway();
        await response.Body.WriteAsync(content.AsMemory(pause, end - pause));
        await response.Body.FlushAsync();
        if (end == content.Length) return;
        // Shut down rather than abort: a reset may throw away what the client has not read yet.
        context.Features.Get<IConnectionSocketFeature>()!.Socket.Shutdown(SocketShutdown.Send);
        var closed = new TaskCompletionSource();
        using var _ = context.RequestAborted.Register(closed.SetResult);
        await closed.Task;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

using System.ComponentModel;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Collections.Concurrent;
using EcgPeft.Core;
using EcgPeft.Core.Reports.Document;

namespace EcgPeft.Cli.WebLoad;

/// <summary>A Chromium of its own for a measurement, spoken to in the protocol that its developer tools use.</summary>
internal sealed class BrowserProcess : IAsyncDisposable
{
    private const string Announcement = "DevTools listening on ";

    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _waiting = [];
    private int _last;

    private BrowserProcess(Process process, string profile) => (_process, _profile) = (process, profile);

    /// <summary>Starts the browser that prints reports (<see cref="PdfReport.Browser"/>); null where there is none.</summary>
    /// <exception cref="UserInputException">It cannot be started.</exception>
    public static async Task<BrowserProcess?> StartAsync(CancellationToken cancel)
    {
        if (PdfReport.Browser is not { } program) return null;
        var profile = Directory.CreateTempSubdirectory("ecgpeft-browser-").FullName;
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in new[] { "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0", "--js-flags=--expose-gc", $"--user-data-dir={profile}", "about:blank" })
            start.ArgumentList.Add(argument);
        try
        {
            var process = Process.Start(start)!;
            var browser = new BrowserProcess(process, profile);
            var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            process.ErrorDataReceived += (_, line) =>
            {
                if (line.Data?.StartsWith(Announcement, StringComparison.Ordinal) == true) address.TrySetResult(line.Data[Announcement.Length..]);
            };
            process.OutputDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            await browser._socket.ConnectAsync(new Uri(await address.Task.WaitAsync(TimeSpan.FromMinutes(1), cancel)), cancel);
            _ = Task.Run(browser.ReadAsync, CancellationToken.None);
            return browser;
        }
        catch (Win32Exception e)
        {
            throw new UserInputException($"{program} cannot be started ({e.Message.TrimEnd('.')}); set CHROMIUM to the path of Chromium or Chrome.", e);
        }
    }

    /// <summary>A tab with a cache and cookies of its own.</summary>
    public async Task<BrowserTab> OpenAsync(CancellationToken cancel)
    {
        var context = (string)(await SendAsync("Target.createBrowserContext", new(), null, cancel))["browserContextId"]!;
        var target = (string)(await SendAsync("Target.createTarget", new() { ["url"] = "about:blank", ["browserContextId"] = context, ["width"] = 1400, ["height"] = 900 }, null, cancel))["targetId"]!;
        var session = (string)(await SendAsync("Target.attachToTarget", new() { ["targetId"] = target, ["flatten"] = true }, null, cancel))["sessionId"]!;
        return new BrowserTab((method, parameters) => SendAsync(method, parameters, session, cancel), () => SendAsync("Target.disposeBrowserContext", new() { ["browserContextId"] = context }, null, CancellationToken.None));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _socket.Dispose();
        _sending.Dispose();
        Directory.Delete(_profile, recursive: true);
    }

    private async Task<JsonNode> SendAsync(string method, JsonObject parameters, string? session, CancellationToken cancel)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = _waiting[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (session is not null) message["sessionId"] = session;
        await _sending.WaitAsync(cancel);
        try
        {
            await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, true, cancel);
        }
        finally
        {
            _sending.Release();
        }
        return await answer.Task.WaitAsync(TimeSpan.FromMinutes(2), cancel);
    }

    private async Task ReadAsync()
    {
        var (buffer, message) = (new byte[1 << 16], new MemoryStream());
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer, CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close) break;
                message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage) continue;
                Take(JsonNode.Parse(message.ToArray())!);
                message.SetLength(0);
            }
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The browser is gone; whoever still waits for an answer is told below.
        }
        foreach (var waiting in _waiting.Values) waiting.TrySetException(new IOException("The browser has ended."));
    }

    private void Take(JsonNode message)
    {
        if (message["id"] is not { } id || !_waiting.TryRemove((int)id, out var waiting)) return;
        if (message["error"] is { } error) waiting.SetException(new InvalidOperationException($"Chromium refused: {error["message"]}"));
        else waiting.SetResult(message["result"]!);
    }
}

using System.Text.Json.Nodes;

namespace EcgPeft.Cli.WebLoad;

/// <summary>One tab of a <see cref="BrowserProcess"/>.</summary>
/// <param name="send">Sends a command to this tab and gives its answer.</param>
/// <param name="close">Closes it.</param>
internal sealed class BrowserTab(Func<string, JsonObject, Task<JsonNode>> send, Func<Task> close) : IAsyncDisposable
{
    /// <summary>Opens an address; the new document may not be whole yet when this returns.</summary>
    public Task GoAsync(string address) => send("Page.navigate", new() { ["url"] = address });

    /// <summary>Runs a script in the page (a promise is waited for) and gives its value.</summary>
    /// <exception cref="InvalidOperationException">The script threw.</exception>
    public async Task<JsonNode?> RunAsync(string script)
    {
        var answer = await send("Runtime.evaluate", new() { ["expression"] = script, ["awaitPromise"] = true, ["returnByValue"] = true });
        return answer["exceptionDetails"] is { } trouble ? throw new InvalidOperationException($"A script in the page failed: {trouble["exception"]?["description"] ?? trouble["text"]}") : answer["result"]!["value"];
    }

    /// <summary>Lets a script run in every document of this tab before its own scripts do.</summary>
    public async Task BeforeEachDocumentAsync(string script)
    {
        await send("Page.enable", new());
        await send("Page.addScriptToEvaluateOnNewDocument", new() { ["source"] = script });
    }

    /// <summary>Bytes of live JavaScript objects and number of DOM nodes, after a collection.</summary>
    public async Task<(double Bytes, double Nodes)> MemoryAsync()
    {
        await send("HeapProfiler.collectGarbage", new());
        await send("Performance.enable", new());
        var metrics = (await send("Performance.getMetrics", new()))["metrics"]!.AsArray().ToDictionary(metric => (string)metric!["name"]!, metric => (double)metric!["value"]!);
        return (metrics["JSHeapUsedSize"], metrics["Nodes"]);
    }

    public async ValueTask DisposeAsync() => await close();
}

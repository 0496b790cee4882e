using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EcgPeft.Core.Runs;
using EcgPeft.Tests.Runs;

namespace EcgPeft.Tests.Web;

/// <summary>
/// Every address of the OpenAPI document gets what nobody should send: in its path, its query and its body, by every method. Each answer is a
/// refusal with one sentence, or none is needed; none is a failure of the server, and nothing is made or leaves the data folder.
/// </summary>
public sealed class HostileRequestsTests(WebFixture fixture) : IClassFixture<WebFixture>
{
    private static readonly string[] PathValues =
    [
        "..%2f..%2fecgpeft.db", "%2e%2e%2fstudies", "..%5c..%5cecgpeft.db", "%2fetc%2fpasswd", ".", "%2e%2e", "x%00", "%0d%0aX-Evil:1", "%ff%fe", "%F0%9F%92%A5", "*", "null", "-1", "CON", ".hidden", "%20", "a;b=c", "%3Cscript%3E",
        "0123456789abcdef0123456789abcdef", "'%20OR%201=1", new('x', 3000),
    ];

    private static readonly string[] QueryValues = ["", "-1", "0", "99999999999999999999", "1.5", "NaN", "abc", "%00", "%ff", "%0d%0aX-Evil:1", "..%2f..%2fetc", "true", "%5B%5D", "@me", "a=b", "training.epochs=", "=", "training.epochs=x", "..=1", "peft.method=%00", "seed=1e400", new('x', 5000)];

    private static readonly string[] Bodies =
    [
        "", " ", "{", "[]", "null", "true", "\"text\"", "1e999", "{}", "{\"unknown\":1}", "{\"a\":1,\"a\":2}", "{\"base\":null}", "{\"base\":{}}", "{\"id\":null}", "{\"id\":\"../../etc\"}", "{\"tags\":[null]}", "{\"concurrency\":1e99}", "{\"__proto__\":{}}",
        "\u0000", "{\"name\":\"\\ud83d\"}", "{\"tags\":[\"\\udc00\"]}", new string('[', 5000), "{\"base\":" + string.Concat(Enumerable.Repeat("{\"data\":", 500)),
    ];

    private static readonly JsonNode?[] Values =
    [
        null, -1, 1e308, "", "../../etc/passwd", "a\0b", true, new JsonArray(null, -1, "x"), new JsonObject { ["$type"] = "x" },
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ids_and_queries_of_any_kind_are_refused_in_a_sentence()
    {
        var run = RunSamples.Completed(fixture.Web.Root);
        using var client = new HttpClient();
        await ListedAsync(client, run.Id);
        foreach (var (path, method, operation) in await OperationsAsync(client))
        {
            var names = Parameters(operation, "query");
            foreach (var value in PathValues.Where(_ => path.Contains('{', StringComparison.Ordinal)))
                await AskAsync(client, method, Filled(path, value));
            // Deleting, and cloning without a setting, would only do what they are for.
            if (method == "DELETE") continue;
            foreach (var name in names)
                foreach (var value in QueryValues.Where(value => path != "/api/runs/{id}/clone" || value.Contains('=', StringComparison.Ordinal)))
                    foreach (var id in path.Contains('{', StringComparison.Ordinal) ? new[] { "nothing", run.Id } : [""])
                        await AskAsync(client, method, $"{Filled(path, id)}?{name}={value}");
        }
        await NothingHappenedAsync(client, run.Id);
    }

    [Fact]
    public async Task Bodies_of_any_kind_are_refused_in_a_sentence()
    {
        var run = RunSamples.Completed(fixture.Web.Root);
        using var client = new HttpClient();
        await ListedAsync(client, run.Id);
        foreach (var (path, method, _) in await OperationsAsync(client))
        {
            if (method is "GET" or "DELETE" || path.EndsWith("/clone", StringComparison.Ordinal)) continue;
            foreach (var body in Bodies)
                foreach (var kind in new[] { "application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x", "application/zip", "application/json; charset=nothing", null })
                    await AskAsync(client, method, Filled(path, run.Id), body, kind);
        }
        await NothingHappenedAsync(client, run.Id);
    }

    [Fact]
    public async Task Every_field_of_every_body_refuses_what_is_of_another_type()
    {
        var run = RunSamples.Completed(fixture.Web.Root);
        using var client = new HttpClient();
        await ListedAsync(client, run.Id);
        var document = await DocumentAsync(client);
        var asked = 0;
        foreach (var (path, method, operation) in await OperationsAsync(client))
        {
            if (operation["requestBody"]?["content"]?["application/json"]?["schema"] is not { } schema) continue;
            foreach (var body in Wrong(document, schema, depth: 3))
            {
                // What changes only a note of the run, or how many train at once, may be taken.
                await AskAsync(client, method, Filled(path, run.Id), body.ToJsonString(), "application/json");
                asked++;
            }
        }
        Assert.True(asked > 500, $"Only {asked} bodies were made of the document.");
        await NothingHappenedAsync(client, run.Id);
    }

    [Fact]
    public async Task Every_method_is_answered()
    {
        var run = RunSamples.Completed(fixture.Web.Root);
        using var client = new HttpClient();
        await ListedAsync(client, run.Id);
        foreach (var path in (await OperationsAsync(client)).Select(operation => operation.Path).Distinct().Where(path => !path.EndsWith("/clone", StringComparison.Ordinal)))
            foreach (var method in new[] { "HEAD", "OPTIONS", "TRACE", "CONNECTED", "PUT", "PATCH" })
                await AskAsync(client, method, Filled(path, run.Id));
        await NothingHappenedAsync(client, run.Id);
    }

    private async Task AskAsync(HttpClient client, string method, string address, string? body = null, string? kind = null)
    {
        var said = $"{method} {(address.Length > 200 ? address[..200] + "…" : address)} {(body?.Length > 200 ? body[..200] + "…" : body)} ({kind})";
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(fixture.Web.Address + address, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (kind is not null) request.Content.Headers.TryAddWithoutValidation("Content-Type", kind);
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        Assert.True((int)answer.StatusCode < 500, $"{said}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(limit.Token)}");
        if ((int)answer.StatusCode < 400 || method == "HEAD") return;
        var text = await answer.Content.ReadAsStringAsync(limit.Token);
        // What is no HTTP at all never gets as far as the product: the server itself refuses it, without a body.
        if (text.Length == 0 && answer.StatusCode == HttpStatusCode.BadRequest && answer.Content.Headers.ContentType is null && (address.Contains("%00", StringComparison.Ordinal) || address.Contains("%ff", StringComparison.OrdinalIgnoreCase))) return;
        Assert.True(answer.Content.Headers.ContentType?.MediaType == "application/problem+json", $"{said}: {answer.StatusCode} {answer.Content.Headers.ContentType} {text}");
        var detail = JsonNode.Parse(text)!["detail"]?.GetValue<string>();
        Assert.True(detail is { Length: > 10 } && !detail.Contains('\n', StringComparison.Ordinal) && !detail.Contains("   at ", StringComparison.Ordinal), $"{said}: {text}");
        Assert.False(answer.Headers.Contains("X-Evil"), said);
    }

    private async Task ListedAsync(HttpClient client, string id)
    {
        for (var round = 0; ; round++)
        {
            using var answer = await client.GetAsync(new Uri($"{fixture.Web.Address}/api/runs/{id}"), Cancel);
            if (answer.IsSuccessStatusCode) return;
            Assert.True(round < 400, "The run never came into the list.");
            await Task.Delay(50, Cancel);
        }
    }

    /// <summary>No run and no study was begun by any of it, and the run is as it was.</summary>
    private async Task NothingHappenedAsync(HttpClient client, string id)
    {
        var (root, address) = (fixture.Web.Root, fixture.Web.Address);
        Assert.All(Directory.GetDirectories(root.Runs), folder => Assert.Equal(EcgPeft.Core.Training.RunStatus.Completed, RunLife.Current(new RunFolder(folder))));
        Assert.Empty(Directory.Exists(root.Studies) ? Directory.GetDirectories(root.Studies) : []);
        Assert.Equal(["demo"], JsonNode.Parse(await client.GetStringAsync(new Uri(address + "/api/datasets"), Cancel))!["items"]!.AsArray().Select(set => set!["id"]!.GetValue<string>()));
        Assert.Equal("healthy", JsonNode.Parse(await client.GetStringAsync(new Uri(address + "/health"), Cancel))!["status"]!.GetValue<string>());
        Assert.Equal(id, JsonNode.Parse(await client.GetStringAsync(new Uri($"{address}/api/runs/{id}"), Cancel))!["id"]!.GetValue<string>());
        Assert.DoesNotContain("fail: ", fixture.Web.Output, StringComparison.Ordinal);
    }

    private async Task<JsonNode> DocumentAsync(HttpClient client) => JsonNode.Parse(await client.GetStringAsync(new Uri(fixture.Web.Address + "/openapi/v1.json"), Cancel))!;

    private async Task<IReadOnlyList<(string Path, string Method, JsonNode Operation)>> OperationsAsync(HttpClient client) =>
        [.. from path in (await DocumentAsync(client))["paths"]!.AsObject() from operation in path.Value!.AsObject() select (path.Key, operation.Key.ToUpperInvariant(), operation.Value!)];

    private static IEnumerable<string> Parameters(JsonNode operation, string where) => (operation["parameters"]?.AsArray() ?? []).Where(parameter => parameter!["in"]!.GetValue<string>() == where).Select(parameter => parameter!["name"]!.GetValue<string>());

    /// <summary>All parameters of a path get one value.</summary>
    private static string Filled(string path, string value) => System.Text.RegularExpressions.Regex.Replace(path, @"\{[^}]+\}", value.Replace("$", "$$", StringComparison.Ordinal));

    /// <summary>Objects of a schema, each with one field that has a value of another type.</summary>
    private static IEnumerable<JsonObject> Wrong(JsonNode document, JsonNode schema, int depth)
    {
        foreach (var (name, field) in Properties(document, schema))
        {
            foreach (var value in Values) yield return new() { [name] = value?.DeepClone() };
            if (depth > 1)
                foreach (var inner in Wrong(document, field, depth - 1)) yield return new() { [name] = inner };
        }
    }

    private static IEnumerable<(string Name, JsonNode Schema)> Properties(JsonNode document, JsonNode schema)
    {
        if (schema["$ref"]?.GetValue<string>() is { } reference) schema = document["components"]!["schemas"]![reference.Split('/')[^1]]!;
        foreach (var option in (schema["oneOf"] ?? schema["anyOf"] ?? schema["allOf"])?.AsArray() ?? [])
            foreach (var found in Properties(document, option!)) yield return found;
        foreach (var (name, field) in schema["properties"]?.AsObject() ?? []) yield return (name, field!);
    }
}

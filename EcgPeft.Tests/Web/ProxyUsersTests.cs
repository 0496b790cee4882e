using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Tests.EndToEnd;
using EcgPeft.Tests.Runs;
using EcgPeft.Web.Hosting;
using Microsoft.Extensions.Configuration;

namespace EcgPeft.Tests.Web;

/// <summary>Users whom a proxy names: believed from its address alone, and everybody changes only their own.</summary>
public sealed class ProxyUsersTests
{
    private const string Header = "X-Forwarded-User", Secret = "a-secret-of-enough-letters";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_api_lets_users_change_their_own_runs_only()
    {
        var root = RunSamples.Root();
        var (hers, his, ofNobody) = (RunSamples.Completed(root), RunSamples.Completed(root), RunSamples.Completed(root));
        RunOwners.Give(root, hers.Id, "alice");
        RunOwners.Give(root, his.Id, "bob");
        await using var web = await StartAsync(root, "127.0.0.1");
        using var bob = Client(web, (Header, "bob"));

        foreach (var (method, path, body) in new[]
        {
            ("DELETE", $"/api/runs/{hers.Id}", null), ("PATCH", $"/api/runs/{hers.Id}", """{ "note": "mine" }"""), ("POST", $"/api/runs/{hers.Id}/stop", null),
            ("POST", $"/api/runs/{hers.Id}/resume", null), ("DELETE", $"/api/runs/{ofNobody.Id}", null),
        })
        {
            using var refused = await SendAsync(bob, method, path, body);
            Assert.Equal((HttpStatusCode.Forbidden, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType?.MediaType));
            Assert.Contains(path.Contains(hers.Id, StringComparison.Ordinal) ? "belongs to alice; bob can look" : "belongs to nobody", await Detail(refused), StringComparison.Ordinal);
        }
        Assert.Equal([his.Id], await Ids(bob, "/api/runs?owner=@me"));
        Assert.Equal([hers.Id], await Ids(bob, "/api/runs?owner=alice"));
        Assert.Equal(3, (await Ids(bob, "/api/runs")).Length);

        using var cloned = await SendAsync(bob, "POST", $"/api/runs/{hers.Id}/clone", null);
        Assert.Equal("bob", (await cloned.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("notes").GetProperty("owner").GetString());
        using var deleted = await SendAsync(bob, "DELETE", $"/api/runs/{his.Id}", null);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        var name = (await deleted.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("name").GetString();
        using var alice = Client(web, (Header, "alice"));
        using var refusedRestore = await SendAsync(alice, "POST", $"/api/trash/{name}/restore", null);
        Assert.Equal(HttpStatusCode.Forbidden, refusedRestore.StatusCode);
        using var changed = await SendAsync(alice, "PATCH", $"/api/runs/{hers.Id}", """{ "note": "mine" }""");
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal(new RunNotes { Owner = "alice", Note = "mine" }, RunNotes.Read(hers));
    }

    [Fact]
    public async Task The_proxy_has_to_name_one_user_on_every_request()
    {
        await using var web = await StartAsync(RunSamples.Root(), "10.1.2.3, 127.0.0.0/8");
        foreach (var values in new string[][] { [], [""], [" "], ["alice, bob"], ["alice", "bob"], [new string('x', 201)] })
        {
            using var client = Client(web, [.. values.Select(value => (Header, value))]);
            foreach (var path in new[] { "/", "/api/runs", "/_blazor/negotiate?negotiateVersion=1" })
            {
                using var refused = await SendAsync(client, path.StartsWith("/_", StringComparison.Ordinal) ? "POST" : "GET", path, null);
                Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
                Assert.Contains(values is [] ? "sends no X-Forwarded-User" : "does not name one user", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
            }
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("/health", UriKind.Relative), Cancel)).StatusCode); // a supervisor is no user
        }
        using var known = Client(web, (Header, "Zoë"));
        Assert.Equal(HttpStatusCode.OK, (await known.GetAsync(new Uri("/", UriKind.Relative), Cancel)).StatusCode);
    }

    [Fact]
    public async Task The_header_of_anybody_else_is_not_believed()
    {
        var root = RunSamples.Root();
        var hers = RunSamples.Completed(root);
        RunOwners.Give(root, hers.Id, "alice");
        // With a token set the dashboard believes X-Forwarded-For of a proxy on this machine, but not about who the proxy is.
        await using var web = await StartAsync(root, "10.1.2.3", ("EcgPeft__AccessToken", Secret));
        using var spoofed = Client(web, (Header, "alice"), ("X-Forwarded-For", "10.1.2.3"), ("Authorization", $"Bearer {Secret}"));
        foreach (var (method, path) in new[] { ("DELETE", $"/api/runs/{hers.Id}"), ("POST", $"/api/runs/{hers.Id}/clone"), ("PUT", "/api/queue"), ("GET", "/runs"), ("POST", "/_blazor/negotiate?negotiateVersion=1") })
        {
            using var refused = await SendAsync(spoofed, method, path, method == "PUT" ? """{ "concurrency": 2 }""" : null);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.Contains("used through the proxy", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
        Assert.Equal([hers.Id], await Ids(spoofed, "/api/runs")); // it may look
        using var unknown = await SendAsync(spoofed, "GET", "/api/runs?owner=@me", null);
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
        Assert.Contains("names no user", await Detail(unknown), StringComparison.Ordinal);
        using var stranger = Client(web, (Header, "alice"), ("X-Forwarded-For", "10.1.2.3"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync(new Uri("/api/runs", UriKind.Relative), Cancel)).StatusCode); // no token either
        Assert.True(Directory.Exists(hers.Path));
    }

    [Theory]
    [InlineData("X-Forwarded-User", "", "names no proxy that may send it")]
    [InlineData("", "127.0.0.1", "does not say in which header")]
    [InlineData("X-Forwarded-User", "localhost", "'localhost', which is neither an address nor a network")]
    [InlineData("X-Forwarded-User", "10.0.0.0/33", "'10.0.0.0/33'")]
    [InlineData("X Forwarded User", "127.0.0.1", "no name of a header")]
    public void Settings_that_make_no_sense_are_said_at_the_start(string header, string trusted, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<UserInputException>(() => ProxyUsers.Read(Settings(("EcgPeft:Proxy:UserHeader", header), ("EcgPeft:Proxy:Trusted", trusted)))).Message, StringComparison.Ordinal);

    [Fact]
    public void Without_the_settings_there_are_no_users()
    {
        Assert.Null(ProxyUsers.Read(Settings()));
        Assert.NotNull(ProxyUsers.Read(Settings(("EcgPeft:Proxy:UserHeader", "X-User"), ("EcgPeft:Proxy:Trusted:0", "::1"), ("EcgPeft:Proxy:Trusted:1", "fd00::/8"))));
    }

    private static IConfiguration Settings(params (string Key, string Value)[] values) => new ConfigurationBuilder().AddInMemoryCollection(values.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build();

    private static Task<WebProcess> StartAsync(DataRoot root, string trusted, params (string, string)[] more) =>
        WebProcess.StartAsync(root, settings: [("EcgPeft__Proxy__UserHeader", Header), ("EcgPeft__Proxy__Trusted", trusted), .. more]);

    private static HttpClient Client(WebProcess web, params (string Name, string Value)[] headers)
    {
        var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8, AllowAutoRedirect = false }) { BaseAddress = new Uri(web.Address) };
        foreach (var (name, value) in headers) client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        return client;
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path, string? body) =>
        client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json") }, Cancel);

    private static async Task<string> Detail(HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("detail").GetString()!;

    private static async Task<string[]> Ids(HttpClient client, string path) =>
        [.. (await client.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative), Cancel)).GetProperty("items").EnumerateArray().Select(run => run.GetProperty("id").GetString()!)];
}

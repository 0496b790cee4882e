using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EcgPeft.Core.Runs;
using EcgPeft.Tests.Cli;
using EcgPeft.Tests.EndToEnd;
using EcgPeft.Tests.Runs;

namespace EcgPeft.Tests.Web;

/// <summary>A dashboard with a token that a reverse proxy shows below a path of another site.</summary>
public sealed class PrefixedWeb : IAsyncLifetime
{
    public const string Prefix = "/lab/ecgpeft";

    internal WebProcess Web { get; private set; } = null!;

    internal RunFolder Run { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var root = RunSamples.Root();
        Run = RunSamples.Completed(root);
        Web = await WebProcess.StartAsync(root, settings: [("EcgPeft__PathBase", Prefix + "/"), ("EcgPeft__AccessToken", GuardedWeb.Token)]);
    }

    public async ValueTask DisposeAsync() => await Web.DisposeAsync();
}

public sealed class PathPrefixTests(PrefixedWeb fixture) : IClassFixture<PrefixedWeb>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(PrefixedWeb.Prefix)] // a proxy that passes the path on
    [InlineData("")] // one that cuts it off
    public async Task Addresses_cookies_and_redirects_begin_with_the_path(string sent)
    {
        using var client = Client();
        using var asked = new HttpRequestMessage(HttpMethod.Get, $"{sent}/runs");
        asked.Headers.Accept.ParseAdd("text/html");
        using var ask = await client.SendAsync(asked, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, ask.StatusCode);
        Assert.Contains($"action=\"{PrefixedWeb.Prefix}/login?to=%2Fruns\"", await ask.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);

        using var form = new FormUrlEncodedContent([KeyValuePair.Create("token", GuardedWeb.Token)]);
        using var login = await client.PostAsync(Address($"{sent}/login?to=%2Fruns%3Fq%3Da"), form, Cancel);
        Assert.Equal((HttpStatusCode.Redirect, $"{PrefixedWeb.Prefix}/runs?q=a"), (login.StatusCode, login.Headers.Location?.OriginalString));
        using var link = await client.GetAsync(Address($"{sent}/runs?token={GuardedWeb.Token}&q=a"), Cancel);
        Assert.Equal((HttpStatusCode.Redirect, $"{PrefixedWeb.Prefix}/runs?q=a"), (link.StatusCode, link.Headers.Location?.OriginalString));
        var cookie = Assert.Single(link.Headers.GetValues("Set-Cookie"));
        Assert.Contains($"path={PrefixedWeb.Prefix};", cookie, StringComparison.Ordinal);

        client.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);
        using var page = await client.GetAsync(Address($"{sent}/runs"), Cancel);
        var html = await page.Content.ReadAsStringAsync(Cancel);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains($"<base href=\"{PrefixedWeb.Prefix}/\"", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("(src|href)=\"/(?!lab/ecgpeft/)", html);
        Assert.All(page.Headers.TryGetValues("Set-Cookie", out var set) ? set : [], value => Assert.Contains($"path={PrefixedWeb.Prefix}", value, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(Address($"{sent}/no-such-page"), Cancel)).StatusCode);
    }

    [Theory]
    [InlineData(PrefixedWeb.Prefix)]
    [InlineData("")]
    public async Task The_API_says_where_it_is(string sent)
    {
        using var client = Client();
        client.DefaultRequestHeaders.Authorization = new("Bearer", GuardedWeb.Token);
        var document = await client.GetFromJsonAsync<JsonElement>(Address($"{sent}/openapi/v1.json"), Cancel);
        Assert.Equal(PrefixedWeb.Prefix, Assert.Single(document.GetProperty("servers").EnumerateArray().ToList()).GetProperty("url").GetString());
        using var recipe = await client.GetAsync(Address($"{sent}/api/runs/{fixture.Run.Id}/recipe"), Cancel);
        Assert.Equal(HttpStatusCode.OK, recipe.StatusCode);
        using var created = await client.PostAsync(Address($"{sent}/api/runs/{fixture.Run.Id}/clone"), null, Cancel);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.StartsWith($"{PrefixedWeb.Prefix}/api/runs/", created.Headers.Location?.OriginalString, StringComparison.Ordinal);
        using var hub = await client.PostAsync(Address($"{sent}/hubs/runs/negotiate?negotiateVersion=1"), null, Cancel);
        Assert.Equal(HttpStatusCode.OK, hub.StatusCode);
        using var health = await client.GetAsync(Address($"{sent}/health"), Cancel);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        using var none = await client.GetAsync(Address($"{sent}/api/runs/no-such-run"), Cancel);
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (none.StatusCode, none.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task A_run_is_watched_by_the_address_that_the_dashboard_says()
    {
        Assert.EndsWith(PrefixedWeb.Prefix, fixture.Web.Address, StringComparison.Ordinal);
        Assert.Equal(0, (await CliProcess.RunAsync([], "watch", fixture.Run.Id, "--url", fixture.Web.Address, "--token", GuardedWeb.Token)).ExitCode);
    }

    [Theory]
    [InlineData("/a b")]
    [InlineData("https://lab.example/ecgpeft")]
    [InlineData("/lab/../ecgpeft")]
    [InlineData("/a;b")]
    public async Task What_is_no_path_is_refused(string prefix)
    {
        var (exit, error) = await WebProcess.RefusedAsync("--urls", "http://127.0.0.1:0", "--EcgPeft:PathBase", prefix);
        Assert.Equal(2, exit);
        Assert.Contains($"EcgPeft:PathBase is '{prefix}'", error, StringComparison.Ordinal);
    }

    private HttpClient Client() => new(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(new Uri(fixture.Web.Address), "/") };

    private static Uri Address(string path) => new(path, UriKind.Relative);
}

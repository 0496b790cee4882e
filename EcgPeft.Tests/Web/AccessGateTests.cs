using System.Net;
using EcgPeft.Tests.EndToEnd;

namespace EcgPeft.Tests.Web;

/// <summary>A dashboard that others can reach, with an access token.</summary>
public sealed class GuardedWeb : IAsyncLifetime
{
    public const string Token = "correct-horse-battery-staple";

    internal WebProcess Web { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Web = await WebProcess.StartAsync(settings: ("EcgPeft__AccessToken", Token));

    public async ValueTask DisposeAsync() => await Web.DisposeAsync();
}

public sealed class AccessGateTests(GuardedWeb fixture) : IClassFixture<GuardedWeb>
{
    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/api/datasets")]
    [InlineData("POST", "/hubs/runs/negotiate?negotiateVersion=1")]
    [InlineData("POST", "/_blazor/negotiate?negotiateVersion=1")]
    [InlineData("GET", "/dist/app.css")]
    public async Task Without_the_token_nothing_opens(string method, string path)
    {
        using var client = Client();
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(client, method, path)).StatusCode);
        using var other = Client();
        other.DefaultRequestHeaders.Add("Cookie", "ecgpeft-access=0123456789");
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(other, method, path)).StatusCode);
    }

    [Fact]
    public async Task A_program_that_asks_the_API_without_it_gets_a_problem()
    {
        using var client = Client();
        using var answer = await SendAsync(client, "GET", "/api/runs");
        Assert.Equal((HttpStatusCode.Unauthorized, "application/problem+json", "Bearer"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, answer.Headers.WwwAuthenticate.ToString()));
        Assert.Contains("Authorization: Bearer TOKEN", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_brings_it_in_a_header()
    {
        using var client = Client();
        client.DefaultRequestHeaders.Authorization = new("Bearer", GuardedWeb.Token);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(client, "POST", "/hubs/runs/negotiate?negotiateVersion=1")).StatusCode);
    }

    [Fact]
    public async Task A_browser_gives_it_once_and_it_leaves_the_address()
    {
        using var client = Client();
        var first = await SendAsync(client, "GET", $"/runs?token={GuardedWeb.Token}&q=a");
        Assert.Equal((HttpStatusCode.Redirect, "/runs?q=a"), (first.StatusCode, first.Headers.Location?.OriginalString));
        var cookie = Assert.Single(first.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(GuardedWeb.Token, cookie, StringComparison.Ordinal);
        client.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(client, "GET", "/runs")).StatusCode);
    }

    [Theory]
    [InlineData("/runs?q=a", "/runs?q=a")]
    [InlineData("//evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    public async Task The_login_page_leads_to_pages_of_its_own_only(string to, string expected)
    {
        using var client = Client();
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("token", GuardedWeb.Token)]);
        using var answer = await client.PostAsync(new Uri($"/login?to={Uri.EscapeDataString(to)}", UriKind.Relative), form, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.Redirect, expected), (answer.StatusCode, answer.Headers.Location?.OriginalString));
    }

    private HttpClient Client() => new(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(fixture.Web.Address) };

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path) =>
        client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), TestContext.Current.CancellationToken);
}

public sealed class AccessGateLimitTests
{
    [Fact]
    public async Task Guessing_is_slowed_down_also_for_a_right_guess()
    {
        await using var web = await WebProcess.StartAsync(settings: ("EcgPeft__AccessToken", GuardedWeb.Token));
        using var client = new HttpClient { BaseAddress = new Uri(web.Address) };
        for (var i = 0; i < 10; i++) Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(client, "wrong"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await TryAsync(client, GuardedWeb.Token));
    }

    private static async Task<HttpStatusCode> TryAsync(HttpClient client, string token)
    {
        using var answer = await client.GetAsync(new Uri($"/?token={token}", UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}

using System.Net;

namespace EcgPeft.Tests.Web;

public sealed class RequestGuardTests(WebFixture fixture) : IClassFixture<WebFixture>
{
    [Theory]
    [InlineData("POST", "/hubs/runs/negotiate?negotiateVersion=1")]
    [InlineData("POST", "/_blazor/negotiate?negotiateVersion=1")]
    [InlineData("POST", "/api/datasets")]
    [InlineData("GET", "/")]
    public async Task Another_origin_is_turned_away(string method, string path)
    {
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOf(method, path, origin: "http://evil.example"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOf(method, path, origin: "null"));
        Assert.NotEqual(HttpStatusCode.Forbidden, await StatusOf(method, path, origin: fixture.Web.Address));
    }

    [Fact]
    public async Task A_foreign_name_for_this_machine_is_turned_away() => Assert.Equal(HttpStatusCode.Forbidden, await StatusOf("GET", "/", host: "rebound.example"));

    [Theory]
    [InlineData("/")]
    [InlineData("/dist/app.css")]
    [InlineData("/no-such-page")]
    public async Task Every_answer_carries_the_policy(string path)
    {
        using var client = new HttpClient { BaseAddress = new Uri(fixture.Web.Address) };
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task An_address_that_names_nothing_still_gets_a_page_and_a_program_a_problem()
    {
        using var client = new HttpClient { BaseAddress = new Uri(fixture.Web.Address) };
        using var page = await client.GetAsync(new Uri("/no-such-page", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.Contains("blazor.web", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var api = await client.GetAsync(new Uri("/api/nothing", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (api.StatusCode, api.Content.Headers.ContentType?.MediaType));
    }

    [Theory]
    [InlineData("dark", "dark")]
    [InlineData("light", "light")]
    public async Task The_first_byte_has_the_remembered_theme(string cookie, string theme)
    {
        using var client = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = new Uri(fixture.Web.Address) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Cookie", $"ecgpeft-theme={cookie}");
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Contains($"data-theme=\"{theme}\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private async Task<HttpStatusCode> StatusOf(string method, string path, string? origin = null, string? host = null)
    {
        using var client = new HttpClient { BaseAddress = new Uri(fixture.Web.Address) };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (origin is not null) request.Headers.Add("Origin", origin);
        request.Headers.Host = host;
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}

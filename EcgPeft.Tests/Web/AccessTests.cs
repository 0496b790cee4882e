using System.Net;
using System.Net.WebSockets;
using System.Text;
using EcgPeft.Tests.EndToEnd;

namespace EcgPeft.Tests.Web;

/// <summary>What other sites, other programs and other paths must not get from a dashboard.</summary>
public sealed class AccessTests(WebFixture fixture) : IClassFixture<WebFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Address => fixture.Web.Address;

    [Theory]
    [InlineData("/hubs/runs?id=x")]
    [InlineData("/_blazor?id=x")]
    public async Task A_web_socket_opens_for_own_pages_and_programs_only(string path)
    {
        Assert.Equal(HttpStatusCode.Forbidden, await SocketAsync(path, "http://evil.example"));
        Assert.Equal(HttpStatusCode.Forbidden, await SocketAsync(path, "null"));
        Assert.Equal(HttpStatusCode.Forbidden, await SocketAsync(path, Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal))); // another origin, also on this machine
        // 404: the connection "x" was never negotiated, but the door was open.
        Assert.Equal(HttpStatusCode.NotFound, await SocketAsync(path, Address));
        Assert.Equal(HttpStatusCode.NotFound, await SocketAsync(path, null));
    }

    [Theory]
    [InlineData("POST", "/api/runs")]
    [InlineData("POST", "/api/runs/import")]
    [InlineData("POST", "/api/datasets")]
    [InlineData("POST", "/api/models/pull")]
    [InlineData("PUT", "/api/queue")]
    [InlineData("DELETE", "/api/datasets/demo")]
    [InlineData("POST", "/api/runs/any/stop")]
    [InlineData("POST", "/api/trash/any/restore")]
    [InlineData("OPTIONS", "/api/runs")]
    public async Task A_forged_request_changes_nothing(string method, string path)
    {
        foreach (var kind in new[] { "application/json", "text/plain", "application/x-www-form-urlencoded" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(method, path, kind, ("Origin", "http://evil.example")));
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(method, path, kind, ("Origin", "null")));
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(method, path, kind, ("Sec-Fetch-Site", "cross-site")));
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(method, path, kind, ("Sec-Fetch-Site", "same-site")));
        }
        // A page of the dashboard, and a program without any of these headers, come through to the endpoint.
        if (method is "OPTIONS" or "DELETE") return;
        Assert.NotEqual(HttpStatusCode.Forbidden, await StatusAsync(method, path, "application/json", ("Origin", Address), ("Sec-Fetch-Site", "same-origin")));
        Assert.NotEqual(HttpStatusCode.Forbidden, await StatusAsync(method, path, "application/json"));
    }

    [Fact]
    public async Task A_link_from_another_site_opens_a_page_and_no_site_may_read_an_answer()
    {
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("GET", "/runs", null, ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")));
        using var client = new HttpClient { BaseAddress = new Uri(Address) };
        using var answer = await client.GetAsync(new Uri("/api/runs", UriKind.Relative), Cancel);
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Resource-Policy")));
        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("/..%2f..%2fappsettings.json")]
    [InlineData("/dist/..%2f..%2fappsettings.json")]
    [InlineData("/dist/%2e%2e/%2e%2e/appsettings.json")]
    [InlineData("/api/datasets/..%2fecgpeft.db")]
    [InlineData("/api/datasets/%2e%2e%2f%2e%2e%2fetc%2fpasswd/segments.csv")]
    [InlineData("/api/reports/..%2f..%2fkeys/report.html")]
    [InlineData("/api/reports/a/..%2f..%2f..%2fecgpeft.db")]
    [InlineData("/api/studies/..%2fruns/export")]
    [InlineData("/api/runs/..%2fdatasets%2fdemo/files/dataset.json")]
    [InlineData("/api/runs/..%2fdatasets%2fdemo/export")]
    [InlineData("/api/compare.csv?runs=../datasets/demo")]
    [InlineData("/openapi/..%2f..%2fappsettings.json")]
    public async Task No_address_leads_to_a_file_outside(string path)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(Address + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }), Cancel);
        Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{path}: {answer.StatusCode}");
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.DoesNotContain("DataRoot", text, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/new")]
    [InlineData("/runs")]
    [InlineData("/compare")]
    [InlineData("/data")]
    [InlineData("/models")]
    [InlineData("/report")]
    [InlineData("/settings")]
    [InlineData("/help")]
    [InlineData("/api/runs")]
    [InlineData("/api/nothing")]
    [InlineData("/openapi/index.html")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/health")]
    [InlineData("/no-such-page")]
    public async Task Every_answer_has_the_headers_and_no_page_an_inline_script(string path)
    {
        using var client = new HttpClient { BaseAddress = new Uri(Address) };
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        AssertHeaders(answer);
        var html = await answer.Content.ReadAsStringAsync(Cancel);
        if (answer.Content.Headers.ContentType?.MediaType != "text/html") return;
        Assert.DoesNotMatch("<script(?![^>]*\\bsrc=)", html);
        Assert.DoesNotMatch("\\son(click|load|error|change|input|submit)=", html);
        Assert.DoesNotMatch("(src|href)=\"(https?:)?//", html); // nothing from another host
    }

    internal static void AssertHeaders(HttpResponseMessage answer)
    {
        string Header(string name) => Assert.Single(answer.Headers.GetValues(name));
        var policy = Header("Content-Security-Policy");
        Assert.Contains("default-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("object-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("base-uri 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("form-action 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.Equal(("nosniff", "DENY", "same-origin"), (Header("X-Content-Type-Options"), Header("X-Frame-Options"), Header("Cross-Origin-Opener-Policy")));
        Assert.False(answer.Headers.Contains("Server"));
    }

    private async Task<HttpStatusCode> SocketAsync(string path, string? origin)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri(Address.Replace("http", "ws", StringComparison.Ordinal) + path), Cancel));
        return socket.HttpStatusCode;
    }

    private async Task<HttpStatusCode> StatusAsync(string method, string path, string? kind, params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient { BaseAddress = new Uri(Address) };
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = kind is null ? null : new StringContent("{}", Encoding.UTF8, kind) };
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        using var answer = await client.SendAsync(request, Cancel);
        return answer.StatusCode;
    }
}

/// <summary>A dashboard with a token behind a reverse proxy on this machine, and one with little room for uploads.</summary>
public sealed class AccessSettingsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Behind_a_proxy_the_public_address_is_the_own_one_and_the_cookie_is_for_https()
    {
        await using var web = await WebProcess.StartAsync(settings: ("EcgPeft__AccessToken", GuardedWeb.Token));
        using var client = new HttpClient(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(web.Address) };
        HttpRequestMessage Login(string scheme, string origin)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/login?to=/runs") { Content = new FormUrlEncodedContent([KeyValuePair.Create("token", GuardedWeb.Token)]) };
            request.Headers.Host = "lab.example";
            request.Headers.Add("X-Forwarded-Proto", scheme);
            request.Headers.Add("X-Forwarded-For", "192.0.2.7");
            request.Headers.Add("Origin", origin);
            return request;
        }
        using var answer = await client.SendAsync(Login("https", "https://lab.example"), Cancel);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Contains("secure", Assert.Single(answer.Headers.GetValues("Set-Cookie")), StringComparison.OrdinalIgnoreCase);
        AccessTests.AssertHeaders(answer);
        using var foreign = await client.SendAsync(Login("https", "https://evil.example"), Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
        AccessTests.AssertHeaders(foreign);

        // The limit counts the visitor behind the proxy, not the proxy.
        async Task<HttpStatusCode> GuessAsync(string from, string token)
        {
            using var guess = new HttpRequestMessage(HttpMethod.Get, $"/?token={token}");
            guess.Headers.Add("X-Forwarded-For", from);
            using var said = await client.SendAsync(guess, Cancel);
            return said.StatusCode;
        }
        for (var i = 0; i < 10; i++) Assert.Equal(HttpStatusCode.Unauthorized, await GuessAsync("192.0.2.8", "wrong"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await GuessAsync("192.0.2.8", GuardedWeb.Token));
        Assert.Equal(HttpStatusCode.Redirect, await GuessAsync("192.0.2.9", GuardedWeb.Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_that_is_too_large_is_refused_in_a_sentence_and_leaves_nothing(bool saysItsLength)
    {
        await using var web = await WebProcess.StartAsync(settings: ("EcgPeft__MaxUploadMegabytes", "1"));
        using var client = new HttpClient(new HttpClientHandler { UseCookies = true }) { BaseAddress = new Uri(web.Address) };
        var page = await client.GetStringAsync(new Uri("/data", UriKind.Relative), Cancel);
        client.DefaultRequestHeaders.Add("RequestVerificationToken", WebUtility.HtmlDecode(System.Text.RegularExpressions.Regex.Match(page, "name=\"request-token\" content=\"([^\"]+)\"").Groups[1].Value));
        client.DefaultRequestHeaders.ExpectContinue = true; // an answer before the body is sent is then no broken connection
        foreach (var (method, path, kind) in new[] { ("POST", "/api/datasets", "multipart/form-data; boundary=b"), ("POST", "/api/runs/import", "application/zip"), ("PUT", $"/api/uploads/{Guid.NewGuid()}/a.csv?offset=0", "application/octet-stream") })
        {
            var body = new byte[3 << 20];
            Encoding.ASCII.GetBytes("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n1,2,3").CopyTo(body, 0);
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = saysItsLength ? new ByteArrayContent(body) : new StreamContent(new Unseekable(body)) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", kind);
            using var answer = await client.SendAsync(request, Cancel);
            var text = await answer.Content.ReadAsStringAsync(Cancel);
            Assert.True(answer.StatusCode == HttpStatusCode.RequestEntityTooLarge, $"{path}: {answer.StatusCode} {text}");
            Assert.Contains("larger than", text, StringComparison.Ordinal);
        }
        Assert.Empty(Directory.Exists(Path.Combine(web.Root.Cache, "downloads")) ? Directory.EnumerateFiles(Path.Combine(web.Root.Cache, "downloads")) : []);
    }

    /// <summary>A body whose length is not known before it ends.</summary>
    private sealed class Unseekable(byte[] body) : MemoryStream(body)
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();
    }
}

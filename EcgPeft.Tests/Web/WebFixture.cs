using System.Net;
using System.Text.RegularExpressions;
using EcgPeft.Tests.EndToEnd;

namespace EcgPeft.Tests.Web;

/// <summary>One dashboard process for the tests of its HTTP surface.</summary>
public sealed partial class WebFixture : IAsyncLifetime
{
    internal WebProcess Web { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Web = await WebProcess.StartAsync();

    public async ValueTask DisposeAsync() => await Web.DisposeAsync();

    /// <summary>A client that has opened a page: it has the cookie, and the token to send along.</summary>
    internal async Task<(HttpClient Client, string Token)> VisitorAsync()
    {
        var client = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(Web.Address) };
        var page = await client.GetStringAsync(new Uri("/data", UriKind.Relative), TestContext.Current.CancellationToken);
        return (client, WebUtility.HtmlDecode(Token().Match(page).Groups[1].Value));
    }

    [GeneratedRegex("name=\"request-token\" content=\"([^\"]+)\"")]
    private static partial Regex Token();
}

using System.Collections.Concurrent;
using EcgPeft.Tests.Web;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>The dashboard below a path of another site, in a browser.</summary>
public sealed class PathPrefixPagesTests(PrefixedWeb fixture, Chromium chromium) : IClassFixture<PrefixedWeb>, IClassFixture<Chromium>
{
    [Fact]
    public async Task Every_page_works_and_asks_for_nothing_beside_the_path()
    {
        var web = fixture.Web;
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        var beside = new ConcurrentQueue<string>();
        void Note(string address)
        {
            if (new Uri(address) is { Scheme: "http" or "ws" } uri && !uri.AbsolutePath.StartsWith(PrefixedWeb.Prefix + "/", StringComparison.Ordinal)) beside.Enqueue(address);
        }
        page.Request += (_, request) => Note(request.Url);
        page.WebSocket += (_, socket) => Note(socket.Url);
        async Task LinksAsync()
        {
            foreach (var link in await page.EvaluateAsync<string[]>("[...document.querySelectorAll('a[href]')].map(a => a.href).filter(href => new URL(href).origin === location.origin)")) Note(link);
        }

        await page.GotoAsync($"{web.Address}/runs/{fixture.Run.Id}");
        await page.GetByLabel("Access token").FillAsync(GuardedWeb.Token);
        await page.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
        await page.UntilPoints(3); // the circuit and the hub are open too
        await LinksAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Export this run" }).ClickAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText("Curves of epochs (CSV)").ClickAsync());
        Assert.StartsWith("run,epoch,step", await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        foreach (var (name, path) in new[] { ("Overview", ""), ("New run", "new"), ("Runs", "runs"), ("Studies", "studies"), ("Compare", "compare"), ("Report", "report"), ("Models", "models"), ("Data", "data"), ("Settings", "settings"), ("Help", "help") })
        {
            await page.GetByRole(AriaRole.Navigation, new() { Name = "Main" }).GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).ClickAsync();
            await Expect(page).ToHaveURLAsync($"{web.Address}/{path}");
            await page.AtRestAsync();
            await LinksAsync();
        }
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("r");
        await Expect(page).ToHaveURLAsync($"{web.Address}/runs");
        await page.AtRestAsync();
        await page.Locator("input[type=search]").First.FillAsync("none-such");
        await Expect(page).ToHaveURLAsync($"{web.Address}/runs?q=none-such");

        await page.GotoAsync($"{web.Address}/openapi");
        await Expect(page.Locator(".opblock").First).ToBeVisibleAsync();
        await page.GotoAsync($"{web.Address}/");
        await page.AtRestAsync();
        Assert.Empty(beside);
        Assert.DoesNotContain(browser.Troubles, trouble => !trouble.Contains("401", StringComparison.Ordinal)); // the log-in page's own
    }
}

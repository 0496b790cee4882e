using System.Text.Json;
using EcgPeft.Core.Ecg;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>Every page as axe-core sees it, and as a person without a mouse does.</summary>
public sealed class AccessibilityTests(Site site) : IClassFixture<Site>
{
    [Theory]
    [InlineData(ColorScheme.Light, 1400)]
    [InlineData(ColorScheme.Dark, 1400)]
    [InlineData(ColorScheme.Light, 400)]
    [InlineData(ColorScheme.Dark, 400)]
    public async Task Axe_finds_nothing_on_any_page_nothing_fails_and_scripts_are_below_a_megabyte(ColorScheme theme, int width)
    {
        await using var browser = await site.OpenAsync(width, theme);
        var (found, scripts) = (new List<string>(), new Dictionary<string, long>());
        browser.Page.RequestFailed += (_, request) =>
        {
            if (request.Failure != "net::ERR_ABORTED") found.Add($"{request.Url} failed: {request.Failure}"); // what a page that is left no longer waits for
        };
        foreach (var path in Pages())
        {
            await browser.Page.GotoAsync(path);
            await Expect(browser.Page.Locator("main h1")).ToBeVisibleAsync();
            await Expect(browser.Page.Locator("[role=status]").Filter(new() { HasText = "…" })).ToHaveCountAsync(0); // what is still being read
            if (path == $"/runs/{Site.First}")
            {
                await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Look at its segments" }).ClickAsync();
                await Expect(browser.Page.Locator(".learned-strip").First).ToBeVisibleAsync();
                foreach (var summary in await browser.Page.Locator("main [data-values] > summary, main [data-table] > summary").AllAsync()) await summary.ClickAsync();
                await Expect(browser.Page.Locator("figure[data-figure=run-roc] table")).ToBeVisibleAsync();
            }
            found.AddRange(await browser.Page.AxeAsync());
            if (!await browser.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth")) found.Add($"{path} is wider than {width} px.");
            foreach (var script in (await browser.Page.EvaluateAsync<JsonElement>("performance.getEntriesByType('resource').filter(e => new URL(e.name).pathname.endsWith('.js')).map(e => ({ name: e.name, size: e.decodedBodySize }))")).EnumerateArray())
                scripts[script.GetProperty("name").GetString()!] = script.GetProperty("size").GetInt64();
        }
        // The page that is not there says so by its status, and a browser calls that an error; nothing else may.
        found.AddRange(browser.Troubles.Where(trouble => !trouble.Contains("404 (Not Found)", StringComparison.Ordinal)));
        Assert.InRange(browser.Troubles.Count(trouble => trouble.Contains("404 (Not Found)", StringComparison.Ordinal)), 0, 1);
        Assert.True(found.Count == 0, string.Join("\n", found));
        Assert.Contains(scripts.Keys, script => script.Contains("charts", StringComparison.Ordinal));
        Assert.InRange(scripts.Values.Sum(), 500_000, 999_999);
    }

    private string[] Pages() =>
    [
        "/", "/new", "/new?kind=study", "/new?kind=search", "/studies", $"/studies/{Site.Study}", "/runs", $"/runs/{Site.First}", $"/runs/{site.Failed.Id}", "/compare", $"/compare?runs={Site.First},{Site.Second},{Site.Third}", $"/compare?study={Site.Study}", "/runs?group=study&pinned=2&columns=name,auroc,f1,latency", "/report", "/models", "/data",
        $"/data/{DataSetLibrary.DemoId}", "/settings", "/help", "/no-such-page",
    ];
}

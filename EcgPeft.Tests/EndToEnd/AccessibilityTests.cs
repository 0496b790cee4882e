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
    public async Task Axe_finds_nothing_on_any_page(ColorScheme theme, int width)
    {
        await using var browser = await site.OpenAsync(width, theme);
        var found = new List<string>();
        foreach (var path in Pages())
        {
            await browser.Page.GotoAsync(path);
            await Expect(browser.Page.Locator("main h1")).ToBeVisibleAsync();
            await Expect(browser.Page.Locator("[role=status]").Filter(new() { HasText = "…" })).ToHaveCountAsync(0); // what is still being read
            if (path == $"/runs/{Site.First}")
            {
                await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Look at its segments" }).ClickAsync();
                await Expect(browser.Page.Locator(".learned-strip").First).ToBeVisibleAsync();
            }
            found.AddRange(await browser.Page.AxeAsync());
        }
        Assert.True(found.Count == 0, string.Join("\n", found));
    }

    private string[] Pages() =>
    [
        "/", "/new", "/new?kind=study", "/new?kind=search", "/studies", $"/studies/{Site.Study}", "/runs", $"/runs/{Site.First}", $"/runs/{site.Failed.Id}", "/compare", $"/compare?runs={Site.First},{Site.Second},{Site.Third}", $"/compare?study={Site.Study}", "/runs?group=study&pinned=2&columns=name,auroc,f1,latency", "/report", "/models", "/data",
        $"/data/{DataSetLibrary.DemoId}", "/settings", "/help", "/no-such-page",
    ];
}

using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>The address is the view: what was chosen by mouse, a link shows in a browser that has never been here.</summary>
public sealed class AddressTests(Site site) : IClassFixture<Site>
{
    [Fact]
    public async Task A_link_to_a_run_shows_the_same_curves()
    {
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        await page.VisitAsync($"/runs/{Site.First}");
        await page.UntilPoints(12);
        await page.GetByLabel("Horizontal axis").SelectOptionAsync("epoch");
        await page.GetByLabel("Smoothing").FillAsync("0.6");
        await page.GetByLabel("Log axis").CheckAsync();
        await page.GetByLabel("Clip outliers").CheckAsync();
        var metrics = page.GetByRole(AriaRole.Group, new() { Name = "Shown metrics" });
        foreach (var metric in new[] { "AUROC", "ECE", "F1" }) await metrics.GetByRole(AriaRole.Button, new() { Name = metric, Exact = true }).ClickAsync(); // the last one is shown from the beginning
        await ZoomAsync(page, "training-loss");
        await SameElsewhereAsync(page);
        foreach (var metric in new[] { "AUROC", "ECE" }) await metrics.GetByRole(AriaRole.Button, new() { Name = metric, Exact = true }).ClickAsync();
        await Expect(page.Locator("[data-figure=validation-metrics]")).ToContainTextAsync("No values yet");
        await SameElsewhereAsync(page);
        Assert.Empty(browser.Troubles);
    }

    /// <summary>Drags across a chart.</summary>
    private static async Task ZoomAsync(IPage page, string figure)
    {
        var chart = page.Locator($"[data-figure={figure}] [data-chart]");
        await chart.ScrollIntoViewIfNeededAsync();
        await Expect(page.Locator($"[data-figure={figure}] .apexcharts-line-series path").First).ToBeVisibleAsync();
        var box = (await chart.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (box.Width * .4f), box.Y + (box.Height * .4f));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + (box.Width * .7f), box.Y + (box.Height * .4f), new() { Steps = 6 });
        await page.Mouse.UpAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Follow live" })).ToBeVisibleAsync();
        await page.Mouse.MoveAsync(0, 0);
    }

    /// <summary>Opens the page's address in a clean browser and looks until both show the same.</summary>
    private async Task SameElsewhereAsync(IPage page)
    {
        await using var other = await site.OpenAsync();
        await other.Page.VisitAsync(page.Url);
        var (here, there) = ("", "nothing");
        for (var look = 0; look < 300 && here != there; look++)
        {
            if (look > 0) await Task.Delay(100, TestContext.Current.CancellationToken); // charts out of sight come a second later
            (here, there) = (await page.EvaluateAsync<string>(Seen), await other.Page.EvaluateAsync<string>(Seen));
        }
        Assert.Equal(here, there);
        Assert.Equal(page.Url, other.Page.Url);
        Assert.Empty(other.Troubles);
    }

    private const string Seen =
        """
        () => [...document.querySelectorAll('main :is(h1, h2, select, input, output, th, td, caption, dt, [aria-pressed], [aria-expanded], [data-count], [data-summary], [data-notes], .apexcharts-xaxis-label, .apexcharts-yaxis-label)')]
            .map(e => [e.tagName, e.type === 'checkbox' ? e.checked : e.value, e.getAttribute('aria-pressed'), e.getAttribute('aria-expanded'), e.getAttribute('aria-sort'), e.matches('select') ? '' : e.textContent.trim()].join(' ')).join('\n')
        """;
}

using System.Text.RegularExpressions;
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
        await Expect(page.Locator("[data-figure=validation-metrics]")).ToContainTextAsync("No metric is chosen.");
        await SameElsewhereAsync(page);
        // What the section further down puts into the address leaves there what the curves have put into it.
        await page.GetByRole(AriaRole.Button, new() { Name = "Look at its segments" }).ClickAsync();
        await Expect(page.Locator(".learned-strip").First).ToBeVisibleAsync();
        await page.GetByLabel("Kind of calls").SelectOptionAsync("TrueNegative");
        await page.GetByLabel("Order of calls").SelectOptionAsync("doubtful");
        await page.GetByLabel("What the colours show").SelectOptionAsync("gradient");
        await page.GetByRole(AriaRole.Button, new() { Name = "Next", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("smooth=0.6.*metrics=none.*zoom=.*calls=truenegative&order=doubtful&colour=gradient&from=6"));
        await SameElsewhereAsync(page);
        await page.GetByLabel("Row of a test segment").FillAsync("999999");
        await page.GetByLabel("Row of a test segment").PressAsync("Enter");
        await Expect(page.Locator("#learned")).ToContainTextAsync("Row 999999 is not in the test split");
        await SameElsewhereAsync(page);
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task A_link_to_a_comparison_shows_the_same_rows_curves_and_segments()
    {
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        await page.VisitAsync($"/compare?runs={Site.First},{Site.Second},{Site.Third}");
        await page.GetByText("equal rows hidden").ClickAsync();
        await Expect(page.Locator("#compare-recipes")).ToContainTextAsync("training.epochs");
        await page.GetByLabel("Horizontal axis").SelectOptionAsync("segments");
        await page.GetByLabel("Smoothing").FillAsync("0.8");
        await page.GetByLabel("Log axis").CheckAsync();
        await page.Locator("select[aria-label='Validation metric']").SelectOptionAsync("brier");
        await page.GetByLabel("Metric of the grid").SelectOptionAsync("f1");
        await ZoomAsync(page, "loss");
        // What the server puts into the address leaves there what the browser has put into it.
        await page.GetByLabel("Baseline").SelectOptionAsync(Site.Third);
        await Expect(page.Locator("header p")).ToContainTextAsync($"each against {Site.Third}");
        await page.GetByLabel("Second run").SelectOptionAsync(new SelectOptionValue { Label = Site.Second });
        await Expect(page.Locator("#agreement")).ToContainTextAsync($"Only {Site.Second} right");
        await Expect(page).ToHaveURLAsync(new Regex("smooth=0.8.*zoom=|zoom=.*smooth=0.8"));
        await SameElsewhereAsync(page);
        await page.GetByText("equal rows").ClickAsync();
        await Expect(page.Locator("#compare-recipes")).Not.ToContainTextAsync("training.epochs");
        await SameElsewhereAsync(page);
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task A_link_to_the_table_of_runs_shows_the_same_rows_and_columns()
    {
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        await page.VisitAsync("/runs");
        await page.GetByLabel("Search runs", new() { Exact = true }).FillAsync("run auroc>0.1");
        await page.Locator("select[aria-label=Status]").SelectOptionAsync("Completed");
        await page.GetByLabel("Group runs").SelectOptionAsync("Method");
        await page.GetByText("Columns", new() { Exact = true }).ClickAsync();
        var columns = page.GetByRole(AriaRole.Group, new() { Name = "Columns of the table" });
        await columns.GetByLabel("Recall", new() { Exact = true }).UncheckAsync();
        await columns.GetByRole(AriaRole.Button, new() { Name = "Pin F1", Exact = true }).ClickAsync();
        await columns.GetByRole(AriaRole.Button, new() { Name = "Move AUROC left", Exact = true }).ClickAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.GetByRole(AriaRole.Columnheader, new() { Name = "AUROC" }).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Locator("th[aria-sort=descending]")).ToHaveTextAsync("AUROC");
        await page.GetByRole(AriaRole.Button, new() { Name = "Adapter" }).ClickAsync();
        await Expect(page.Locator("tr.group button[aria-expanded=false]")).ToHaveCountAsync(1);
        await Expect(page.Locator("tr[data-run]")).ToHaveCountAsync(1);
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
        () => [...document.querySelectorAll('main :is(h1, h2, select, input, output, th, td, caption, dt, [aria-pressed], [aria-expanded], [data-count], [data-summary], [data-notes], .learned-strip figcaption, .apexcharts-xaxis-label, .apexcharts-yaxis-label)')]
            .map(e => [e.tagName, e.type === 'checkbox' ? e.checked : e.value, e.getAttribute('aria-pressed'), e.getAttribute('aria-expanded'), e.getAttribute('aria-sort'), e.matches('select') ? '' : e.textContent.trim()].join(' ')).join('\n')
        """;
}

using EcgPeft.Tests.Runs;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>What every page has: keys, the palette, word of runs that end, and numbers as the browser writes them.</summary>
public sealed class ShellTests(Site site) : IClassFixture<Site>
{
    [Fact]
    public async Task Keys_lead_everywhere_and_rest_while_somebody_types()
    {
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        await page.VisitAsync("/");
        await Heading(page, "Overview");
        foreach (var (key, heading) in new[] { ("r", "Runs"), ("t", "Studies"), ("d", "Data"), ("m", "Models"), ("c", "Compare"), ("s", "Settings"), ("o", "Overview") })
        {
            await page.Keyboard.PressAsync("g");
            await page.Keyboard.PressAsync(key);
            await Heading(page, heading);
        }
        await page.Keyboard.PressAsync("n");
        await page.WaitForURLAsync("**/new");
        await page.VisitAsync("/runs");
        await page.Keyboard.PressAsync("/");
        await Expect(page.Locator("#runs-search")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("run-b gn");
        await Expect(page.Locator("#runs-search")).ToHaveValueAsync("run-b gn");
        Assert.EndsWith("/runs", new Uri(page.Url).AbsolutePath, StringComparison.Ordinal);
        await page.Locator("#runs-search").BlurAsync();
        await page.Keyboard.PressAsync("?");
        await Expect(page.Locator("#shortcuts")).ToBeVisibleAsync();
        Assert.Empty(await page.AxeAsync());
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#shortcuts")).ToBeHiddenAsync();
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task The_palette_finds_pages_runs_models_data_and_actions()
    {
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        await page.VisitAsync("/");
        await Heading(page, "Overview");
        var palette = page.Locator("#palette");
        foreach (var (text, title) in new[] { ("run-b", Site.Second), ("settings", "Settings"), ("demo hubert", "Demo"), ("synthetic", "Demo (synthetic ECG)"), ("dark", "Dark theme") })
        {
            await page.Keyboard.PressAsync("Control+k");
            await page.Keyboard.TypeAsync(text);
            await Expect(palette.GetByRole(AriaRole.Option).First).ToContainTextAsync(title);
            if (text == "run-b") Assert.Empty(await page.AxeAsync());
            await page.Keyboard.PressAsync(text is "run-b" or "dark" ? "Enter" : "Escape");
            await Expect(palette).ToBeHiddenAsync();
            if (text == "run-b") await page.WaitForURLAsync($"**/runs/{Site.Second}");
        }
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.TypeAsync("run-");
        await Expect(palette.GetByRole(AriaRole.Option)).ToHaveCountAsync(3);
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("ArrowDown");
        var third = await palette.GetByRole(AriaRole.Option).Nth(2).GetAttributeAsync("href");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync($"**{third}");
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task Progress_stands_in_the_tab_and_a_run_that_ends_is_told_on_every_page()
    {
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        await page.VisitAsync("/data");
        await Heading(page, "Data");
        var folder = RunSamples.NewRun(site.Web.Root, "told");
        var worker = new LiveWorker(folder, RunSamples.Plan);
        worker.Steps(1, 4);
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-progress", "50"); // 4 of 8 steps
        await Expect(page.Locator("link[rel=icon]")).ToHaveAttributeAsync("href", new System.Text.RegularExpressions.Regex("^data:image/png"));
        await worker.EndAsync();
        var toast = page.Locator(".mud-snackbar").Filter(new() { HasText = "told is completed" });
        await Expect(toast).ToHaveCountAsync(1);
        await toast.GetByRole(AriaRole.Button, new() { Name = "Open", Exact = true }).ClickAsync(); // at once, since it goes away
        await page.WaitForURLAsync($"**/runs/{folder.Id}");
        await Expect(page.Locator("link[rel=icon]")).ToHaveAttributeAsync("href", new System.Text.RegularExpressions.Regex("favicon"));
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task Numbers_are_written_as_the_browser_writes_them()
    {
        foreach (var (language, expected, bounds, difference, axis) in new[]
        {
            ("de-DE", @"^\d,\d{3}$", @"^\[\d,\d{3}; \d,\d{3}\]$", @"^−\d,\d{3} \[−\d,\d{3}; −?\d,\d{3}\]$", "1,00"), ("en-US", @"^\d\.\d{3}$", @"^\[\d\.\d{3}, \d\.\d{3}\]$", @"^−\d\.\d{3} \[−\d\.\d{3}, −?\d\.\d{3}\]$", "1.00"),
        })
        {
            await using var browser = await site.OpenAsync(language: language);
            await browser.Page.VisitAsync("/runs");
            await Expect(browser.Page.Locator($"tr[data-run={Site.First}] [data-label=F1]")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(expected));
            await browser.Page.VisitAsync($"/compare?runs={Site.First},{Site.Second}");
            var auroc = browser.Page.Locator("tr[data-metric=auroc] td").Nth(1);
            await Expect(auroc.Locator("small").First).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(bounds));
            await Expect(auroc.Locator("[data-difference]")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(difference));
            await Expect(browser.Page.Locator("[data-figure=validation-metric] .apexcharts-yaxis-label").First).ToContainTextAsync(axis);
            Assert.Empty(browser.Troubles);
        }
    }

    [Fact]
    public async Task The_theme_follows_the_system_and_is_there_before_the_first_paint_and_motion_can_be_reduced()
    {
        await using var browser = await site.OpenAsync(theme: ColorScheme.Light);
        var page = browser.Page;
        // What stands there when the body begins to be parsed is what is painted first.
        await page.AddInitScriptAsync("new MutationObserver((_, o) => { if (document.body) { window.firstTheme = document.documentElement.dataset.theme; o.disconnect(); } }).observe(document, { childList: true, subtree: true });");
        await page.VisitAsync("/settings");
        await Heading(page, "Settings");
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark, ReducedMotion = ReducedMotion.Reduce });
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await page.ReloadAsync();
        await Heading(page, "Settings");
        Assert.Equal("dark", await page.EvaluateAsync<string>("window.firstTheme"));
        Assert.InRange(await page.EvaluateAsync<double>("parseFloat(getComputedStyle(document.querySelector('#boot i')).animationDuration)"), 0, 0.001);
        Assert.Empty(browser.Troubles);
    }

    private static Task Heading(IPage page, string text) => Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(text);
}

using System.Text.RegularExpressions;
using EcgPeft.Tests.Runs;
using EcgPeft.Web.Components.Pages.Runs;
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
        await page.HasAddressAsync("**/new");
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
            if (text == "run-b") await page.HasAddressAsync($"**/runs/{Site.Second}");
        }
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.TypeAsync("run-");
        await Expect(palette.GetByRole(AriaRole.Option)).ToHaveCountAsync(3);
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("ArrowDown");
        var third = await palette.GetByRole(AriaRole.Option).Nth(2).GetAttributeAsync("href");
        await page.Keyboard.PressAsync("Enter");
        await page.HasAddressAsync($"**/{third}");
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
        await Expect(page.Locator("link[rel=icon]")).ToHaveAttributeAsync("href", new Regex("^data:image/png"));
        await worker.EndAsync();
        var toast = page.Locator(".mud-snackbar").Filter(new() { HasText = "told is completed" });
        await Expect(toast).ToHaveCountAsync(1);
        await toast.GetByRole(AriaRole.Button, new() { Name = "Open", Exact = true }).ClickAsync(); // at once, since it goes away
        await page.HasAddressAsync($"**/runs/{folder.Id}");
        await Expect(page.Locator("link[rel=icon]")).ToHaveAttributeAsync("href", new Regex("favicon"));
        Assert.Empty(browser.Troubles);
    }

    [Theory]
    [InlineData("de-DE", ",", ";")]
    [InlineData("en-US", ".", ",")]
    public async Task Numbers_are_written_as_the_browser_writes_them(string language, string point, string between)
    {
        var number = $@"\d\{point}\d{{3}}";
        await using var browser = await site.OpenAsync(language: language);
        var page = browser.Page;
        await page.VisitAsync("/runs");
        await Expect(page.Locator($"tr[data-run={Site.First}] [data-label=F1]")).ToHaveTextAsync(new Regex($"^{number}$"));

        await page.VisitAsync($"/compare?runs={Site.First},{Site.Second}");
        var auroc = page.Locator("tr[data-metric=auroc] td").Nth(1);
        await Expect(auroc.Locator("small").First).ToHaveTextAsync(new Regex($@"^\[{number}{between} {number}\]$"));
        await Expect(auroc.Locator("[data-difference]")).ToHaveTextAsync(new Regex($@"^−{number} \[−{number}{between} −?{number}\] worse$"));
        await Expect(page.Locator(".verdicts")).ToContainTextAsync(new Regex($@"better than run-b by {number} AUROC \[{number}{between} {number}\] \(p (=|<) {number} after Holm"));
        await Expect(page.Locator("[data-figure=roc] svg text").Filter(new() { HasText = $"0{point}2" }).First).ToBeVisibleAsync();
        await Expect(page.Locator("[data-figure=validation-metric] .apexcharts-yaxis-label").First).ToContainTextAsync($"1{point}00");
        await Expect(page.Locator("#study-picture .verdict").First).ToContainTextAsync(new Regex(number));
        await Expect(page.Locator("[data-figure=differences] svg text").Filter(new() { HasText = $"{between} " }).First).ToBeVisibleAsync();

        await page.VisitAsync($"/runs/{Site.First}");
        await Expect(page.Locator("#decision")).ToContainTextAsync($"from a probability of 0{point}500 on");
        await Expect(page.Locator("[data-figure=run-roc] svg text").Filter(new() { HasText = $"0{point}8" }).First).ToBeVisibleAsync();
        await Expect(page.Locator("[data-figure=run-roc] p")).ToHaveTextAsync(new Regex($"^AUROC {number} on test, {number} on validation"));
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task No_page_that_a_German_browser_opens_has_a_decimal_point()
    {
        await using var browser = await site.OpenAsync(language: "de-DE");
        var found = new List<string>();
        foreach (var path in new[] { "/", "/runs?columns=" + string.Join(',', RunColumns.All.Take(40).Select(column => column.Id)), $"/runs/{Site.First}", $"/compare?runs={Site.First},{Site.Second},{Site.Third}&equal=shown", $"/compare?study={Site.Study}&grid=brier", "/studies", $"/studies/{Site.Study}", "/data", $"/data/{EcgPeft.Core.Ecg.DataSetLibrary.DemoId}" })
        {
            await browser.Page.VisitAsync(path);
            await Expect(browser.Page.Locator("[role=status]").Filter(new() { HasText = "…" })).ToHaveCountAsync(0); // what is still being read
            await Expect(browser.Page.Locator("[data-waiting], [aria-busy=true]")).ToHaveCountAsync(0);
            foreach (var summary in await browser.Page.Locator("main details:not(.menu) > summary").AllAsync()) await summary.ClickAsync();
            found.AddRange((await browser.Page.EvaluateAsync<string[]>(Points)).Select(text => $"{path}: {text}"));
            found.AddRange((await browser.Page.EvaluateAsync<string[]>(Ragged)).Select(text => $"{path}: not right-aligned with tabular figures: {text}"));
        }
        Assert.True(found.Count == 0, string.Join("\n", found));
        Assert.Empty(browser.Troubles);
    }

    // What is as a file has it, or as a field takes it, keeps its point: code, settings, the log, what a run said as it failed; names and versions have theirs (other pages). 1.234 is a German thousand, 0.123 is not.
    private const string Points =
        """
        () => {
            const found = [], words = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT), point = /\d\.(\d{1,2}|\d{4,})(?!\d)|(?<![\d.])0\.\d{3}/;
            while (words.nextNode()) {
                const word = words.currentNode;
                if (point.test(word.textContent) && !word.parentElement.closest('style, code, pre, .log, textarea, select, #compare-recipes')) found.push(word.parentElement.outerHTML.slice(0, 200));
            }
            return found.slice(0, 12);
        }
        """;

    // Numbers of a table stand one below the other. A cell over several columns has none below it; values of recipes are settings, most of them words.
    private const string Ragged =
        """
        () => [...document.querySelectorAll('main table.data td')].filter(cell => {
            const style = getComputedStyle(cell);
            return /^[−-]?\d[\d.,]*( ?(k|M|G|%|s|ms|kB|MB|GB|\/s|J|Wh)| min \d\d s| h \d\d min)?$/.test(cell.innerText.split('\n')[0].trim()) && cell.colSpan === 1 && !cell.closest('#compare-recipes')
                && !(['right', 'end'].includes(style.textAlign) && style.fontVariantNumeric === 'tabular-nums');
        }).map(cell => cell.outerHTML.slice(0, 160)).slice(0, 12)
        """;

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

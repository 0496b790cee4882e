using System.Globalization;
using System.Text.RegularExpressions;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Tests.Runs;
using EcgPeft.Web.Components.Pages.Runs;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>The table of runs with more runs and columns than fit: what is in sight is in the page, everything can be reached, no page has more elements than it needs.</summary>
public sealed class ManyRunsTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int Count = 300, MostRows = 60;

    [Fact]
    public async Task A_long_and_wide_table_scrolls_with_a_bounded_page()
    {
        await using var web = await WebProcess.StartAsync(Root());
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.VisitAsync("/runs?sort=name&columns=" + string.Join(',', RunColumns.All.Select(column => column.Id)));
        var (wrap, rows) = (page.Locator(".grid-wrap"), page.Locator("tr[data-run]"));
        await Expect(page.Locator("table.runs")).ToHaveAttributeAsync("aria-rowcount", $"{Count + 1}");
        await Expect(rows.First).ToContainTextAsync("run 000");

        // By keyboard to the last run and the last column.
        await wrap.FocusAsync();
        await page.Keyboard.PressAsync("End");
        await Expect(page.Locator($"tr[aria-rowindex='{Count + 1}']")).ToContainTextAsync($"run {Count - 1}");
        await Expect(page.Locator("tr[aria-rowindex='2']")).ToHaveCountAsync(0);
        Assert.InRange(await rows.CountAsync(), 10, MostRows);
        var columns = int.Parse((await page.Locator("table.runs").GetAttributeAsync("aria-colcount"))!, CultureInfo.InvariantCulture);
        Assert.InRange(columns, 100, 500);
        var last = page.Locator($"thead th[aria-colindex='{columns - 1}']"); // the one of actions is always there
        await Expect(last).ToHaveCountAsync(0);
        await wrap.EvaluateAsync("wrap => { wrap.scrollLeft = wrap.scrollWidth; }");
        await Expect(last).ToBeVisibleAsync();
        Assert.InRange(await page.Locator("tr[data-run]").First.Locator("td").CountAsync(), 5, 45);
        await Expect(page.Locator($"tr[aria-rowindex='{Count + 1}'] a").First).ToBeInViewportAsync(); // the name stays
        Assert.InRange(await page.EvaluateAsync<int>("document.querySelectorAll('*').length"), 500, 6000);

        // What is in sight is what is there, also after a jump back.
        await page.Keyboard.PressAsync("Home");
        await Expect(page.Locator("tr[aria-rowindex='2']")).ToContainTextAsync("run 000");
        Assert.Empty(await page.AxeAsync()); // at the top: a box under the sticky head counts as one that is too close to the head's
        await page.GetByLabel("Search runs", new() { Exact = true }).FillAsync($"run {Count - 1}");
        await Expect(rows).ToHaveCountAsync(1);
        await Expect(page.Locator("header p")).ToHaveTextAsync(new Regex($"^1 shown, {Count} in all"));

        // On a very large screen text is larger; the usual columns are seen whole there.
        await page.SetViewportSizeAsync(3840, 2160);
        await page.VisitAsync("/runs?sort=name");
        await Expect(rows.First).ToContainTextAsync("run 000");
        await page.WaitForFunctionAsync("() => [...document.querySelectorAll('table.runs :is(th, td):not(.space, .check, .actions)')].every(cell => cell.scrollWidth <= cell.clientWidth)");
        Assert.True(await wrap.EvaluateAsync<bool>("wrap => wrap.scrollWidth <= wrap.clientWidth"));
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task Choices_hold_for_runs_out_of_sight_and_focus_moves_on_through_the_rows()
    {
        await using var web = await WebProcess.StartAsync(Root());
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.VisitAsync("/runs?sort=name");
        await page.GetByLabel("Choose run 000").CheckAsync();
        await page.Locator(".grid-wrap").EvaluateAsync("wrap => { wrap.scrollTop = wrap.scrollHeight; }");
        await page.GetByLabel($"Choose run {Count - 1}").CheckAsync();
        await Expect(page.GetByText("2 chosen")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Compare 2 runs" })).ToHaveAttributeAsync("href", "compare?runs=run-000,run-" + (Count - 1));
        await page.GetByLabel("Choose all runs shown").CheckAsync();
        await Expect(page.GetByText($"{Count} chosen")).ToBeVisibleAsync();

        // What a list leaves out is said.
        await page.GetByText("Columns", new() { Exact = true }).ClickAsync();
        await Expect(page.Locator(".menu-body [role=status]")).ToHaveTextAsync(new Regex(@"^60 of \d{3} shown; find the others by their names\.$"));
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.TypeAsync("run 2");
        await Expect(page.Locator("#palette [role=option]")).ToHaveCountAsync(12);
        await Expect(page.Locator("#palette [role=status]")).ToHaveTextAsync(new Regex(@"^12 of \d+ shown; type more to narrow it down\.$"));
        await page.Keyboard.PressAsync("Escape");

        // From row to row with the keyboard alone: rows come as focus does.
        await page.Locator(".grid-wrap").EvaluateAsync("wrap => { wrap.scrollTop = 0; }");
        await page.GetByLabel("Choose run 000").FocusAsync();
        for (var row = 0; row < 40; row++)
        {
            await Expect(page.GetByLabel($"Choose run {row:000}", new() { Exact = true })).ToBeFocusedAsync();
            await Expect(page.GetByLabel($"Choose run {row + 1:000}", new() { Exact = true })).ToBeAttachedAsync(); // no person is as quick as this test
            for (var stop = 0; stop < 3; stop++) await page.Keyboard.PressAsync("Tab"); // name, menu, next row
        }
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task Cards_of_a_narrow_screen_scroll_with_the_page()
    {
        await using var web = await WebProcess.StartAsync(Root());
        await using var browser = await chromium.OpenAsync(web.Address, width: 400);
        var page = browser.Page;
        await page.VisitAsync("/runs?sort=name&group=model");
        await Expect(page.Locator("tr[data-run]").First).ToContainTextAsync("run 000");
        // How high a card is, is known once the first ones are there: the page may still grow while one scrolls.
        await page.WaitForFunctionAsync("row => { scrollTo(0, document.body.scrollHeight); return document.querySelector(`tr[aria-rowindex='${row}']`); }", Count + 2);
        await Expect(page.Locator($"tr[aria-rowindex='{Count + 2}']")).ToContainTextAsync($"run {Count - 1}");
        Assert.InRange(await page.Locator("tr[data-run]").CountAsync(), 2, MostRows);
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        Assert.Empty(await page.AxeAsync());
        Assert.Empty(browser.Troubles);
    }

    /// <summary>Copies of one completed run.</summary>
    private static DataRoot Root()
    {
        var root = RunSamples.Root();
        var first = RunSamples.Completed(root);
        for (var number = 0; number < Count; number++)
        {
            var copy = Directory.CreateDirectory(Path.Combine(root.Runs, $"run-{number:000}")).FullName;
            foreach (var file in Directory.EnumerateFiles(first.Path)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            var folder = new RunFolder(copy);
            folder.WriteRecipe(folder.ReadRecipe() with { Name = $"run {number:000}" });
        }
        Directory.Delete(first.Path, recursive: true);
        return root;
    }
}

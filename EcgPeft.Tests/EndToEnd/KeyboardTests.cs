using EcgPeft.Core.Ecg;
using EcgPeft.Tests.Reports;
using EcgPeft.Tests.Runs;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>The whole way without a mouse, and where the focus is.</summary>
public sealed class KeyboardTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task A_run_is_launched_watched_stopped_resumed_and_compared_by_keyboard_alone()
    {
        var root = RunSamples.Root();
        new StudySamples(grouped: false).Run(Path.Combine(root.Runs, "earlier"), "demo/hubert", "lora", 1, 0.5);
        new DataSetLibrary(root).Import(RunView.Csv(1000), "Small", null, 1000, cancel: TestContext.Current.CancellationToken);
        await using var web = await WebProcess.StartAsync(root);
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.GotoAsync("/data");

        await TabToAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "Small", Exact = true }));
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "New run on this data" }));
        await page.Keyboard.PressAsync("Enter");
        await Type(page, "Batch size", "8");
        await Type(page, "Epochs", "2");
        await Type(page, "Name (optional)", "by keys");
        await Expect(page.GetByLabel("Recipe", new() { Exact = true })).ToContainTextAsync("\"name\": \"by keys\"");
        await Expect(page.Locator("#trainable")).ToContainTextAsync(new System.Text.RegularExpressions.Regex("[0-9]"));
        await TabToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Start run" }));
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/runs/*");

        await page.UntilPoints(1);
        await TabToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true }));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Status()).ToHaveTextAsync("Stopped");
        await TabToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Resume" }));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Status()).ToHaveTextAsync("Completed", new() { Timeout = 120_000 });

        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("r");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Runs");
        foreach (var name in new[] { "by keys", "earlier" })
        {
            await TabToAsync(page, page.GetByRole(AriaRole.Checkbox, new() { Name = $"Choose {name}" }));
            await page.Keyboard.PressAsync("Space");
        }
        await TabToAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "Compare 2 runs" }), backwards: true);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/compare?**");
        await Expect(page.Locator("#compare-metrics")).ToBeVisibleAsync();
        var baseline = page.Locator("#baseline");
        var before = await baseline.InputValueAsync();
        await page.Keyboard.PressAsync("b");
        await Expect(baseline).ToBeFocusedAsync();
        await page.Keyboard.PressAsync(before == "earlier" ? "ArrowUp" : "ArrowDown");
        await page.WaitForURLAsync("**baseline=**");
        await Expect(baseline).Not.ToHaveValueAsync(before);
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task The_focus_is_seen_wherever_it_goes()
    {
        var root = RunSamples.Root();
        var run = RunSamples.Failed(root);
        await using var web = await WebProcess.StartAsync(root);
        await using var browser = await chromium.OpenAsync(web.Address, theme: ColorScheme.Dark);
        var page = browser.Page;
        foreach (var path in new[] { "/runs", $"/runs/{run.Id}", "/data" })
        {
            await page.GotoAsync(path);
            await Expect(page.Locator("h1")).ToBeVisibleAsync();
            var unseen = new List<string>();
            var first = "";
            for (var stop = 0; stop < 100; stop++)
            {
                await page.Keyboard.PressAsync("Tab");
                var focused = await page.EvaluateAsync<string>("() => { const e = document.activeElement; return e === document.body ? '' : e.outerHTML.slice(0, 160); }");
                if (focused.Length == 0 || focused == first) break;
                if (first.Length == 0) first = focused;
                if (!await page.EvaluateAsync<bool>(Seen)) unseen.Add(focused);
            }
            Assert.True(unseen.Count == 0, $"{path}:\n{string.Join("\n", unseen)}");
        }
    }

    // An outline around it, or, of a field in a frame of its own, around or on the frame.
    private const string Seen =
        """
        () => {
            for (let e = document.activeElement, up = 0; e && up < 4; e = e.parentElement, up++) {
                const style = getComputedStyle(e), frame = e.querySelector(':scope > .mud-input-outlined-border');
                if (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) return true;
                if (frame && parseFloat(getComputedStyle(frame).borderTopWidth) >= 2) return true;
            }
            return false;
        }
        """;

    private static async Task Type(IPage page, string label, string text)
    {
        await TabToAsync(page, page.GetByRole(AriaRole.Textbox, new() { Name = label, Exact = true }));
        await page.Keyboard.PressAsync("Control+a");
        await page.Keyboard.TypeAsync(text);
    }

    /// <summary>Presses Tab until the element has the focus.</summary>
    private static async Task TabToAsync(IPage page, ILocator element, bool backwards = false)
    {
        await Expect(element).ToBeVisibleAsync();
        for (var pressed = 0; pressed < 250; pressed++)
        {
            if (await element.EvaluateAsync<bool>("e => e === document.activeElement")) return;
            await page.Keyboard.PressAsync(backwards ? "Shift+Tab" : "Tab");
        }
        Assert.Fail($"250 Tabs did not come to {element}.");
    }
}

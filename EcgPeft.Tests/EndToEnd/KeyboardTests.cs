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
        await KeepFocusAsync(page);
        await page.GotoAsync("/data");
        await AtAsync(page, "Data");

        await TabToAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "Small", Exact = true }));
        await page.Keyboard.PressAsync("Enter");
        await AtAsync(page, "Small");
        await TabToAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "New run on this data" }));
        await page.Keyboard.PressAsync("Enter");
        await AtAsync(page, "New run");
        await Type(page, "Batch size", "8");
        await Type(page, "Epochs", "2");
        await Type(page, "Name (optional)", "by keys");
        await Expect(page.GetByLabel("Recipe", new() { Exact = true })).ToContainTextAsync("\"name\": \"by keys\"");
        await Expect(page.Locator("#trainable")).ToContainTextAsync(new System.Text.RegularExpressions.Regex("[0-9]"));
        await TabToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Start run" }));
        await page.Keyboard.PressAsync("Enter");
        await AtAsync(page, "by keys");

        await page.UntilPoints(1);
        await TabToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true }));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Status()).ToHaveTextAsync("Stopped");
        await TabToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Resume" }));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Status()).ToHaveTextAsync("Completed", new() { Timeout = 120_000 });

        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("r");
        await AtAsync(page, "Runs");
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
        await KeepFocusAsync(page);
        foreach (var path in new[] { "/runs", $"/runs/{run.Id}", "/data" })
        {
            await page.GotoAsync(path);
            await AtAsync(page, "");
            var unseen = new List<string>();
            var first = "";
            var stop = 0;
            for (; stop < 100; stop++)
            {
                await page.Keyboard.PressAsync("Tab");
                var found = await page.EvaluateAsync<string[]>(Focused); 
                if (found[0].Length == 0 || found[0] == first) break;
                if (first.Length == 0) first = found[0];
                if (found[1] == "unseen") unseen.Add(found[0]);
            }
            Assert.InRange(stop, 15, 100); // the way through the page, not an empty one
            Assert.True(unseen.Count == 0, $"{path}:\n{string.Join("\n", unseen)}");
        }
    }

    // An outline around it, or, of a field in a frame of its own, around or on the frame.
    private const string Focused =
        """
        () => {
            const focused = document.activeElement, text = focused === document.body ? '' : focused.outerHTML.slice(0, 160);
            for (let e = focused, up = 0; e && up < 4; e = e.parentElement, up++) {
                const style = getComputedStyle(e), frame = e.querySelector(':scope > .mud-input-outlined-border');
                if (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) return [text, 'seen'];
                if (frame && parseFloat(getComputedStyle(frame).borderTopWidth) >= 2) return [text, 'seen'];
            }
            return [text, 'unseen'];
        }
        """;

    private static async Task Type(IPage page, string label, string text)
    {
        await TabToAsync(page, page.GetByRole(AriaRole.Textbox, new() { Name = label, Exact = true }));
        await page.Keyboard.PressAsync("Control+a");
        await page.Keyboard.TypeAsync(text);
    }

    private static Task AtAsync(IPage page, string heading) => Expect(page.Locator("h1")).ToContainTextAsync(heading);

    /// <summary>A page that has come gives its heading the focus, at a moment of its own; here nothing takes it from where Tab has put it.</summary>
    private static Task KeepFocusAsync(IPage page) => page.AddInitScriptAsync("const focus = HTMLElement.prototype.focus; HTMLElement.prototype.focus = function (...how) { if (this.tagName !== 'H1') focus.apply(this, how); };");

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

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
        var samples = new StudySamples(grouped: false);
        foreach (var (name, method) in new[] { ("earlier", "lora"), ("later", "adapter") }) samples.Run(Path.Combine(root.Runs, name), "demo/hubert", method, 1, 0.5);
        new DataSetLibrary(root).Import(RunView.Csv(1000), "Small", null, 1000, cancel: TestContext.Current.CancellationToken);
        await using var web = await WebProcess.StartAsync(root);
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.GotoAsync("/data");
        await AtAsync(page, "Data");
        await PressAsync(page.GetByRole(AriaRole.Link, new() { Name = "Small", Exact = true }), "Enter");
        await AtAsync(page, "Small");
        await PressAsync(page.GetByRole(AriaRole.Link, new() { Name = "New run on this data" }), "Enter");
        await AtAsync(page, "New run");
        foreach (var (field, text) in new[] { ("Batch size", "8"), ("Epochs", "500"), ("Name (optional)", "by keys") })
        {
            var input = page.GetByRole(AriaRole.Textbox, new() { Name = field, Exact = true });
            await PressAsync(input, "Control+a");
            await input.PressSequentiallyAsync(text);
        }
        await Expect(page.GetByLabel("Recipe", new() { Exact = true })).ToContainTextAsync("\"name\": \"by keys\"");
        await PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Start run" }), "Enter");
        await AtAsync(page, "by keys");

        await page.UntilPoints(1);
        await PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true }), "Enter");
        await Expect(page.Status()).ToHaveTextAsync("Stopped");
        await PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Resume" }), "Enter");
        await Expect(page.Status()).ToHaveTextAsync("Running");
        await PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true }), "Enter");
        await Expect(page.Status()).ToHaveTextAsync("Stopped");

        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("r");
        await AtAsync(page, "Runs");
        foreach (var name in new[] { "earlier", "later" }) await PressAsync(page.GetByRole(AriaRole.Checkbox, new() { Name = $"Choose {name}" }), "Space");
        await PressAsync(page.GetByRole(AriaRole.Link, new() { Name = "Compare 2 runs" }), "Enter", backwards: true);
        await AtAsync(page, "Compare");
        var baseline = page.Locator("#baseline");
        var before = await baseline.InputValueAsync();
        await page.Keyboard.PressAsync("b");
        await Expect(baseline).ToBeFocusedAsync();
        await page.Keyboard.PressAsync(await baseline.EvaluateAsync<int>("select => select.selectedIndex") == 0 ? "ArrowDown" : "ArrowUp");
        await page.HasAddressAsync("**baseline=**");
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
        foreach (var path in new[] { "/", "/new", "/runs", $"/runs/{run.Id}", "/models", "/data", "/settings" })
        {
            await page.GotoAsync(path);
            await Expect(page.Locator("h1")).ToBeVisibleAsync();
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

    /// <summary>A page that has come gives its heading the focus, at a moment of its own; here nothing takes it from where Tab has put it.</summary>
    private static async Task KeepFocusAsync(IPage page) => await page.AddInitScriptAsync("const focus = HTMLElement.prototype.focus; HTMLElement.prototype.focus = function (...how) { if (this.tagName !== 'H1') focus.apply(this, how); };");

    /// <summary>The page has come and has given its heading the focus: what comes after takes it away no more.</summary>
    private static Task AtAsync(IPage page, string heading) => Expect(page.Locator("h1").Filter(new() { HasText = heading })).ToBeFocusedAsync();

    /// <summary>Comes to an element by Tab alone and presses a key on it.</summary>
    private static async Task PressAsync(ILocator element, string key, bool backwards = false)
    {
        await Expect(element).ToBeEnabledAsync();
        for (var pressed = 0; !await element.EvaluateAsync<bool>("e => e === document.activeElement"); pressed++)
        {
            Assert.True(pressed < 250, $"250 Tabs did not come to {element}.");
            await element.Page.Keyboard.PressAsync(backwards ? "Shift+Tab" : "Tab");
        }
        await element.PressAsync(key);
    }
}

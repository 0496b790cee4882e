using EcgPeft.Tests.Runs;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>Where the focus is.</summary>
public sealed class KeyboardTests(Chromium chromium) : IClassFixture<Chromium>
{
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
}

using EcgPeft.Core.Ecg;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>ECG paper under mouse, keyboard and a changing window.</summary>
public sealed class PaperTests(Site site) : IClassFixture<Site>
{
    [Fact]
    public async Task Calipers_read_milliseconds_beats_and_millivolts_and_a_resize_keeps_the_scale()
    {
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        await page.VisitAsync($"/data/{DataSetLibrary.DemoId}");
        var paper = page.Locator(".browse .paper");
        await paper.ScrollIntoViewIfNeededAsync();
        await Expect(paper.Locator(".scale")).ToHaveTextAsync("25 mm/s   10 mm/mV");
        var (second, millivolt) = (await Number(paper, "data-second"), await Number(paper, "data-height"));
        Assert.Equal(second / 25, millivolt / 10, 6); // a small box is square
        var at = (await paper.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(at.X + 150, at.Y + 150);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(at.X + 150 + (float)second, at.Y + 150 - (float)millivolt);
        await page.Mouse.UpAsync();
        await Expect(paper.Locator(".caliper output")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(@"^(99\d|100\d) ms · (59|60) bpm · (0\.99|1\.0[01]) mV$"));

        // The same without a mouse: a second apart, then moved by three pixels.
        await paper.FocusAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(paper.Locator(".caliper")).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("c");
        await Expect(paper.Locator(".caliper output")).ToHaveTextAsync("1000 ms · 60 bpm · 0.00 mV");
        await page.Keyboard.PressAsync("Shift+ArrowUp");
        await Expect(paper.Locator(".caliper output")).ToHaveTextAsync("1000 ms · 60 bpm · 0.03 mV");
        await Expect(page.Locator("#position")).ToContainTextAsync("1 of"); // Shift and an arrow is not the next segment
        // A narrower window shows fewer seconds at the same scale.
        var (boxes, shown) = (new List<(double Second, double Millivolt, double Width)>(), new List<double>());
        foreach (var width in new[] { 1400, 900, 400 })
        {
            await page.SetViewportSizeAsync(width, 900);
            boxes.Add((await Number(paper, "data-second"), await Number(paper, "data-height"), await paper.Locator("svg").EvaluateAsync<double>("svg => svg.getBoundingClientRect().width")));
            shown.Add(await paper.EvaluateAsync<double>("paper => Math.min(paper.clientWidth, paper.scrollWidth)") / second);
        }
        Assert.Single(boxes.Distinct());
        Assert.True(shown[2] < shown[1] && shown[2] < 2, string.Join(" s, ", shown));
        Assert.Empty(browser.Troubles);
    }

    private static async Task<double> Number(ILocator element, string attribute) => double.Parse((await element.GetAttributeAsync(attribute))!, System.Globalization.CultureInfo.InvariantCulture);
}

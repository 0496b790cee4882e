using System.Collections.Concurrent;
using EcgPeft.Core.Ecg;
using EcgPeft.Tests.Runs;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>Uploads that break off, and those that are too large, in a real browser.</summary>
public sealed class UploadTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task An_upload_that_breaks_off_goes_on_where_it_was_when_the_same_file_is_chosen_again()
    {
        await using var web = await WebProcess.StartAsync();
        await using var browser = await chromium.OpenAsync(web.Address);
        var (page, csv) = (browser.Page, Csv(2500));
        var (sent, broken, cut) = (new ConcurrentQueue<long>(), new TaskCompletionSource(), true);
        await page.RouteAsync("**/api/uploads/**", async route =>
        {
            if (route.Request.Method != "PUT")
            {
                await route.ContinueAsync();
                return;
            }
            var offset = long.Parse(route.Request.Url.Split("offset=")[1], null);
            sent.Enqueue(offset);
            if (!cut || offset == 0)
            {
                await route.ContinueAsync();
                return;
            }
            broken.TrySetResult();
            await route.AbortAsync("connectionreset");
        });

        await ChooseAsync(page, csv);
        await broken.Task.WaitAsync(TestData.Patience, TestContext.Current.CancellationToken);
        await page.ReloadAsync();
        (cut, var before) = (false, sent.Count);
        await ChooseAsync(page, csv);
        await Expect(page.Locator("#usable")).ToContainTextAsync("2,500");
        var again = sent.Skip(before).ToArray();
        Assert.DoesNotContain(0, again); // what had arrived is not sent twice
        Assert.NotEmpty(again);
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await page.HasAddressAsync("**/data/heart");
        Assert.Equal(SegmentCsv.Read(csv, cancel: TestContext.Current.CancellationToken).Segments.Hash, new DataSetLibrary(web.Root).Find("heart").Hash);
    }

    [Fact]
    public async Task A_page_that_comes_over_plain_http_from_another_machine_uploads_and_copies()
    {
        var root = RunSamples.Root();
        var run = RunSamples.Completed(root);
        await using var web = await WebProcess.StartAsync(root);
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        // What browsers keep from such pages; 127.0.0.1 itself counts as safe.
        await page.AddInitScriptAsync("delete Navigator.prototype.clipboard; delete Crypto.prototype.randomUUID; document.addEventListener('copy', () => { window.copied = document.activeElement.value; });");
        await ChooseAsync(page, Csv(600));
        await Expect(page.Locator("#usable")).ToContainTextAsync("600");
        await page.VisitAsync($"/runs/{run.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy recipe" }).ClickAsync();
        await page.WaitForFunctionAsync("() => window.copied?.includes('learningRate')");
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task An_upload_that_is_larger_than_the_setting_is_refused_and_leaves_nothing()
    {
        await using var web = await WebProcess.StartAsync(settings: ("EcgPeft__MaxUploadMegabytes", "1"));
        await using var browser = await chromium.OpenAsync(web.Address);
        await ChooseAsync(browser.Page, Csv(600));
        await Expect(browser.Page.Locator("#pick-error")).ToContainTextAsync("larger than 1 MB");
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(web.Root.Cache, "uploads"), "*", SearchOption.AllDirectories));
    }

    private static async Task ChooseAsync(IPage page, string csv)
    {
        if (!page.Url.EndsWith("/data", StringComparison.Ordinal)) await page.VisitAsync("/data");
        await page.GetByLabel("Data file").SetInputFilesAsync(csv);
        await page.GetByRole(AriaRole.Button, new() { Name = "Check file" }).ClickAsync();
    }

    private static string Csv(int segments)
    {
        var path = Path.Combine(TestData.TemporaryFolder(), "heart.csv");
        SegmentCsv.Write(path, SyntheticEcg.Generate(segments, 8, 5), cancel: TestContext.Current.CancellationToken);
        return path;
    }
}

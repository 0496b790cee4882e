using System.Text;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>A run leaves by its page and comes back by the page of all runs; the API has a page that works under the policy.</summary>
public sealed class ExportTests(Site site) : IClassFixture<Site>
{
    [Fact]
    public async Task A_run_is_downloaded_and_imported_again()
    {
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        await page.VisitAsync($"/runs/{Site.First}");
        async Task<string> ExportAsync(string item)
        {
            await Expect(page.Locator(".mud-menu-item")).ToHaveCountAsync(0); // the menu of before has closed
            await page.GetByRole(AriaRole.Button, new() { Name = "Export this run" }).ClickAsync();
            var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText(item).ClickAsync());
            return await download.PathAsync();
        }
        var table = await File.ReadAllTextAsync(await ExportAsync("Curves of epochs (CSV)"), TestContext.Current.CancellationToken);
        Assert.StartsWith("run,epoch,step", table, StringComparison.Ordinal);
        var zip = Path.Combine(TestData.TemporaryFolder(), "run.zip");
        File.Copy(await ExportAsync("Whole run, for another EcgPeft (zip)"), zip);

        // Here another run takes its id meanwhile, so it comes back beside it.
        var folder = RunFolder.Find(site.Web.Root.Runs, Site.First)!;
        folder.WriteRecipe(folder.ReadRecipe() with { Seed = 4711 });
        await page.VisitAsync("/runs");
        await page.GetByRole(AriaRole.Button, new() { Name = "Import run" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await Expect(page.Locator("#run-import-error")).ToContainTextAsync("Choose a file");
        await page.Locator("#run-zip").SetInputFilesAsync(zip);
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await Expect(page.Locator("#imported-runs")).ToContainTextAsync($"{Site.First}-2");
        Assert.Equal(RunStatus.Completed, RunSummary.Read(RunFolder.Find(site.Web.Root.Runs, $"{Site.First}-2")!)!.Status);

        await page.Locator("#run-zip").SetInputFilesAsync(new FilePayload { Name = "notes.zip", MimeType = "application/zip", Buffer = Encoding.UTF8.GetBytes("no zip at all") });
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await Expect(page.Locator("#run-import-error")).ToContainTextAsync("no zip file");
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task The_page_of_the_API_shows_it_and_runs_nothing_from_elsewhere()
    {
        await using var browser = await site.OpenAsync();
        await browser.Page.GotoAsync("/openapi");
        await browser.Page.Locator("#operations-Runs-get_api_runs").ClickAsync();
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Execute" }).ClickAsync();
        await Expect(browser.Page.Locator(".response .microlight").First).ToContainTextAsync(Site.First);
        Assert.Empty(browser.Troubles);
    }
}

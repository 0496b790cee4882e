using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Tests.Runs.Slurm;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>A study on a real Slurm, from the form to the report.</summary>
[Trait("Category", "Slurm")]
public sealed class SlurmTests(Chromium chromium, SlurmCluster cluster) : IClassFixture<Chromium>
{
    [Fact]
    public async Task A_study_goes_to_Slurm_from_the_form_and_ends_in_the_report()
    {
        await cluster.NeedAsync();
        var root = new DataRoot(TestData.TemporaryFolder());
        new DataSetLibrary(root).Import(RunView.Csv(120), "Small", null, 1000, cancel: TestContext.Current.CancellationToken);
        await using var web = await WebProcess.StartAsync(root, settings: [("EcgPeft__Slurm__Enabled", "true"), ("EcgPeft__Slurm__Cpus", "1"), ("EcgPeft__Slurm__PollSeconds", "0.5")]);
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.GotoAsync("/new?kind=study&data=small");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Seeds", Exact = true }).FillAsync("1, 2");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Epochs", Exact = true }).Last.FillAsync("1");
        await Expect(page.GetByLabel("Batch script", new() { Exact = true })).ToHaveCountAsync(0);
        await page.GetByLabel("Executor").ClickAsync();
        await page.GetByText("Slurm: a job of the cluster").ClickAsync();
        await page.GetByLabel("Memory (MB)").FillAsync("900");
        await Expect(page.GetByLabel("Batch script", new() { Exact = true })).ToContainTextAsync("#SBATCH --mem=900M");
        await page.GetByLabel("Time limit").FillAsync("1h");
        await Expect(page.GetByText("execution.timeLimit is '1h'").First).ToBeVisibleAsync();
        await page.GetByLabel("Time limit").FillAsync("30");
        await Expect(page.GetByLabel("Batch script", new() { Exact = true })).ToContainTextAsync("#SBATCH --time=30");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start study" }).ClickAsync();
        await page.HasAddressAsync("**/studies/*");
        await Expect(page.GetByLabel("Status", new() { Exact = true }).Locator(".chip")).ToHaveTextAsync("Completed", new() { Timeout = 120_000 });
        await Expect(page.Locator("#study-runs tbody tr").First).ToContainTextAsync(" on ");

        var study = page.Url;
        await page.Locator("#study-runs a").First.ClickAsync();
        await page.HasAddressAsync("**/runs/*");
        await Expect(page.Locator("#slurm-job")).ToContainTextAsync("completed");
        await page.GetByText("Batch script").First.ClickAsync();
        await Expect(page.GetByLabel("Batch script", new() { Exact = true })).ToContainTextAsync("#SBATCH --array=0-1");
        await page.GotoAsync(study);
        await page.GetByRole(AriaRole.Button, new() { Name = "Report" }).ClickAsync();
        await page.HasAddressAsync("**/report");
        await page.GotoAsync("/settings");
        await Expect(page.Locator("#slurm-settings")).ToContainTextAsync("1 processor");
        Assert.Empty(browser.Troubles);
    }
}

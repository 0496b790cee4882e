using System.Text.RegularExpressions;
using EcgPeft.Tests.Reports;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>From completed runs to a comparison and a report, in a real browser.</summary>
public sealed class CompareTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Runs_are_chosen_compared_exported_and_reported()
    {
        var samples = new StudySamples(grouped: true);
        var root = Runs.RunSamples.Root();
        foreach (var (name, method, skill) in new[] { ("run-a", "lora", 0.9), ("run-b", "adapter", 0.2), ("run-c", "adapter", 0.9) }) samples.Run(Path.Combine(root.Runs, name), "demo/hubert", method, 1, skill);
        await using var web = await WebProcess.StartAsync(root);
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;

        await page.VisitAsync("/compare");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Compare", Exact = true })).ToBeDisabledAsync();
        foreach (var name in new[] { "run-a", "run-b" }) await page.GetByLabel($"Choose {name}").CheckAsync();
        // While it is read, its shape stands there.
        await page.EvaluateAsync("new MutationObserver(() => { window.bones ||= Boolean(document.querySelector('.waiting[aria-busy=true] .bone')); }).observe(document.body, { childList: true, subtree: true })");
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare", Exact = true }).ClickAsync();
        var verdicts = page.GetByLabel("What the tests say");
        await Expect(verdicts).ToContainTextAsync("run-a is better than run-b");

        Assert.True(await page.EvaluateAsync<bool>("window.bones"));
        await Expect(page.Locator(".waiting, .mud-progress-circular")).ToHaveCountAsync(0);

        // Which way is better stands in a word and a colour, and a falling loss is.
        var (auroc, brier) = (page.Locator("tr[data-metric=auroc] td"), page.Locator("tr[data-metric=brier] td"));
        async Task SaysAsync(ILocator cell, string difference, string word)
        {
            await Expect(cell.Locator("[data-difference]")).ToHaveTextAsync(new Regex($"^{difference}0\\..* {word}$"));
            await Expect(cell.Locator("[data-difference]")).ToHaveClassAsync(word);
        }
        await SaysAsync(auroc.Nth(1), "−", "worse");
        await SaysAsync(brier.Nth(1), "\\+", "worse");
        await Expect(auroc.Nth(0)).ToContainTextAsync("baseline");
        await page.GetByLabel("Baseline").SelectOptionAsync("run-b");
        await Expect(auroc.Nth(1)).ToContainTextAsync("baseline");
        await SaysAsync(auroc.Nth(0), "\\+", "better");
        await SaysAsync(brier.Nth(0), "−", "better");

        await Expect(page.Locator("#compare-recipes")).ToContainTextAsync("peft.method");
        await Expect(page.Locator("#compare-recipes tr").Filter(new() { HasText = "peft.rank" }).Locator("td")).ToHaveTextAsync(["8", "not set"]);
        await Expect(page.Locator("#compare-recipes")).Not.ToContainTextAsync("training.epochs");
        await page.GetByText(new Regex(@"^\d\d equal rows hidden$")).ClickAsync();
        await Expect(page.Locator("#compare-recipes")).ToContainTextAsync("training.epochs");

        await Expect(page.Locator("[data-figure=loss] [data-count]")).ToHaveAttributeAsync("data-points", "12");
        await Expect(page.Locator("[data-figure=loss] .apexcharts-line-series .apexcharts-series")).ToHaveCountAsync(2);
        await page.GetByLabel("Horizontal axis").SelectOptionAsync("step");
        await Expect(page.Locator("[data-figure=loss] [data-summary]")).ToContainTextAsync("at step 12");
        await Expect(page.Locator("figure[data-figure=roc] svg polyline")).ToHaveCountAsync(2);
        var numbers = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "ROC as CSV", Exact = true }).ClickAsync());
        Assert.StartsWith("series,False positive rate,True positive rate\nrun-a,", await File.ReadAllTextAsync(await numbers.PathAsync(), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await page.Locator("figure[data-figure=roc] summary").ClickAsync();
        await Expect(page.Locator("figure[data-figure=roc] thead th")).ToHaveTextAsync(["series", "False positive rate", "True positive rate"]);
        await Expect(page.Locator("figure[data-figure=roc] tbody tr").Last).ToHaveTextAsync("run-b11"); // where every segment is called 1
        await page.Locator("[data-figure=loss] summary").ClickAsync();
        var curve = await page.RunAndWaitForDownloadAsync(() => page.Locator("[data-figure=loss]").GetByRole(AriaRole.Button, new() { Name = "CSV" }).ClickAsync());
        Assert.StartsWith("Step,run-a,run-b\n1,0.2,", await File.ReadAllTextAsync(await curve.PathAsync(), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await Expect(page.Locator("#agreement dd")).ToHaveCountAsync(4);
        await Expect(page.Locator(".strip").First).ToBeVisibleAsync();

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).ClickAsync());
        Assert.Equal(3, File.ReadAllLines(await download.PathAsync()).Length);

        await page.GetByRole(AriaRole.Link, new() { Name = "Report", Exact = true }).Last.ClickAsync();
        await Expect(page.GetByLabel("Choose run-a")).ToBeCheckedAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Build report", Exact = true }).ClickAsync();
        var built = page.Locator("#reports tbody a").First;
        await Expect(built).ToHaveTextAsync("LoRA against adapter on hubert");
        var report = await page.Context.RunAndWaitForPageAsync(() => built.ClickAsync());
        await Expect(report.Locator(".answer").First).ToContainTextAsync("hubert");
        await Expect(report.Locator("figure svg").Nth(3)).ToBeAttachedAsync();
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task A_study_has_its_own_picture_and_its_report_prints()
    {
        var samples = new StudySamples(grouped: true);
        var root = Runs.RunSamples.Root();
        samples.Study(2, 0.9, 0.1, Path.Combine(root.Studies, "first"));
        await using var web = await WebProcess.StartAsync(root);
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;

        await page.VisitAsync("/compare");
        // A study without a name is called by what it is about, here as on every other page.
        const string title = "wav2vec2, hubert with LoRA, Adapter";
        await page.Locator("#compare-studies").GetByRole(AriaRole.Link, new() { Name = title, Exact = true }).ClickAsync();
        await Expect(page.Locator("#study-grid tbody tr")).ToHaveCountAsync(3);
        await Expect(page.Locator(".verdict").First).ToContainTextAsync("LoRA is better than wav2vec2 · adapter by 0.");
        await Expect(page.Locator("#study-grid .shown-difference")).ToHaveCountAsync(2);
        await Expect(page.Locator("header p")).ToContainTextAsync(title);
        await Expect(page.Locator("#study-grid .shown-difference").First).ToHaveTextAsync(new Regex(@"^LoRA − adapter: \+0\..* LoRA better$"));
        await page.GetByLabel("Metric of the grid").SelectOptionAsync("brier");
        await Expect(page.Locator("#study-grid .shown-difference").First).ToHaveTextAsync(new Regex(@"^LoRA − adapter: −0\..* LoRA better$"));
        foreach (var figure in new[] { "differences", "cost-parameters", "cost-time", "cost-memory", "training-auroc-hubert" }) await Expect(page.Locator($"#study-picture [data-figure={figure}] svg")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Report", Exact = true }).Last.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = $"Build report of study {title}" }).ClickAsync();
        await Expect(page.Locator("#reports tbody tr")).ToHaveCountAsync(1);
        var download = await page.RunAndWaitForDownloadAsync(() => page.Locator("#reports").GetByRole(AriaRole.Link, new() { Name = "PDF" }).ClickAsync());
        Assert.Equal("%PDF-", System.Text.Encoding.ASCII.GetString(File.ReadAllBytes(await download.PathAsync()), 0, 5));
        Assert.Empty(browser.Troubles);
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1400)]
    [InlineData(ColorScheme.Dark, 400)]
    public async Task Compare_and_report_fit_and_raise_no_error(ColorScheme theme, int width)
    {
        var samples = new StudySamples(grouped: false);
        var root = Runs.RunSamples.Root();
        foreach (var (name, method) in new[] { ("run-a", "lora"), ("ecg-fm-adapter", "adapter") }) samples.Run(Path.Combine(root.Runs, name), "demo/hubert", method, 1, 0.5);
        await using var web = await WebProcess.StartAsync(root);
        await using var browser = await chromium.OpenAsync(web.Address, width, theme);
        foreach (var path in new[] { "/compare", "/compare?runs=run-a,ecg-fm-adapter", "/report" })
        {
            await browser.Page.VisitAsync(path);
            await Expect(browser.Page.Locator("main h1")).ToBeVisibleAsync();
            if (path.Contains('?', StringComparison.Ordinal))
            {
                await Expect(browser.Page.Locator("[data-figure=loss] [data-count]")).ToHaveAttributeAsync("data-points", "12");
                // A name stands in one piece above its column, not broken at the first hyphen.
                Assert.Equal(1, await browser.Page.Locator("#compare-metrics th[data-run=ecg-fm-adapter]").EvaluateAsync<int>("head => { const words = document.createRange(); words.selectNodeContents(head.lastChild); return words.getClientRects().length; }"));
            }
            Assert.True(await browser.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{path} is wider than {width} px.");
            if (Environment.GetEnvironmentVariable("ECGPEFT_SCREENSHOTS") is { Length: > 0 } folder)
                await browser.Page.ScreenshotAsync(new() { FullPage = true, Path = Path.Combine(folder, $"{path.Trim('/').Split('?')[0]}-{(path.Contains('?', StringComparison.Ordinal) ? "runs" : "start")}-{theme}-{width}.png") });
        }
        Assert.Empty(browser.Troubles);
    }
}

using EcgPeft.Tests.Reports;
using EcgPeft.Tests.Runs;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>The overview: the path of a first visit, what has ended since the last one, and the best runs.</summary>
public sealed class OverviewTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task A_first_visit_is_led_to_a_comparison()
    {
        await using var web = await WebProcess.StartAsync();
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.VisitAsync("/");
        var start = page.GetByRole(AriaRole.Button, new() { Name = "Try the demo study" });
        await Expect(start).ToBeVisibleAsync();
        Assert.Empty(await page.AxeAsync());
        // Where there is nothing yet, a page says what to do next.
        foreach (var (path, name, to) in new[] { ("/runs", "Start the first run", "new"), ("/compare", "Start a run", "new"), ("/report", "Start a run", "new"), ("/studies", "Plan the first study", "new?kind=study") })
        {
            await page.VisitAsync(path);
            await Expect(page.Locator(".empty").GetByRole(AriaRole.Link, new() { Name = name })).ToHaveAttributeAsync("href", to);
        }
        await page.VisitAsync("/");
        await start.ClickAsync();
        await Expect(page.Locator(".steps a[href^='runs/']")).ToHaveCountAsync(2);
        await Expect(page.Locator(".steps .chip").GetByText("Running")).ToBeVisibleAsync(); // what follows takes a minute, and is the next test's
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task When_both_runs_of_the_demo_study_are_completed_one_click_compares_them()
    {
        var root = RunSamples.Root();
        var samples = new StudySamples(grouped: true);
        foreach (var (name, method) in new[] { ("demo-a", "lora"), ("demo-b", "adapter") })
        {
            var folder = samples.Run(Path.Combine(root.Runs, name), "demo/wav2vec2", method, 1, 0.8);
            await File.WriteAllTextAsync(folder.NotesFile, """{ "tags": ["demo study"] }""", TestContext.Current.CancellationToken);
        }
        await using var web = await WebProcess.StartAsync(root);
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.VisitAsync("/");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your first comparison is ready" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Best runs" })).ToContainTextAsync("best of 2");
        await Expect(page.Locator("#since-title")).ToHaveCountAsync(0); // nothing was missed on a first visit

        // A visit later, another run has ended.
        Task<string> LastSeen() => page.EvaluateAsync<string>("localStorage.getItem('ecgpeft-last-visit')");
        var opened = await LastSeen();
        await page.GotoAsync("/favicon.svg"); // no page of the dashboard: the visit ends, and its end is noted
        while (await LastSeen() == opened) await Task.Delay(20, TestContext.Current.CancellationToken);
        samples.Run(Path.Combine(root.Runs, "later"), "demo/hubert", "lora", 2, 0.8);
        var next = await page.Context.NewPageAsync();
        await next.VisitAsync("/");
        await Expect(next.Locator("section[aria-labelledby=since-title]")).ToContainTextAsync("later");

        await page.VisitAsync("/compare?runs=demo-a,demo-b");
        await Expect(page.Locator("#compare-metrics")).ToBeVisibleAsync();
        Assert.Empty(browser.Troubles);
    }
}

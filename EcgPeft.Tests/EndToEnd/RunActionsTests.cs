using System.Text.RegularExpressions;
using EcgPeft.Core.Runs;
using EcgPeft.Tests.Runs;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>Tags, notes, archive, deletion with undo, bulk actions and the queue's order, as a person does them.</summary>
public sealed class RunActionsTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Notes_are_kept_and_deleted_runs_come_back()
    {
        var root = RunSamples.Root();
        var (first, second) = (RunSamples.Completed(root), RunSamples.Completed(root));
        await using var web = await WebProcess.StartAsync(root);
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;

        await page.VisitAsync($"/runs/{first.Id}");
        await page.GetByLabel("Add a tag").FillAsync("paper");
        await page.GetByLabel("Add a tag").PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Remove the tag paper" })).ToBeVisibleAsync();
        await page.GetByLabel("Note", new() { Exact = true }).FillAsync("The one for figure 2.");
        await page.GetByLabel("Note", new() { Exact = true }).BlurAsync();
        await Expect(page.GetByText("Note saved.")).ToBeVisibleAsync();
        Assert.Equal(new RunNotes { Tags = ["paper"], Note = "The one for figure 2." }, RunNotes.Read(first));

        // The run's own colour is changed once, and is another one everywhere.
        await page.Locator(".look-menu summary").ClickAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "Colour 4" }).CheckAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "Dash 3" }).CheckAsync();
        await Expect(page.Locator("section.charts")).ToHaveAttributeAsync("data-color", "--series-4");
        await Expect(page.Locator("section.charts")).ToHaveAttributeAsync("data-dash", "2");
        await Expect(page.Locator("h1 path")).ToHaveAttributeAsync("style", "stroke:var(--series-4);stroke-width:2.4;stroke-dasharray:2");
        Assert.Contains("15", await File.ReadAllTextAsync(Path.Combine(first.Path, "look.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await page.VisitAsync("/");
        await Expect(page.Locator($"tr:has(a[href='runs/{first.Id}']) .run-line path").Last).ToHaveAttributeAsync("style", "stroke:var(--series-4);stroke-width:2.4;stroke-dasharray:2");
        await page.VisitAsync("/runs");
        await Expect(page.Locator("tr[data-run]")).ToHaveCountAsync(2);
        await Expect(page.GetByText("Owner")).ToHaveCountAsync(0); // nobody logs in here
        await Expect(page.Locator($"tr[data-run='{first.Id}'] .run-line path")).ToHaveAttributeAsync("style", "stroke:var(--series-4);stroke-width:2.4;stroke-dasharray:2");
        // What a run reached and what it cost is in sight at 1280 pixels, left of the actions that lie over the rest.
        foreach (var label in new[] { "F1", "AUROC", "Trainable", "Time" })
            Assert.True(await page.Locator($"tr[data-run='{first.Id}']").EvaluateAsync<bool>("(row, label) => row.querySelector(`[data-label=${label}]`).getBoundingClientRect().right <= row.querySelector('.actions').getBoundingClientRect().left", label), label);
        await page.GetByLabel("Tag", new() { Exact = true }).SelectOptionAsync("paper");
        await Expect(page.Locator("tr[data-run]")).ToHaveCountAsync(1);
        await page.GetByText("Clear filters").ClickAsync();

        // A menu closes by a click elsewhere and by Escape.
        await page.GetByText("Columns", new() { Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Columns of the table" })).ToBeVisibleAsync();
        await page.Locator("h1").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Columns of the table" })).ToBeHiddenAsync();
        await page.GetByText("Copy table").ClickAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Copy the table as" })).ToBeHiddenAsync();

        await page.Locator($"tr[data-run='{second.Id}']").GetByRole(AriaRole.Button, new() { Name = "More for" }).ClickAsync();
        await page.GetByText("Delete", new() { Exact = true }).ClickAsync();
        await Expect(page.Locator("tr[data-run]")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(page.Locator("tr[data-run]")).ToHaveCountAsync(2);
        Assert.True(File.Exists(second.MetricsFile));

        // Ctrl+Z takes back what a toast offers to take back, the last first.
        await page.Locator($"tr[data-run='{second.Id}']").GetByRole(AriaRole.Button, new() { Name = "More for" }).ClickAsync();
        await page.GetByText("Archive", new() { Exact = true }).ClickAsync();
        await Expect(page.GetByText("is archived: the table hides it")).ToBeVisibleAsync();
        await Expect(page.Locator("tr[data-run]")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Control+z");
        await Expect(page.Locator("tr[data-run]")).ToHaveCountAsync(2);
        await Expect(page.GetByText("is out of the archive.")).ToBeVisibleAsync();
        await page.GetByText("Columns", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Recall", Exact = true }).UncheckAsync();
        await Expect(page.GetByText("Recall is hidden.")).ToBeVisibleAsync();
        await Expect(page.Locator("thead").GetByText("Recall")).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("Control+z");
        await Expect(page.Locator("thead").GetByText("Recall")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        var order = await page.Locator("thead th").AllTextContentsAsync();
        await page.GetByText("Columns", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Move F1 left", Exact = true }).ClickAsync();
        await Expect(page.GetByText("The columns are in another order.")).ToBeVisibleAsync();
        await Expect(page.Locator("thead th")).Not.ToHaveTextAsync(order);
        await page.Keyboard.PressAsync("Control+z");
        await Expect(page.Locator("thead th")).ToHaveTextAsync(order);
        await page.Keyboard.PressAsync("Escape");

        await page.GetByLabel("Choose all runs shown").CheckAsync();
        var bulk = page.GetByRole(AriaRole.Group, new() { Name = "Actions on the chosen runs" });
        await bulk.GetByLabel("Tag for the chosen runs").FillAsync("both");
        await bulk.GetByText("Add tag").ClickAsync();
        await Expect(page.Locator("tr[data-run] .tag", new() { HasText = "both" })).ToHaveCountAsync(2);
        await bulk.GetByText("Archive", new() { Exact = true }).ClickAsync();
        await Expect(page.GetByText("No run passes these filters")).ToBeVisibleAsync();
        await page.GetByLabel("Archive", new() { Exact = true }).SelectOptionAsync("Only");
        await Expect(page.Locator("tr[data-run]")).ToHaveCountAsync(2);
        Assert.All(new[] { first, second }, run => Assert.True(RunNotes.Read(run) is { Archived: true, Tags: [.., "both"] }));
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task The_queue_is_reordered_and_set_to_more_at_once()
    {
        var root = RunSamples.Root();
        string[] ids;
        using (var services = RunServices.Open(root, StubWorker.Quick)) ids = [.. new[] { "first", "second", "third" }.Select(name => services.Queue.Enqueue(new() { Name = name }))];
        // A worker of another process has the first slot, so that the others wait.
        var busy = RunSamples.Abandoned(root, 1);
        using var held = WorkerLock.TryTake(busy);
        await using var web = await WebProcess.StartAsync(root);
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;

        await page.VisitAsync("/");
        var now = page.GetByRole(AriaRole.Region, new() { Name = "At work" });
        await Expect(now.GetByRole(AriaRole.Article)).ToHaveCountAsync(1);
        await Expect(now).ToContainTextAsync("Running");
        await Expect(now.GetByRole(AriaRole.Link)).ToHaveAttributeAsync("href", $"runs/{busy.Id}");
        await Expect(now).ToContainTextAsync("Last loss 1");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Machine" }).Locator("dd")).ToHaveTextAsync(
            [new Regex($@"^{Environment.ProcessorCount} cores(, load \d+\.\d)?$"), new Regex(@"^([\d.]+ [MG]B free of )?[\d.]+ [MG]B$"), new Regex(@"^[\d.]+ [kMG]B free$"), new Regex($"^{Regex.Escape(root.Path)}$")]);
        var queue = page.Locator("ol.queue > li");
        await Expect(queue).ToHaveCountAsync(3);
        await page.GetByRole(AriaRole.Button, new() { Name = "Move third up" }).ClickAsync();
        await Expect(queue.Nth(1)).ToContainTextAsync("third");
        await page.GetByRole(AriaRole.Button, new() { Name = "Move first down" }).ClickAsync();
        await Expect(queue.Nth(0)).ToContainTextAsync("third");
        await page.GetByRole(AriaRole.Button, new() { Name = "Take second out of the queue" }).ClickAsync();
        await Expect(queue).ToHaveCountAsync(2);

        await page.VisitAsync("/runs");
        var row = page.Locator($"tr[data-run='{ids[0]}']");
        await Expect(row).ToContainTextAsync("place 2");
        await row.GetByRole(AriaRole.Button, new() { Name = "More for first" }).ClickAsync();
        await page.GetByText("High priority", new() { Exact = true }).ClickAsync();
        await Expect(row).ToContainTextAsync("next, high");
        await page.Locator($"tr[data-run='{ids[2]}']").GetByRole(AriaRole.Button, new() { Name = "Stop third" }).ClickAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Stop first" }).ClickAsync();
        await Expect(page.GetByText("0 waiting")).ToBeVisibleAsync();

        await page.VisitAsync("/settings");
        await page.GetByLabel("Runs that train at once").FillAsync("3");
        await page.GetByLabel("Runs that train at once").BlurAsync();
        await Expect(page.GetByText("3 runs may train at once.")).ToBeVisibleAsync();
        Assert.Contains("3", await File.ReadAllTextAsync(Path.Combine(root.Path, "queue.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Empty(browser.Troubles);
    }
}

using System.Globalization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Training;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>What a person does first: look at data, start a run, watch it, find it in the table.</summary>
public sealed class FirstRunTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task From_a_file_to_a_row_in_the_table()
    {
        await using var web = await WebProcess.StartAsync();
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;

        await page.VisitAsync("/data");
        var demo = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Demo (synthetic ECG)" });
        await Expect(demo.GetByText("synthetic", new() { Exact = true })).ToBeVisibleAsync();

        await page.GetByLabel("Data file").SetInputFilesAsync(RunView.Csv(60, badRow: 7));
        await page.GetByRole(AriaRole.Button, new() { Name = "Check file" }).ClickAsync();
        var error = page.Locator("#import-error");
        await Expect(error).ToContainTextAsync("ow 7");
        await Expect(error).ToContainTextAsync("olumn 3");
        await Expect(error).ToContainTextAsync("oops");

        await page.GetByRole(AriaRole.Button, new() { Name = "Another file" }).ClickAsync();
        await page.GetByLabel("Data file").SetInputFilesAsync(RunView.Csv(400));
        await page.GetByRole(AriaRole.Button, new() { Name = "Check file" }).ClickAsync();
        await page.GetByLabel("Name").FillAsync("My segments");
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await page.HasAddressAsync("**/data/my-segments");
        await Expect(page.GetByLabel("What is in it")).ToContainTextAsync("400");
        await Expect(page.Locator(".strips .strip svg")).ToHaveCountAsync(6);

        await page.GetByRole(AriaRole.Link, new() { Name = "New run on this data" }).ClickAsync();
        var recipe = new Recipe();
        var counts = ParameterCounting.Count(new ModelCatalogue(web.Root).FolderOf(recipe.Backbone.Model), recipe.Peft);
        await Expect(page.Locator("#trainable")).ToContainTextAsync(counts.Trainable.ToString("N0", CultureInfo.InvariantCulture));
        await Expect(page.Locator("#total")).ToContainTextAsync(counts.Total.ToString("N0", CultureInfo.InvariantCulture));
        await page.GetByLabel("Batch size").FillAsync("0");
        await Expect(page.GetByText("training.batchSize is 0; it must be at least 1.").First).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Start run" })).ToBeDisabledAsync();
        await page.GetByLabel("Batch size").FillAsync("8");
        await page.GetByLabel("Epochs").FillAsync("3");
        await page.GetByLabel("Name (optional)").FillAsync("first run");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start run" }).DblClickAsync();
        await page.HasAddressAsync("**/runs/*");
        var id = RunView.IdOf(page);

        await page.UntilPoints(1);
        // The page may be slow and the run nearly done: then there are no five more to come.
        var more = Math.Min(await page.Points() + 5, 3 * 30);
        await page.UntilPoints(more); // it grows by itself
        await page.ReloadAsync();
        await page.UntilPoints(more);
        await using var second = await chromium.OpenAsync(web.Address);
        await second.Page.VisitAsync($"/runs/{id}");
        await second.Page.UntilPoints(more);

        await Expect(page.Status()).ToHaveTextAsync("Completed", new() { Timeout = 180_000 });
        await Expect(page.Locator("#metrics tbody tr")).ToHaveCountAsync(2);
        await Expect(second.Page.Status()).ToHaveTextAsync("Completed");
        var steps = RunView.StepsOf(web.Root, id);
        await page.HasPointsAsync(steps);
        await second.Page.HasPointsAsync(steps);
        await Expect(page.Locator("[data-figure=validation-loss] [data-count]")).ToHaveAttributeAsync("data-points", "3");

        await page.GetByRole(AriaRole.Navigation, new() { Name = "Main" }).GetByRole(AriaRole.Link, new() { Name = "Runs", Exact = true }).ClickAsync();
        var row = page.Locator($"tr[data-run='{id}']");
        await Expect(row).ToContainTextAsync("first run");
        await Expect(row.Locator("[data-label=F1]")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(@"^\d\.\d{3}$"));
        await Expect(page.Locator("tr[data-run]")).ToHaveCountAsync(1); // the double click started one run

        Assert.DoesNotContain(browser.Troubles, trouble => !trouble.Contains("400 (Bad Request)", StringComparison.Ordinal)); // the refused file
        Assert.Empty(second.Troubles);
    }

    [Fact]
    public async Task A_killed_dashboard_leaves_the_run_alone_and_finds_it_again()
    {
        await using var first = await WebProcess.StartAsync();
        await using var browser = await chromium.OpenAsync(first.Address);
        var page = browser.Page;
        await page.VisitAsync("/new");
        // On no machine is it at its end before it is stopped.
        await page.GetByLabel("Epochs").FillAsync("500");
        await page.GetByText("Schedule, early stopping, precision and checkpoints").ClickAsync();
        await page.GetByLabel("Patience", new() { Exact = true }).FillAsync("0");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start run" }).ClickAsync();
        await page.HasAddressAsync("**/runs/*");
        var id = RunView.IdOf(page);
        await page.UntilPoints(5);

        // Nobody looks: the run goes on.
        var context = page.Context;
        await page.CloseAsync();
        var alone = RunView.StepsOf(first.Root, id);
        while (RunView.StepsOf(first.Root, id) < alone + 5) await Task.Delay(50, TestContext.Current.CancellationToken);
        page = await context.NewPageAsync();
        await page.VisitAsync($"/runs/{id}");
        await page.UntilPoints(alone + 5);

        await first.KillAsync();
        var before = RunView.StepsOf(first.Root, id);
        await using var again = await WebProcess.StartAsync(first.Root, first.Address);
        await page.UntilPoints(before + 5); // the page found the new process by itself, and the worker never stopped
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
        await Expect(page.Status()).ToHaveTextAsync("Running");

        await page.GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true }).ClickAsync();
        await Expect(page.Status()).ToHaveTextAsync("Stopped");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Resume" })).ToBeVisibleAsync();
        await page.HasPointsAsync(RunView.StepsOf(again.Root, id));
        var statuses = EcgPeft.Core.Runs.EventLog.Read(new EcgPeft.Core.Runs.RunFolder(Path.Combine(again.Root.Runs, id)).EventsFile, 0).Events.OfType<StatusEvent>().Select(status => status.Status);
        Assert.Equal([RunStatus.Queued, RunStatus.Running, RunStatus.Stopping, RunStatus.Stopped], statuses);
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1400)]
    [InlineData(ColorScheme.Dark, 1400)]
    [InlineData(ColorScheme.Light, 400)]
    [InlineData(ColorScheme.Dark, 400)]
    [InlineData(ColorScheme.Light, 2560)]
    [InlineData(ColorScheme.Dark, 3840)]
    public async Task Every_page_fits_and_raises_no_error(ColorScheme theme, int width)
    {
        var root = Runs.RunSamples.Root();
        var run = Runs.RunSamples.Completed(root);
        await using var web = await WebProcess.StartAsync(root);
        await using var browser = await chromium.OpenAsync(web.Address, width, theme);
        foreach (var path in new[] { "/", "/new", "/runs", $"/runs/{run.Id}", "/models", "/data", $"/data/{DataSetLibrary.DemoId}" })
        {
            await browser.Page.VisitAsync(path);
            await Expect(browser.Page.Locator("main h1")).ToBeVisibleAsync();
            if (path.StartsWith("/runs/", StringComparison.Ordinal)) await browser.Page.UntilPoints(3);
            Assert.True(await browser.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{path} is wider than {width} px.");
            // A large screen is used, not only centred on.
            if (width > 2000) Assert.InRange(await browser.Page.EvaluateAsync<double>("document.querySelector('main').getBoundingClientRect().width"), width * 0.75, width);
            Assert.Equal(theme == ColorScheme.Dark, await browser.Page.EvaluateAsync<bool>("document.documentElement.dataset.theme === 'dark'"));
        }
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task Menus_open_and_a_chosen_theme_is_remembered()
    {
        await using var web = await WebProcess.StartAsync();
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.VisitAsync("/new");
        await page.GetByLabel("Normalisation").ClickAsync();
        await page.GetByText("z-score over the whole data set").ClickAsync();
        await Expect(page.GetByLabel("Recipe", new() { Exact = true })).ToContainTextAsync("\"normalization\": \"global\"");
        await page.GetByRole(AriaRole.Radio, new() { Name = "Bottleneck adapters" }).ClickAsync();
        await Expect(page.GetByLabel("Bottleneck size")).ToBeVisibleAsync();

        // Escape closes a menu that a click has opened, and the focus is on its button.
        var theme = page.GetByRole(AriaRole.Button, new() { Name = "Light or dark" });
        await theme.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Menu)).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Menu)).ToHaveCountAsync(0);
        await Expect(theme).ToBeFocusedAsync();

        await theme.ClickAsync();
        await page.GetByText("Dark", new() { Exact = true }).ClickAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await page.ReloadAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        Assert.Empty(browser.Troubles);
    }
}

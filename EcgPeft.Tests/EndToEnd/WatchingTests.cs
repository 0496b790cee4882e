using EcgPeft.Tests.Runs;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>Looking away and coming back: a laptop that was closed, another window in front, a screen reader.</summary>
public sealed class WatchingTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task A_laptop_that_was_closed_for_long_comes_back_by_itself_without_a_gap_or_a_value_twice()
    {
        await using var web = await WebProcess.StartAsync(settings: [("EcgPeft__DisconnectedSeconds", "0"), ("Logging__LogLevel__Microsoft.AspNetCore.Components.Server.Circuits", "Debug")]);
        await using var wire = new Relay(web.Address);
        await using var browser = await chromium.OpenAsync(wire.Address);
        var page = browser.Page;
        var folder = RunSamples.NewRun(web.Root, "lid");
        var worker = new LiveWorker(folder, RunSamples.Plan with { StepsPerEpoch = 100, Epochs = 3, TotalSteps = 300 });
        worker.Steps(1, 100);
        await page.VisitAsync($"/runs/{folder.Id}");
        await page.UntilPoints(100);

        wire.Cut();
        await Expect(page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        worker.Steps(101, 200);
        await web.UntilOutput("evicted due to"); // what the server knew of the page is gone
        wire.Mend();
        await page.UntilPoints(200);
        worker.Steps(201, 300);
        await worker.EndAsync();
        await Expect(page.Status()).ToHaveTextAsync("Completed"); // the page lives, not only its curves
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
        await page.HasPointsAsync(300);
        await page.GetByRole(AriaRole.Button, new() { Name = "More for lid" }).ClickAsync();
        await Expect(page.GetByText("Archive", new() { Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_connection_that_was_lost_for_a_moment_comes_back_to_the_same_page_without_a_gap_or_a_value_twice()
    {
        await using var web = await WebProcess.StartAsync();
        await using var wire = new Relay(web.Address);
        await using var browser = await chromium.OpenAsync(wire.Address);
        var page = browser.Page;
        var folder = RunSamples.NewRun(web.Root, "tunnel");
        var worker = new LiveWorker(folder, RunSamples.Plan with { StepsPerEpoch = 100, Epochs = 3, TotalSteps = 300 });
        worker.Steps(1, 100);
        await page.VisitAsync($"/runs/{folder.Id}");
        await page.UntilPoints(100);
        await page.EvaluateAsync("window.same = true");

        wire.Cut();
        await Expect(page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        worker.Steps(101, 200);
        wire.Mend();
        await page.UntilPoints(200);
        worker.Steps(201, 300);
        await worker.EndAsync();
        await Expect(page.Status()).ToHaveTextAsync("Completed");
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
        await page.HasPointsAsync(300);
        Assert.True(await page.EvaluateAsync<bool>("window.same === true"), "The page was loaded anew.");
    }

    [Fact]
    public async Task The_end_of_a_run_is_a_silent_notification_where_that_is_allowed_and_another_window_is_in_front()
    {
        await using var web = await WebProcess.StartAsync();
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.Context.GrantPermissionsAsync(["notifications"]);
        await page.AddInitScriptAsync(
            """
            const real = window.Notification;
            window.told = [];
            window.Notification = class { static get permission() { return real.permission; } constructor(title, options) { window.told.push({ title, ...options }); } close() { } };
            Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
            window.sounds = 0;
            HTMLMediaElement.prototype.play = function () { window.sounds++; return Promise.resolve(); };
            window.AudioContext = class { constructor() { window.sounds++; } };
            """);
        await page.VisitAsync("/data");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Data");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Notify me when a run ends" })).ToHaveCountAsync(0); // it is allowed already
        var folder = RunSamples.NewRun(web.Root, "unwatched");
        var worker = new LiveWorker(folder, RunSamples.Plan);
        worker.Steps(1, 4);
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-progress", "50");
        await worker.EndAsync();
        await Expect(page.Locator(".mud-snackbar").Filter(new() { HasText = "unwatched is completed" })).ToBeVisibleAsync(); // first, since it goes away
        await page.WaitForFunctionAsync("() => window.told.length > 0");
        Assert.Equal("""[["unwatched","unwatched is completed.",true]]""", await page.EvaluateAsync<string>("JSON.stringify(window.told.map(n => [n.title, n.body, n.silent]))"));
        Assert.Equal(0, await page.EvaluateAsync<int>("window.sounds"));
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task A_screen_reader_hears_of_start_epochs_and_end_and_of_no_step()
    {
        var root = RunSamples.Root();
        using var busy = Core.Runs.WorkerLock.TryTake(RunSamples.Abandoned(root, 1)); // the only place is taken, so the dashboard starts no worker of its own
        await using var web = await WebProcess.StartAsync(root);
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.AddInitScriptAsync(
            """
            window.heard = [];
            addEventListener('DOMContentLoaded', () => new MutationObserver(changes => {
                for (const change of changes) {
                    const place = (change.target.nodeType === 1 ? change.target : change.target.parentElement)?.closest('[aria-live]:not([aria-live=off]), [role=status], [role=alert], output');
                    const text = place?.textContent.trim();
                    if (text && text !== window.heard.at(-1)) window.heard.push(text);
                }
            }).observe(document.body, { subtree: true, childList: true, characterData: true }));
            """);
        var folder = RunSamples.NewRun(web.Root, "heard");
        Core.Runs.RunLife.Move(folder, Core.Training.RunStatus.Queued, 0, null);
        await page.VisitAsync($"/runs/{folder.Id}");
        await Expect(page.Status()).ToHaveTextAsync("Queued");
        await Expect(page.Locator("section.charts:not([data-waiting])")).ToBeVisibleAsync(); // what is said while the page is put together is not meant
        await page.EvaluateAsync("window.heard.length = 0");
        var worker = new LiveWorker(folder, RunSamples.Plan with { StepsPerEpoch = 100, Epochs = 2, TotalSteps = 200 });
        await Expect(page.Status()).ToHaveTextAsync("Running");
        for (var epoch = 1; epoch <= 2; epoch++)
        {
            for (var step = 1; step <= 100; step++) worker.Report(RunSamples.Step((epoch - 1) * 100 + step) with { Epoch = epoch });
            await Expect(page.Locator("p[aria-live=polite]").First).ToHaveTextAsync($"Epoch {epoch} of 2 has begun.");
            await page.UntilPoints(epoch * 100);
            await Expect(page).ToHaveTitleAsync($"{epoch * 50} % · heard · EcgPeft"); // the tab says it, too
        }
        await worker.EndAsync();
        await Expect(page.Locator(".mud-snackbar").Filter(new() { HasText = "heard is completed" })).ToBeVisibleAsync(); // first, since it goes away
        await Expect(page.Status()).ToHaveTextAsync("Completed");
        await Expect(page).ToHaveTitleAsync("Completed · heard · EcgPeft");
        var heard = await page.EvaluateAsync<string[]>("window.heard");
        Assert.Contains("The run is running.", heard);
        Assert.Contains("Epoch 2 of 2 has begun.", heard);
        Assert.Contains("The run is completed.", heard);
        // The run was made for this test: that its predictions are missing is said, too.
        Assert.All(heard.Where(text => !text.Contains(folder.Path, StringComparison.Ordinal)), text => Assert.Matches("^(The run is|Epoch \\d of 2 has begun|heard is completed|Resampling)", text));
        Assert.Empty(browser.Troubles);
    }
}

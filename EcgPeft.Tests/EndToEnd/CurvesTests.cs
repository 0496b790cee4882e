using System.Globalization;
using System.Text.RegularExpressions;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Runs;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>Curves that hide nothing, in a real browser.</summary>
public sealed class CurvesTests(Site site) : IClassFixture<Site>
{
    [Fact]
    public async Task A_value_that_is_no_number_is_marked_at_its_step_said_and_in_the_table()
    {
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        await page.VisitAsync($"/runs/{site.Failed.Id}");
        var loss = page.Locator("[data-figure=training-loss]");
        await Expect(loss.Locator("[data-odd]")).ToHaveAttributeAsync("data-odd", "NaN @ 4");
        await Expect(loss.Locator("[data-notes]")).ToHaveTextAsync("NaN @ 4.");
        await loss.GetByText("Data table").ClickAsync();
        await Expect(loss.Locator("tbody tr").Nth(3)).ToHaveTextAsync("4NaN");
        // A failure explains itself: step, cause, remedy; and leads on.
        await Expect(page.Locator(".notice.bad").First).ToContainTextAsync("at step 4");
        await Expect(page.Locator(".notice.bad").First).ToContainTextAsync("try a lower learning rate");
        await Expect(page.Locator("#last-lines li span")).ToHaveTextAsync(["Line 5.", "Line 4.", "Line 3."]); // what it said last, the newest first; the log further down has all
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Clone with changes" })).ToBeVisibleAsync();
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task Smoothing_leaves_the_raw_curve_and_validation_as_they_are_and_the_address_is_the_view()
    {
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        await page.VisitAsync($"/runs/{Site.First}");
        await page.UntilPoints(12);
        var (loss, validation) = (page.Locator("[data-figure=training-loss]"), page.Locator("[data-figure=validation-loss]"));
        await Expect(Curves(loss)).ToHaveCountAsync(1);
        foreach (var (axis, title) in new[] { ("epoch", "Epoch"), ("segments", "Segments seen"), ("active", "Active time (pauses taken out)"), ("clock", "Clock"), ("step", "Step") })
        {
            await page.GetByLabel("Horizontal axis").SelectOptionAsync(axis);
            await Expect(loss.Locator(".apexcharts-xaxis-title")).ToHaveTextAsync(title);
            await Expect(loss.Locator(".apexcharts-line-series path").First).ToHaveAttributeAsync("d", new Regex("^M")); // upright where all was done in a millisecond, so not always visible
        }
        await page.GetByLabel("Smoothing").FillAsync("0.9");
        await page.GetByLabel("Log axis").CheckAsync();
        await page.GetByLabel("Horizontal axis").SelectOptionAsync("segments");
        await Expect(Curves(loss)).ToHaveCountAsync(2); // the raw one behind
        await Expect(Curves(validation)).ToHaveCountAsync(2); // validation and mean training loss, both as they are
        await HoverAsync(loss);
        await Expect(loss.Locator(".readout .value")).ToHaveTextAsync(new Regex(@"^0\.\d+ \(smoothed 0\.\d+\)$"));
        await Expect(loss.Locator("[data-summary]")).ToContainTextAsync("Training loss: 0.0625 at segment"); // raw: 1 / 16
        await loss.GetByText("Data table").ClickAsync();
        await Expect(loss.Locator("tbody td")).ToHaveTextAsync(["0.200", "0.1667", "0.1429", "0.125", "0.1111", "0.100", "0.09091", "0.08333", "0.07692", "0.07143", "0.06667", "0.0625"]);

        await using var other = await site.OpenAsync();
        await other.Page.GotoAsync(page.Url);
        await other.Page.UntilPoints(12);
        await Expect(other.Page.GetByLabel("Horizontal axis")).ToHaveValueAsync("segments");
        await Expect(other.Page.GetByLabel("Smoothing")).ToHaveValueAsync("0.9");
        await Expect(other.Page.GetByLabel("Log axis")).ToBeCheckedAsync();
        await Expect(Curves(other.Page.Locator("[data-figure=training-loss]"))).ToHaveCountAsync(2);
        await other.Page.Keyboard.PressAsync("l");
        await Expect(other.Page.GetByLabel("Log axis")).Not.ToBeCheckedAsync();
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task One_crosshair_and_one_run_are_lit_in_every_chart_and_row()
    {
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        await page.VisitAsync($"/compare?runs={Site.First},{Site.Second},{Site.Third}");
        var loss = page.Locator("[data-figure=loss]");
        string[] figures = ["loss", "validation-loss", "validation-metric"];
        foreach (var figure in figures) await Expect(Curves(page.Locator($"[data-figure={figure}]"))).ToHaveCountAsync(3);
        await Expect(page.Locator("[aria-busy=true]")).ToHaveCountAsync(0); // nothing comes any more that would move the charts under the mouse
        await HoverAsync(page.Locator("[data-figure=validation-metric]"));
        foreach (var figure in figures)
        {
            await Expect(page.Locator($"[data-figure={figure}] .crosshair")).ToBeVisibleAsync();
            await Expect(page.Locator($"[data-figure={figure}] .apexcharts-series.lit")).ToHaveCountAsync(1);
        }
        var rows = await page.Locator("[data-figure=validation-metric] .readout .value").AllTextContentsAsync();
        Assert.Equal(rows.OrderByDescending(text => double.Parse(text, CultureInfo.InvariantCulture)), rows);
        // It is the same run everywhere: in curves, keys, tables and the curves of decisions.
        Assert.Single((await page.Locator(".apexcharts-series.lit").EvaluateAllAsync<string[]>("all => all.map(curve => curve.getAttribute('data:realIndex'))")).Distinct());
        var lit = (await page.Locator(".run-keys li.lit").GetAttributeAsync("data-run"))!;
        foreach (var place in new[] { "#compare-metrics th", "figure[data-figure=roc] polyline", ".matrices caption" }) await Expect(page.Locator($"{place}.lit")).ToHaveAttributeAsync("data-run", lit);
        // The other way round: a row lights its curves.
        await page.Locator($"#compare-metrics th[data-run={Site.Second}]").HoverAsync();
        await Expect(loss.Locator(".apexcharts-series.lit")).ToHaveCountAsync(1);
        await Expect(page.Locator($".run-keys li[data-run={Site.Second}]")).ToHaveClassAsync("lit");
        await Expect(page.Locator($"figure[data-figure=roc] polyline[data-run={Site.Second}]")).ToHaveClassAsync("lit");

        // The run's own colour and dash, in words of style sheets and in the chart, whatever the theme.
        var look = RunLook.Of(RunFolder.Find(site.Web.Root.Runs, Site.Second)!);
        var (color, dash) = ($"--series-{look.Color + 1}", RunLook.DashArrays[look.Dash]);
        foreach (var place in new[] { $".run-keys li[data-run={Site.Second}]", $"[data-figure=loss] .legend li[data-run={Site.Second}]" })
            await Expect(page.Locator($"{place} path")).ToHaveAttributeAsync("style", new Regex($@"^stroke: ?var\({color}\); ?stroke-width: ?2\.4; ?stroke-dasharray: ?{dash}"));
        await Expect(page.Locator($"figure[data-figure=roc] polyline[data-run={Site.Second}]")).ToHaveAttributeAsync("style", new Regex($@"^stroke: ?var\({color}, #"));
        foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = theme });
            await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", theme == ColorScheme.Dark ? "dark" : "light");
            var hex = await page.EvaluateAsync<string>($"getComputedStyle(document.documentElement).getPropertyValue('{color}').trim()");
            var rgb = string.Join(',', Convert.FromHexString(hex[1..]));
            await Expect(loss.Locator(".apexcharts-series.lit path").First).ToHaveAttributeAsync("stroke", new Regex($@"^({hex}|rgba\({rgb},1\))$"));
        }
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task A_zoom_survives_live_data_until_one_follows_again_and_a_lone_point_is_labelled()
    {
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        var folder = RunSamples.NewRun(site.Web.Root, "live");
        var worker = new LiveWorker(folder, RunSamples.Plan with { StepsPerEpoch = 100, Epochs = 3, TotalSteps = 300 });
        worker.Steps(1, 100);
        worker.Report(RunSamples.Epoch(1, best: true));
        await page.VisitAsync($"/runs/{folder.Id}");
        await page.UntilPoints(100);
        await Expect(page.Locator("[data-figure=validation-metrics] .lone")).ToHaveTextAsync("0.4444");
        await Expect(page.Locator("[data-figure=validation-metrics] .apexcharts-marker").Last).ToBeVisibleAsync(); // the dot that the words stand beside

        var last = page.Locator("[data-figure=training-loss] .apexcharts-xaxis-label").Last;
        await Expect(last).ToContainTextAsync("100");
        await page.GetByRole(AriaRole.Button, new() { Name = "Zoom in" }).ClickAsync();
        await page.HasAddressAsync(new Regex("zoom="));
        await Expect(last).Not.ToContainTextAsync("100"); // drawn, which is a frame after the address
        var (address, axis) = (page.Url, await Ticks(page));
        // In which animation frame each chart is drawn. This callback was asked for in the frame before, so it is called before any chart's.
        await page.EvaluateAsync(
            """
            () => {
                let frame = 0;
                (function next() { frame++; requestAnimationFrame(next); })();
                window.drawnIn = [];
                document.addEventListener('ecgpeft:drawn', () => window.drawnIn.push(frame));
            }
            """);
        worker.Steps(101, 300);
        await worker.EndAsync();
        await page.UntilPoints(300);
        var drawn = await page.EvaluateAsync<int[]>("window.drawnIn");
        Assert.Equal(drawn.Distinct(), drawn);
        Assert.Equal(address, page.Url);
        Assert.Equal(axis, await Ticks(page));
        await page.GetByRole(AriaRole.Button, new() { Name = "Follow live" }).ClickAsync();
        await Expect(page.Locator("[data-figure=training-loss] .apexcharts-xaxis-label").Last).ToContainTextAsync("300");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Follow live" })).ToBeHiddenAsync();
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task A_page_that_is_left_before_its_charts_are_drawn_leaves_no_error()
    {
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        await page.VisitAsync("/help");
        // Frames wait until the charts are out of the page, and come before their component can say that it has gone.
        await page.EvaluateAsync(
            """
            window.held = [];
            window.requestAnimationFrame = call => held.push(call);
            new MutationObserver(() => {
                const charts = document.querySelector('section.charts');
                if (window.before && !charts) for (const call of held.splice(0)) call(performance.now());
                window.before = charts;
            }).observe(document.body, { childList: true, subtree: true });
            """);
        await page.EvaluateAsync($"Blazor.navigateTo('/runs/{Site.First}')");
        await page.WaitForFunctionAsync("() => document.querySelector('section.charts:not([data-waiting])') && held.length > 0", null, new() { PollingInterval = 50 });
        await page.EvaluateAsync("Blazor.navigateTo('/models')");
        await Expect(page.Locator("main h1")).ToHaveTextAsync("Models");
        await page.EvaluateAsync("Blazor.navigateTo('/data')"); // by the same circuit
        await Expect(page.Locator("main h1")).ToHaveTextAsync("Data");
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task After_a_hundred_thousand_events_points_elements_and_memory_of_the_page_are_as_many_as_after_ten_thousand()
    {
        const int block = 10_000, blocks = 10;
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        var devTools = await page.Context.NewCDPSessionAsync(page);
        await devTools.SendAsync("Performance.enable");
        var folder = RunSamples.NewRun(site.Web.Root, "long");
        var sizes = new List<(int Drawn, int Elements, double HeapMegabytes)>();
        using (WorkerLock.TryTake(folder)) // it is at work
        {
            RunLife.Move(folder, RunStatus.Queued, 0, null);
            RunLife.Move(folder, RunStatus.Running, 0, null);
            for (var done = 0; done < block * blocks; done += block)
            {
                AppendSteps(folder, done + 1, done + block);
                if (done == 0) await page.VisitAsync($"/runs/{folder.Id}");
                await page.UntilPoints(done + block);
                await Expect(page.Locator("[data-figure=memory] [data-summary]")).ToHaveTextAsync("No values yet."); // the last chart is drawn
                sizes.Add(await SizeAsync());
                // The highest value so far is drawn, among all those that came before and after it.
                await Expect(page.Locator("[data-figure=training-loss] .apexcharts-yaxis-label").First).ToHaveTextAsync(new Regex(done + block < HigherSpike ? "^1[0-9]" : "^30"));
            }
        }
        Assert.All(sizes, size => Assert.InRange(size.Drawn, 100, 1000));
        Assert.All(sizes, size => Assert.InRange(size.Elements, 0.9 * sizes[0].Elements, 1.1 * sizes[0].Elements));
        // What the page keeps grows until it is thinned for the first time, and no more: ninety thousand events would be 6 MB.
        Assert.True(sizes.Skip(blocks - 3).Min(size => size.HeapMegabytes) < sizes.Take(3).Max(size => size.HeapMegabytes) + 2, string.Join(", ", sizes));

        // The same for a page that comes when all has happened; what was not logged by then does not come.
        RunLife.Move(folder, RunStatus.Failed, block * blocks, "Made for a test.");
        await Expect(page.Locator("[data-figure=memory] [data-summary]")).ToHaveTextAsync("No values were logged.");
        await page.ReloadAsync();
        await page.UntilPoints(block * blocks);
        await Expect(page.Locator("[data-figure=memory] [data-summary]")).ToHaveTextAsync("No values were logged.");
        var again = await SizeAsync();
        Assert.InRange(again.Drawn, 100, 1000);
        Assert.InRange(again.Elements, 0.9 * sizes[0].Elements, 1.1 * sizes[0].Elements);
        Assert.Empty(browser.Troubles);

        async Task<(int Drawn, int Elements, double HeapMegabytes)> SizeAsync()
        {
            await devTools.SendAsync("HeapProfiler.collectGarbage");
            var metrics = (await devTools.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics").EnumerateArray().ToDictionary(metric => metric.GetProperty("name").GetString()!, metric => metric.GetProperty("value").GetDouble());
            var drawn = int.Parse((await page.Locator("[data-figure=training-loss] [data-count]").GetAttributeAsync("data-drawn"))!, CultureInfo.InvariantCulture);
            return (drawn, await page.EvaluateAsync<int>("document.querySelectorAll('*').length"), metrics["JSHeapUsedSize"] / 1e6);
        }
    }

    [Fact]
    public async Task A_chart_is_read_with_the_keyboard()
    {
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        await page.VisitAsync($"/runs/{Site.First}");
        await page.UntilPoints(12);
        var chart = page.Locator("[data-figure=training-loss] [data-chart]");
        await chart.FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Locator("[data-figure=training-loss] [data-live]")).ToHaveTextAsync("Step 2: Training loss 0.1667");
        await page.Keyboard.PressAsync("+");
        await page.HasAddressAsync(new Regex("zoom="));
        await page.Keyboard.PressAsync("0");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Follow live" })).ToBeHiddenAsync();
        Assert.NotEqual("none", await chart.EvaluateAsync<string>("e => getComputedStyle(e).outlineStyle"));
    }

    [Fact]
    public async Task A_log_axis_says_how_many_values_it_cannot_show_and_clipping_how_many_it_leaves_out()
    {
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        var folder = RunSamples.NewRun(site.Web.Root, "odd losses");
        RunLife.Move(folder, RunStatus.Queued, 0, null);
        RunLife.Move(folder, RunStatus.Running, 0, null);
        for (var step = 1; step <= 300; step++) EventLog.Append(folder.EventsFile, RunSamples.Step(step) with { Loss = step switch { 40 => double.PositiveInfinity, 70 => double.NegativeInfinity, _ => step % 100 == 0 ? 0 : step % 150 == 1 ? 500 : 1 + (step % 7) } });
        for (var line = 1; line <= 201; line++) EventLog.Append(folder.EventsFile, new LogEvent("info", $"Line {line}."));
        RunLife.Move(folder, RunStatus.Failed, 300, "Made for a test.");
        await page.VisitAsync($"/runs/{folder.Id}");
        await Expect(page.Locator("section[aria-labelledby=log-title]")).ToContainTextAsync("The last 200 lines are shown; events.jsonl in the run's folder has all.");
        await page.UntilPoints(300);
        var notes = page.Locator("[data-figure=training-loss] [data-notes]");
        const string infinite = "2 values are not finite, the first ∞ @ 40.";
        await Expect(notes).ToHaveTextAsync(infinite);
        await Expect(page.Locator("[data-figure=training-loss] .mark.up")).ToHaveAttributeAsync("data-odd", "∞ @ 40");
        await Expect(page.Locator("[data-figure=training-loss] .mark.down")).ToHaveAttributeAsync("data-odd", "−∞ @ 70");
        await Expect(page.GetByLabel("Clip outliers")).Not.ToBeCheckedAsync(); // nothing is left out unasked
        await Expect(page.Locator("[data-figure=training-loss] .apexcharts-yaxis-label").First).ToContainTextAsync("600");
        await page.GetByLabel("Clip outliers").CheckAsync();
        await Expect(notes).ToHaveTextAsync($"{infinite} 2 values lie above the axis.");
        await Expect(page.Locator("[data-figure=training-loss] .mark.cut")).ToHaveCountAsync(2);
        await page.GetByLabel("Clip outliers").UncheckAsync();
        await page.Keyboard.PressAsync("l");
        await Expect(notes).ToHaveTextAsync($"{infinite} Log axis: 3 values at or below 0 cannot be shown.");
        Assert.Empty(browser.Troubles);
    }

    private static ILocator Curves(ILocator figure) => figure.Locator(".apexcharts-line-series .apexcharts-series");

    private static async Task HoverAsync(ILocator figure)
    {
        var chart = figure.Locator("[data-chart]");
        await chart.ScrollIntoViewIfNeededAsync();
        var box = (await chart.BoundingBoxAsync())!;
        await chart.Page.Mouse.MoveAsync(box.X + (box.Width / 2), box.Y + (box.Height / 2));
    }

    private static async Task<string> Ticks(IPage page) => string.Join(' ', await page.Locator("[data-figure=training-loss] .apexcharts-xaxis-label").AllTextContentsAsync());

    // Each is the only one of its height, and at a place that no part of the curve begins or ends with.
    private const int Spike = 3_333, HigherSpike = 33_333;

    private static void AppendSteps(RunFolder folder, int from, int to)
    {
        var begin = DateTime.UtcNow.AddDays(-2);
        using var events = File.AppendText(folder.EventsFile);
        for (var step = from; step <= to; step++)
        {
            var (loss, time) = (step switch { Spike => 15, HigherSpike => 25, _ => 1 + Math.Sin(step) }, begin.AddSeconds(step));
            events.Write(string.Create(CultureInfo.InvariantCulture, $"{{\"type\":\"step\",\"step\":{step},\"epoch\":1,\"loss\":{loss:R},\"learningRate\":0.001,\"gradientNorm\":1,\"segmentsPerSecond\":10,\"time\":\"{time:O}\"}}\n"));
        }
    }
}

using System.Diagnostics;
using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;

namespace EcgPeft.Cli.WebLoad;

/// <summary>How quickly a page comes. Times are milliseconds, medians of several.</summary>
/// <param name="Page">Its address, and what was waited for where that is not the page.</param>
/// <param name="Response">From request to the whole document.</param>
/// <param name="First">From navigation to content that answers, in a browser that has never seen the dashboard; null without a browser.</param>
/// <param name="Loaded">The same when the browser has scripts and styles in its cache.</param>
/// <param name="Opened">From a click on a link in the dashboard to content that answers.</param>
/// <param name="Elements">Elements in the page.</param>
internal sealed record PageTime(string Page, double Response, double? First, double? Loaded, double? Opened, int? Elements);

/// <summary>Opens every page of a dashboard and looks at the clock. A page is rendered by its circuit alone, so content that is there answers.</summary>
internal static class PageTimes
{
    private const int Times = 3, Compared = 4;

    /// <summary>Nobody clicks on a link before having looked at the page; and a browser that has just opened a tab prepares things of its own for about as long.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1.5);

    // Resolves to the time of the first frame in which what was asked for is there.
    private const string Watch = """
        window.ecgpeftBench = selector => new Promise(resolve => {
          const look = () => document.querySelector(selector) ? requestAnimationFrame(() => resolve(performance.now())) : requestAnimationFrame(look);
          look();
        });
        """;

    /// <summary>Measures every page.</summary>
    /// <param name="address">The dashboard.</param>
    /// <param name="browser">The browser; null measures responses only.</param>
    /// <param name="ids">The runs that <see cref="StoredRuns"/> wrote, so many that there is a study.</param>
    /// <param name="only">How the addresses begin that are measured; null for all.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<IReadOnlyList<PageTime>> MeasureAsync(string address, BrowserProcess? browser, IReadOnlyList<string> ids, string? only, CancellationToken cancel)
    {
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        var pages = Pages(ids).Where(page => only is null || page.Path.StartsWith(only, StringComparison.Ordinal)).ToList();
        if (pages.Count == 0) throw new UserInputException($"No page has an address that begins with {only}; {string.Join(", ", Pages(ids).Select(page => page.Path.Split('?')[0]).Distinct())} are measured.");
        // For the code that a server compiles when it is needed first, and better when it is needed again: a warm start is what is measured.
        if (browser is not null)
        {
            await using var warm = await browser.OpenAsync(cancel);
            await warm.BeforeEachDocumentAsync(Watch);
            for (var time = 0; time < Times; time++)
                foreach (var (_, path, selector) in pages) await LoadAsync(warm, address, path, selector);
        }
        var times = new List<PageTime>();
        foreach (var (name, path, selector) in pages)
        {
            int? elements = null;
            var (response, first, loaded, opened) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
            for (var time = 0; time < Times; time++)
            {
                var clock = Stopwatch.StartNew();
                await client.GetStringAsync(new Uri(path, UriKind.Relative), cancel);
                response.Add(clock.Elapsed.TotalMilliseconds);
                if (browser is null) continue;
                await using var tab = await browser.OpenAsync(cancel);
                await tab.BeforeEachDocumentAsync(Watch);
                first.Add(await LoadAsync(tab, address, path, selector));
                loaded.Add(await LoadAsync(tab, address, path, selector));
                elements = (int)(await tab.RunAsync("document.querySelectorAll('*').length"))!;
                opened.Add(await OpenAsync(tab, address, path, selector));
            }
            times.Add(new(name, Median(response)!.Value, Median(first), Median(loaded), Median(opened), elements));
        }
        return times;
    }

    /// <summary>Every page: how it is called, its address, and what stands on it when it is there.</summary>
    private static List<(string Name, string Path, string Selector)> Pages(IReadOnlyList<string> ids)
    {
        const string run = "main [data-run]";
        return
        [
            Page("/", "#latest-title"), Page("/new", "#method-title"), Page("/new?kind=study", "#start-title"), Page("/runs", run),
            ("/runs/…", $"/runs/{ids[0]}", "main .facts"), ("/runs/…, its first chart", $"/runs/{ids[0]}", "[data-figure=training-loss] .apexcharts-series path"),
            Page("/compare", run), ("/compare?runs=…", $"/compare?runs={string.Join(',', ids.Take(Compared))}", "#compare-metrics"), Page("/studies", "#studies"), Page("/studies/study-000", "main table.data"),
            Page("/report", run), Page("/models", "main .models:not([aria-busy])"), Page("/data", "main a[href^='data/']"), Page($"/data/{DataSetLibrary.DemoId}", "main .strips .strip"),
            Page("/settings", "#settings-title"), Page("/help", "#words-title"),
        ];

        static (string, string, string) Page(string path, string selector) => (path, path, selector);
    }

    private static async Task<double> LoadAsync(BrowserTab tab, string address, string path, string selector)
    {
        await tab.GoAsync("about:blank");
        await Task.Delay(Glance);
        await tab.GoAsync(address + path);
        try
        {
            return (double)(await tab.RunAsync($"ecgpeftBench({JsonSerializer.Serialize(selector)})"))!;
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{path} has not shown what it is waited for ({selector}).", e);
        }
    }

    private static async Task<double> OpenAsync(BrowserTab tab, string address, string path, string selector)
    {
        // From a page that has nothing of what is waited for.
        await LoadAsync(tab, address, "/no-such-page", "main h1");
        await Task.Delay(Glance);
        return (double)(await tab.RunAsync($"(() => {{ const begun = performance.now(); Blazor.navigateTo({JsonSerializer.Serialize(path)}); return ecgpeftBench({JsonSerializer.Serialize(selector)}).then(now => now - begun); }})()"))!;
    }

    private static double? Median(List<double> values) => values.Count == 0 ? null : Math.Round(values.Order().ElementAt(values.Count / 2), 1);
}

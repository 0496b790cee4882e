using System.Diagnostics;

namespace EcgPeft.Cli.WebLoad;

/// <summary>A load.</summary>
/// <param name="Runs">Runs that write at once.</param>
/// <param name="Clients">Hub clients, each watching all runs.</param>
/// <param name="Browsers">Pages in a real browser, each with the charts of one run.</param>
/// <param name="Rate">Steps a second that each run writes.</param>
/// <param name="Seconds">How long.</param>
internal sealed record WebLoadPlan(int Runs, int Clients, int Browsers, int Rate, double Seconds);

/// <summary>Puts a dashboard under load and counts what comes out of it.</summary>
internal static class LoadTest
{
    private const int Looks = 12;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Measures a load.</summary>
    /// <param name="plan">The load.</param>
    /// <param name="dashboard">The dashboard.</param>
    /// <param name="browser">A browser; without one no page draws.</param>
    /// <param name="folder">The dashboard's data folder.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<WebLoadReport> MeasureAsync(WebLoadPlan plan, DashboardProcess dashboard, BrowserProcess? browser, string folder, CancellationToken cancel)
    {
        var runs = Enumerable.Range(1, plan.Runs).Select(number => new SimulatedRun(Path.Combine(folder, "runs"), number)).ToDictionary(run => run.Id);
        var (clients, pages) = (new List<LoadClient>(), new List<DrawnRun>());
        try
        {
            for (var i = 0; i < plan.Clients; i++) clients.Add(new LoadClient(dashboard.Address, runs));
            foreach (var client in clients) await client.WatchAsync(cancel);
            for (var i = 0; browser is not null && i < plan.Browsers; i++) pages.Add(await DrawnRun.OpenAsync(browser, dashboard.Address, runs.Values.ElementAt(i % plan.Runs).Id, cancel));

            var (atStart, peak, clock) = (dashboard.Megabytes, 0.0, Stopwatch.StartNew());
            using var written = new CancellationTokenSource();
            var documents = AskForPagesAsync(dashboard, megabytes => peak = Math.Max(peak, megabytes), written.Token);
            var memory = LookAsync(dashboard, pages.FirstOrDefault(), TimeSpan.FromSeconds(plan.Seconds / Looks), clock, written.Token);
            await Task.WhenAll(runs.Values.Select(run => Task.Factory.StartNew(() => run.Write(plan.Rate, plan.Seconds, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            var (took, atEnd) = (clock.Elapsed.TotalSeconds, dashboard.Megabytes);
            await written.CancelAsync();
            var (times, failed) = await documents;
            var looks = await memory;

            var total = runs.Values.Sum(run => run.Written);
            for (var patience = Stopwatch.StartNew(); clients.Any(client => client.Delivered < total) && patience.Elapsed < Patience;) await Task.Delay(50, cancel);
            var drawn = new List<Latencies>();
            var onPages = 0L;
            foreach (var page in pages)
            {
                onPages += await page.PointsAsync(runs[page.Run].Written, Patience);
                drawn.Add(await page.LatenciesAsync());
            }
            return new WebLoadReport
            {
                Runs = plan.Runs, Clients = plan.Clients, Browsers = pages.Count, Rate = plan.Rate, Seconds = Math.Round(took, 1), Written = total,
                Delivered = clients.Sum(client => client.Delivered) + onPages, Lost = clients.Sum(client => total - client.Delivered) + pages.Sum(page => runs[page.Run].Written) - onPages, Twice = clients.Sum(client => client.Twice),
                Latency = Latencies.Of(clients.Select(client => client.Latencies)), Drawn = pages.Count == 0 ? null : Latencies.Of(drawn), Page = Spread.Of(times), PagesFailed = failed,
                MemoryAtStart = Math.Round(atStart, 1), MemoryAtEnd = Math.Round(atEnd, 1), MemoryPeak = Math.Round(Math.Max(peak, atEnd), 1), Memory = looks,
            };
        }
        finally
        {
            foreach (var page in pages) await page.DisposeAsync();
            foreach (var client in clients) await client.DisposeAsync();
            foreach (var run in runs.Values) run.Dispose();
        }
    }

    /// <summary>A page four times a second, until it is over; the dashboard's memory is looked at as often.</summary>
    private static async Task<(List<double> Milliseconds, int Failed)> AskForPagesAsync(DashboardProcess dashboard, Action<double> memory, CancellationToken over)
    {
        using var browser = new HttpClient { BaseAddress = new Uri(dashboard.Address), Timeout = Patience };
        var (times, failed) = (new List<double>(), 0);
        while (!over.IsCancellationRequested)
        {
            var clock = Stopwatch.StartNew();
            try
            {
                await browser.GetStringAsync(new Uri("/runs", UriKind.Relative), CancellationToken.None);
                times.Add(clock.Elapsed.TotalMilliseconds);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                failed++;
            }
            memory(dashboard.Megabytes);
            await Task.Delay(250, CancellationToken.None);
        }
        return (times, failed);
    }

    /// <summary>Memory of the dashboard and of a page from time to time.</summary>
    private static async Task<IReadOnlyList<MemoryLook>> LookAsync(DashboardProcess dashboard, DrawnRun? page, TimeSpan pause, Stopwatch clock, CancellationToken over)
    {
        var looks = new List<MemoryLook>();
        try
        {
            while (true)
            {
                await Task.Delay(pause, over);
                var (at, megabytes) = (Math.Round(clock.Elapsed.TotalSeconds, 1), Math.Round(dashboard.Megabytes, 1));
                looks.Add(page is null ? new(at, megabytes, null, null, null) : await page.LookAsync(at, megabytes));
            }
        }
        catch (OperationCanceledException)
        {
            return looks;
        }
    }
}

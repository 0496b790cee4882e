using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using EcgPeft.Cli.WebLoad;
using EcgPeft.Core;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft bench web</c>: a dashboard under the load of many runs and many open pages.</summary>
internal static class BenchWebCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var runs = new Option<int>("--runs") { Description = "Runs that write at once.", DefaultValueFactory = _ => 8 };
        var clients = new Option<int>("--clients") { Description = "Open pages; each watches all runs.", DefaultValueFactory = _ => 10 };
        var rate = new Option<int>("--rate") { Description = "Steps a second that each run writes.", DefaultValueFactory = _ => 50 };
        var seconds = new Option<double>("--seconds") { Description = "How long.", DefaultValueFactory = _ => 60 };
        var web = new Option<string?>("--web") { Description = "The dashboard's program; by default the one beside this program or in the source tree.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output." };
        var command = new Command("web", "Measure a dashboard of its own under load: points lost, time from event to point, pages, memory.") { runs, clients, rate, seconds, web, json };
        command.SetAction(async (parsed, cancel) =>
        {
            foreach (var (name, number) in new[] { ("--runs", parsed.GetValue(runs)), ("--clients", parsed.GetValue(clients)), ("--rate", parsed.GetValue(rate)), ("--seconds", parsed.GetValue(seconds)) })
                if (!(number > 0)) throw new UserInputException($"{name} is {number}; it must be above 0.");
            var report = await MeasureAsync(parsed.GetValue(runs), parsed.GetValue(clients), parsed.GetValue(rate), parsed.GetValue(seconds), parsed.GetValue(web), cancel);
            if (parsed.GetValue(json)) Console.Out.WriteLine(JsonSerializer.Serialize(report, ProductJson.Indented));
            else Show(report);
            return report.Lost + report.Twice + report.PagesFailed == 0 ? 0 : 1;
        });
        return command;
    }

    private static async Task<WebLoadReport> MeasureAsync(int runCount, int clientCount, int rate, double seconds, string? program, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("ecgpeft-bench-").FullName;
        var runs = Enumerable.Range(1, runCount).Select(number => new SimulatedRun(Path.Combine(folder, "runs"), number)).ToDictionary(run => run.Id);
        try
        {
            using var dashboard = await DashboardProcess.StartAsync(program, folder, cancel);
            var clients = Enumerable.Range(0, clientCount).Select(_ => new LoadClient(dashboard.Address, runs)).ToList();
            foreach (var client in clients) await client.WatchAsync(cancel);

            var (atStart, peak) = (dashboard.Megabytes, 0.0);
            using var written = new CancellationTokenSource();
            var pages = AskForPagesAsync(dashboard, megabytes => peak = Math.Max(peak, megabytes), written.Token);
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(runs.Values.Select(run => Task.Factory.StartNew(() => run.Write(rate, seconds, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            var (took, atEnd) = (clock.Elapsed.TotalSeconds, dashboard.Megabytes);
            await written.CancelAsync();
            var (pageTimes, failed) = await pages;

            var total = runs.Values.Sum(run => (long)run.WrittenAt.Count);
            for (var patience = Stopwatch.StartNew(); clients.Any(client => client.Delivered < total) && patience.Elapsed < Patience;) await Task.Delay(50, cancel);
            var report = new WebLoadReport
            {
                Runs = runCount, Clients = clientCount, Rate = rate, Seconds = Math.Round(took, 1), Written = total,
                Delivered = clients.Sum(client => client.Delivered), Lost = clients.Sum(client => total - client.Delivered), Twice = clients.Sum(client => client.Twice),
                Latency = Spread.Of(clients.SelectMany(client => client.Latencies)), Page = Spread.Of(pageTimes), PagesFailed = failed,
                MemoryAtStart = Math.Round(atStart, 1), MemoryAtEnd = Math.Round(atEnd, 1), MemoryPeak = Math.Round(Math.Max(peak, atEnd), 1),
            };
            foreach (var client in clients) await client.DisposeAsync();
            return report;
        }
        finally
        {
            foreach (var run in runs.Values) run.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A page four times a second, until it is over; the dashboard's memory is looked at as often.</summary>
    private static async Task<(List<double> Milliseconds, int Failed)> AskForPagesAsync(DashboardProcess dashboard, Action<double> memory, CancellationToken over)
    {
        using var browser = new HttpClient { BaseAddress = new Uri(dashboard.Address), Timeout = TimeSpan.FromSeconds(10) };
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

    private static void Show(WebLoadReport report)
    {
        Console.Out.WriteLine(FormattableString.Invariant($"{report.Runs} runs of {report.Rate} steps a second for {report.Seconds:F0} s, {report.Clients} pages that watch all of them:"));
        Console.Out.WriteLine(FormattableString.Invariant($"{report.Written} steps written, {report.Delivered} points delivered, {report.Lost} lost, {report.Twice} twice"));
        Console.Out.WriteLine(FormattableString.Invariant($"from event to point: median {report.Latency.Median:F0} ms, p95 {report.Latency.P95:F0} ms, most {report.Latency.Most:F0} ms"));
        Console.Out.WriteLine(FormattableString.Invariant($"the page /runs meanwhile: median {report.Page.Median:F0} ms, p95 {report.Page.P95:F0} ms, {report.PagesFailed} failed"));
        Console.Out.WriteLine(FormattableString.Invariant($"the dashboard's memory: {report.MemoryAtStart:F0} MB before, {report.MemoryAtEnd:F0} MB after, {report.MemoryPeak:F0} MB at most"));
    }
}

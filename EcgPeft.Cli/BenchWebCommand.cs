using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EcgPeft.Cli.WebLoad;
using EcgPeft.Core;
using Spectre.Console;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft bench web</c>: a dashboard with a full store, and under the load of many runs and many open pages.</summary>
internal static class BenchWebCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var stored = new Option<int>("--stored") { Description = "Completed runs in the store; 0 leaves the times of pages out.", DefaultValueFactory = _ => 2000 };
        var only = new Option<string?>("--only") { Description = "Only pages whose address begins so.", HelpName = "ADDRESS" };
        var runs = new Option<int>("--runs") { Description = "Runs that write at once.", DefaultValueFactory = _ => 8 };
        var clients = new Option<int>("--clients") { Description = "Hub clients; each watches all runs.", DefaultValueFactory = _ => 9 };
        var browsers = new Option<int>("--browsers") { Description = "Pages in a real browser, each with the charts of one run.", DefaultValueFactory = _ => 1 };
        var rate = new Option<int>("--rate") { Description = "Steps a second that each run writes.", DefaultValueFactory = _ => 50 };
        var seconds = new Option<double>("--seconds") { Description = "How long they write; 0 for the times of pages alone.", DefaultValueFactory = _ => 60 };
        var web = new Option<string?>("--web") { Description = "The dashboard's program; by default the one beside this program or in the source tree.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output." };
        var command = new Command("web", "Measure a dashboard of its own: how quickly pages come with many runs in the store; under load, points lost, time from event to drawn point, memory.") { stored, only, runs, clients, browsers, rate, seconds, web, json };
        command.SetAction(async (parsed, cancel) =>
        {
            foreach (var (name, number, least) in new[] { ("--stored", parsed.GetValue(stored), 0), ("--runs", parsed.GetValue(runs), 1), ("--clients", parsed.GetValue(clients), 0), ("--browsers", parsed.GetValue(browsers), 0), ("--rate", parsed.GetValue(rate), 1), ("--seconds", parsed.GetValue(seconds), 0) })
                if (!(number >= least)) throw new UserInputException($"{name} is {number}; it must be {least} at the least.");
            if (parsed.GetValue(stored) is > 0 and < StoredRuns.StudySize) throw new UserInputException($"--stored is {parsed.GetValue(stored)}; a study takes {StoredRuns.StudySize} runs, so give 0 or at least as many.");
            var load = new WebLoadPlan(parsed.GetValue(runs), parsed.GetValue(clients), parsed.GetValue(browsers), parsed.GetValue(rate), parsed.GetValue(seconds));
            var report = await MeasureAsync(parsed.GetValue(stored), parsed.GetValue(only), load, parsed.GetValue(web), cancel);
            if (parsed.GetValue(json)) Console.Out.WriteLine(JsonSerializer.Serialize(report, ProductJson.Indented));
            else Show(report);
            return report.Load is { } l && l.Lost + l.Twice + l.PagesFailed > 0 ? 1 : 0;
        });
        return command;
    }

    private static async Task<WebReport> MeasureAsync(int stored, string? only, WebLoadPlan plan, string? program, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("ecgpeft-bench-").FullName;
        try
        {
            var ids = stored == 0 ? [] : StoredRuns.Write(new DataRoot(folder), stored, cancel);
            await using var browser = await BrowserProcess.StartAsync(cancel);
            using var dashboard = await DashboardProcess.StartAsync(program, folder, cancel);
            var pages = ids.Count == 0 ? [] : await PageTimes.MeasureAsync(dashboard.Address, browser, ids, only, cancel);
            var load = plan.Seconds > 0 ? await LoadTest.MeasureAsync(plan, dashboard, browser, folder, cancel) : null;
            return new WebReport(ids.Count, browser is not null, pages, load);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Show(WebReport report)
    {
        if (report.Pages.Count > 0)
        {
            Console.Out.WriteLine(FormattableString.Invariant($"{report.Stored} runs in the store; milliseconds until the document is there and until its content answers, {(report.Browser ? "in Chromium" : "no Chromium was found, so documents only")}:"));
            var table = new Table { Border = TableBorder.Markdown };
            table.AddColumns("page", "document", "first visit", "loaded again", "opened by a link", "elements");
            foreach (var page in report.Pages) table.AddRow(page.Page, Whole(page.Response), Whole(page.First), Whole(page.Loaded), Whole(page.Opened), Whole(page.Elements));
            if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 200;
            AnsiConsole.Write(table);
        }
        if (report.Load is not { } load) return;
        Console.Out.WriteLine(FormattableString.Invariant($"{load.Runs} runs of {load.Rate} steps a second for {load.Seconds:F0} s, {load.Clients} hub clients that watch all of them, {load.Browsers} pages in a browser:"));
        Console.Out.WriteLine(FormattableString.Invariant($"{load.Written} steps written, {load.Delivered} points delivered, {load.Lost} lost, {load.Twice} twice"));
        if (load.Clients > 0) Console.Out.WriteLine(FormattableString.Invariant($"from event to point at a client: median {load.Latency.Median:F0} ms, p95 {load.Latency.P95:F0} ms, most {load.Latency.Most:F0} ms"));
        if (load.Drawn is { } drawn) Console.Out.WriteLine(FormattableString.Invariant($"from event to point on the screen: median {drawn.Median:F0} ms, p95 {drawn.P95:F0} ms, most {drawn.Most:F0} ms"));
        Console.Out.WriteLine(FormattableString.Invariant($"the page /runs meanwhile: median {load.Page.Median:F0} ms, p95 {load.Page.P95:F0} ms, {load.PagesFailed} failed"));
        Console.Out.WriteLine(FormattableString.Invariant($"the dashboard's memory: {load.MemoryAtStart:F0} MB before, {load.MemoryAtEnd:F0} MB after, {load.MemoryPeak:F0} MB at most"));
        foreach (var look in load.Memory) Console.Out.WriteLine(FormattableString.Invariant($"after {look.Seconds:F0} s: dashboard {look.Megabytes:F0} MB{(look.BrowserMegabytes is { } heap ? $"; page {heap:F1} MB of script objects, {look.Nodes} nodes, {look.Drawn} points drawn" : "")}"));
    }

    private static string Whole(double? value) => value?.ToString("F0", CultureInfo.InvariantCulture) ?? "";
}

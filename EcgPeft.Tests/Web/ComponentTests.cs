using Bunit;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Runs;
using EcgPeft.Web.Components.Charts;
using EcgPeft.Web.Components.Pages.Overview;
using EcgPeft.Web.Components.Pages.Runs;
using EcgPeft.Web.Components.Shared;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;

namespace EcgPeft.Tests.Web;

public sealed class ComponentTests
{
    [Fact]
    public async Task Metrics_that_the_data_do_not_define_are_called_so_and_never_0()
    {
        await using var context = Context();
        var table = context.Render<MetricsTable>(p => p.Add(t => t.Test, RunSamples.Binary(.75)).Add(t => t.Validation, RunSamples.Binary(.5)));
        string Cell(string metric) => table.Find($"tbody tr td[data-metric={metric}]").TextContent;
        Assert.Equal(["0.750", "0.333", "0.667", "0.444", "undefined"], new[] { "accuracy", "precision", "recall", "f1", "auroc" }.Select(Cell));
    }

    [Fact]
    public async Task Progress_is_told_to_screen_readers_too()
    {
        await using var context = Context();
        var run = new RunSummary { Id = "r", Name = "r", Status = RunStatus.Running, StatusTime = default, CreatedUtc = default, LastEventUtc = default, Step = 44, TotalSteps = 176, Epoch = 1, Epochs = 2 };
        var bars = context.Render<RunProgress>(p => p.Add(t => t.Run, run)).FindAll("[role=progressbar]");
        Assert.Equal(["1 of 2", "44 of 176"], bars.Select(bar => bar.GetAttribute("aria-valuetext")));
        Assert.All(bars, bar => Assert.Equal("25", bar.GetAttribute("aria-valuenow")));
    }

    [Fact]
    public async Task Before_the_plan_is_known_no_figure_is_invented()
    {
        await using var context = Context();
        var run = new RunSummary { Id = "r", Name = "r", Status = RunStatus.Running, StatusTime = default, CreatedUtc = default, LastEventUtc = default, Epochs = 10 };
        Assert.Contains("preparing data and model", context.Render<RunProgress>(p => p.Add(t => t.Run, run)).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drawn_segment_says_in_words_what_it_shows()
    {
        await using var context = Context();
        var strip = context.Render<EcgStrip>(p => p.Add(s => s.Title, "Segment 7").Add(s => s.Samples, [-.5f, 0, 1.25f]).Add(s => s.SamplingRateHz, 3));
        Assert.Equal("Segment 7: 3 samples from -0.50 to 1.25 mV in 1.00 s.", strip.Find("svg").GetAttribute("aria-label"));
    }

    [Fact]
    public async Task A_log_begins_with_what_was_said_last()
    {
        await using var context = Context();
        var log = context.Render<LogLines>(p => p.Add(l => l.Label, "Log").Add(l => l.Lines, [new LogEvent("info", "first"), new LogEvent("warning", "second")]));
        Assert.Equal([("warning", "second"), ("info", "first")], log.FindAll("li").Select(line => (line.ClassName!, line.QuerySelector("span")!.TextContent)));
        Assert.Equal(("Log", "0"), (log.Find("ol").GetAttribute("aria-label"), log.Find("ol").GetAttribute("tabindex")));
    }

    [Fact]
    public async Task The_numbers_of_a_figure_are_a_table_as_the_reader_writes_them_and_what_is_left_out_is_said()
    {
        await using var context = Context();
        var before = System.Globalization.CultureInfo.CurrentUICulture;
        try
        {
            System.Globalization.CultureInfo.CurrentUICulture = System.Globalization.CultureInfo.GetCultureInfo("de-DE");
            IReadOnlyList<string> Row(int i) => ["one", "0.25", i == 1 ? "" : $"{i}"];
            var table = context.Render<FigureTable>(p => p.Add(t => t.Title, "ROC").Add(t => t.Rows, () => [["series", "x", "y"], .. Enumerable.Range(1, FigureTable.Most + 200).Select(Row)]));
            Assert.Empty(table.FindAll("table")); // nobody has asked for it
            table.Find("details").TriggerEvent("ontoggle", EventArgs.Empty);
            Assert.Equal("1.000 of 1.200 rows shown.", table.Find("caption").TextContent);
            Assert.Equal(FigureTable.Most, table.FindAll("tbody tr").Count);
            Assert.Equal(["one", "0,25", "–"], table.FindAll("tbody tr:first-child td").Select(cell => cell.TextContent));
            Assert.Equal([null, "num", "num"], table.FindAll("tbody tr:first-child td").Select(cell => cell.GetAttribute("class")));
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentUICulture = before;
        }
    }

    [Fact]
    public async Task The_best_runs_of_more_data_sets_than_fit_are_not_left_out_in_silence()
    {
        await using var context = Context();
        context.Services.AddSingleton(RunSamples.Root());
        RunSummary Of(int data) => new() { Id = $"r{data}", Name = $"r{data}", DataSet = $"data {data}", Status = RunStatus.Completed, StatusTime = default, CreatedUtc = default, LastEventUtc = default, Test = RunSamples.Binary(.5) with { Auroc = .5 } };
        IRenderedComponent<BestRuns> Best(int count) => context.Render<BestRuns>(p => p.Add(b => b.Runs, [.. Enumerable.Range(0, count).Select(Of)]));
        Assert.Equal(5, Best(7).FindAll("tbody tr").Count);
        Assert.Contains("5 of 7 data sets shown", Best(7).Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("shown", Best(5).Markup, StringComparison.Ordinal);
    }

    private static BunitContext Context()
    {
        var context = new BunitContext();
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        context.Services.AddMudServices();
        return context;
    }
}

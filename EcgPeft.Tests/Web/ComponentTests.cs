using Bunit;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Runs;
using EcgPeft.Web.Components.Charts;
using EcgPeft.Web.Components.Shared;
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

    private static BunitContext Context()
    {
        var context = new BunitContext();
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        context.Services.AddMudServices();
        return context;
    }
}

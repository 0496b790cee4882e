using Bunit;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Web.Components.Pages.Runs;
using EcgPeft.Web.Components.Shared;
using EcgPeft.Web.Hosting;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;

namespace EcgPeft.Tests.Web;

/// <summary>The table of runs at its largest: what is in sight is in the page, whatever the number of runs and columns.</summary>
public sealed class RunsTableTests
{
    private static readonly RunSummary[] Runs = [.. Enumerable.Range(0, 2000).Select(i => new RunSummary { Id = $"run-{i}", Name = $"run {i}", Model = i % 2 == 0 ? "a" : "b", Status = RunStatus.Completed, StatusTime = default, CreatedUtc = default, LastEventUtc = default, Step = i })];

    private static readonly RunColumn[] Columns = [RunColumns.Name, .. Enumerable.Range(1, 299).Select(i => new RunColumn { Id = $"c{i}", Title = $"Column {i}", Text = run => $"{i}/{run.Step}", Key = run => run.Step })];

    [Fact]
    public async Task Two_thousand_runs_of_three_hundred_columns_are_a_bounded_page()
    {
        await using var context = Context();
        var view = RunsView.Usual with { Columns = Columns, Pinned = 2 };
        var table = Table(context, view, []);
        var element = table.Find("table");
        Assert.Equal(("2001", "302"), (element.GetAttribute("aria-rowcount"), element.GetAttribute("aria-colcount")));
        Assert.InRange(table.FindAll("*").Count, 300, 4000);

        await table.InvokeAsync(() => table.Instance.Look(1000, 40, 44, 12_000, 1200));
        Assert.Equal(40, table.FindAll("tr[data-run]").Count);
        Assert.InRange(table.FindAll("*").Count, 300, 4000);
        var row = table.Find("tr[data-run=run-1000]");
        Assert.Equal("1002", row.GetAttribute("aria-rowindex"));
        // Name and pinned columns stay; then come the ones in sight, each with its place among all.
        var cells = row.QuerySelectorAll("td[aria-colindex]").Select(cell => (int.Parse(cell.GetAttribute("aria-colindex")!, System.Globalization.CultureInfo.InvariantCulture), cell.TextContent.Trim())).ToList();
        Assert.Equal([1, 2, 3, 4], cells.Take(4).Select(cell => cell.Item1));
        Assert.True(cells[4].Item1 > 50);
        Assert.All(cells.Skip(2).SkipLast(1), cell => Assert.Equal($"{cell.Item1 - 2}/1000", cell.Item2));
        Assert.Equal(302, cells[^1].Item1);

        await table.InvokeAsync(() => table.Instance.Look(1990, 40, 44, 1e9, 1200));
        Assert.Equal(10, table.FindAll("tr[data-run]").Count);
        Assert.Equal("299/1999", table.Find("tr[data-run=run-1999]").QuerySelectorAll("td")[^2].TextContent.Trim());
        Assert.Equal($"height:{1990 * 44}px", table.FindAll("tbody tr.space")[0].GetAttribute("style"));
    }

    [Fact]
    public async Task A_folded_group_is_one_line_and_all_runs_can_be_chosen_whatever_is_in_sight()
    {
        await using var context = Context();
        bool? all = null;
        var view = RunsView.Usual with { Grouping = RunGrouping.Model };
        IRenderedComponent<RunsTable>? table = null;
        table = Table(context, view, RunGroup.Of([Runs[0] with { Status = RunStatus.Failed }, .. Runs.Skip(1)], RunGrouping.Model), chosen => all = chosen, title => table!.Render(p => p.Add(t => t.View, view.Fold(title))));
        Assert.Equal("2003", table.Find("table").GetAttribute("aria-rowcount"));
        table.Find("tr.group button").Click();
        Assert.Equal("1003", table.Find("table").GetAttribute("aria-rowcount"));
        Assert.Equal("999 of 1000 completed; mean ± sd of these", table.Find("tr.group th .muted").TextContent);
        Assert.Equal(["false", "true"], table.FindAll("tr.group button").Select(button => button.GetAttribute("aria-expanded")));
        Assert.Equal("run-1", table.Find("tr[data-run]").GetAttribute("data-run"));
        table.Find("thead input").Change(true);
        Assert.True(all);
    }

    [Fact]
    public async Task Another_order_begins_at_its_first_line_and_another_column_does_not()
    {
        await using var context = Context();
        var view = RunsView.Usual;
        var table = Table(context, view, []);
        await table.InvokeAsync(() => table.Instance.Look(500, 40, 44, 0, 1200));
        table.Render(p => p.Add(t => t.View, view.Toggle(RunColumns.Find("mcc")!)));
        Assert.Equal("run-500", table.Find("tr[data-run]").GetAttribute("data-run"));
        table.Render(p => p.Add(t => t.View, view.SortBy(RunColumns.Name)));
        Assert.Equal("run-0", table.Find("tr[data-run]").GetAttribute("data-run"));
    }

    [Fact]
    public async Task The_name_takes_what_is_left_until_names_fit_and_then_every_column_its_share()
    {
        await using var context = Context();
        var table = Table(context, RunsView.Usual, []);
        Assert.Null(table.FindAll("col")[1].GetAttribute("style"));
        await table.InvokeAsync(() => table.Instance.Look(0, 40, 44, 0, 2400));
        Assert.Equal("width:25rem", table.FindAll("col")[1].GetAttribute("style"));
        Assert.All(table.FindAll("col"), column => Assert.EndsWith("rem", column.GetAttribute("style"), StringComparison.Ordinal)); // they grow with the text
    }

    private static IRenderedComponent<RunsTable> Table(BunitContext context, RunsView view, IReadOnlyList<RunGroup> groups, Action<bool>? all = null, Action<string>? folded = null) => context.Render<RunsTable>(p => p
        .Add(t => t.View, view).Add(t => t.Runs, Runs).Add(t => t.Groups, groups).Add(t => t.Best, new Dictionary<(RunColumn, string), double>()).Add(t => t.Chosen, new HashSet<string>()).Add(t => t.Waiting, new Dictionary<string, int>())
        .Add(t => t.Folded, EventCallback.Factory.Create<string>(context, title => folded?.Invoke(title))).Add(t => t.AllChosen, EventCallback.Factory.Create<bool>(context, chosen => all?.Invoke(chosen))));

    private static BunitContext Context()
    {
        var context = new BunitContext();
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        context.Services.AddMudServices();
        var root = Tests.Runs.RunSamples.Root();
        context.Services.AddSingleton(root);
        var services = RunServices.Open(root, Tests.Runs.StubWorker.Quick);
        context.Services.AddSingleton(services);
        context.Services.AddSingleton(_ => services.Queue);
        context.Services.AddSingleton(_ => services.Library);
        context.Services.AddSingleton(_ => services.Monitor);
        context.Services.AddSingleton(new CurrentUser(null!, new UserSettings(false)));
        context.Services.AddScoped<RunCommands>();
        return context;
    }
}

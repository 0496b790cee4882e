using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Runs;
using EcgPeft.Web.Components.Pages.Runs;
using Microsoft.AspNetCore.WebUtilities;

namespace EcgPeft.Tests.Web;

public sealed class RunsViewTests
{
    [Fact]
    public void The_address_is_the_view()
    {
        var view = RunsView.Usual with { Search = "a&b c", Method = "lora", Status = RunStatus.Failed, Sort = RunColumns.Find("brier")!, Descending = false, Grouping = RunGrouping.ModelAndMethod };
        view = view.Toggle(RunColumns.Find("mcc")!).Toggle(RunColumns.Find("time")!).MoveLeft(RunColumns.Find("f1")!);
        view = view.Fold("demo/hubert · LoRA").Fold("a, b").Fold("c").Fold("c");
        var again = RunsView.Parse(Query(view.Address()));
        Assert.Equal(view.Columns, again.Columns);
        Assert.Equal(["demo/hubert · LoRA", "a, b"], again.Folded);
        Assert.Equal(view with { Columns = again.Columns, Folded = again.Folded }, again);
        Assert.Equal("runs", RunsView.Usual.Address());
    }

    [Fact]
    public void What_an_address_does_not_know_is_left_out()
    {
        var view = RunsView.Parse(Query("/runs?columns=nonsense,f1&sort=-nothing&status=happy&group=moon"));
        Assert.Equal([RunColumns.Find("f1")!], view.Columns);
        Assert.Equal((RunColumns.Created, (RunStatus?)null, RunGrouping.None), (view.Sort, view.Status, view.Grouping));
    }

    [Fact]
    public void Filters_and_words_must_all_hold()
    {
        RunSummary[] runs = [Run("one", "demo/wav2vec2", .5), Run("two", "demo/hubert", .6), Run("one-b", "demo/hubert", .7)];
        Assert.Equal(["one-b"], (RunsView.Usual with { Search = "ONE hubert" }).Apply(runs).Select(run => run.Id));
        Assert.Equal(["two", "one-b"], (RunsView.Usual with { Model = "demo/hubert", Sort = RunColumns.Find("accuracy")!, Descending = false }).Apply(runs).Select(run => run.Id));
    }

    [Fact]
    public void Archived_runs_are_hidden_until_asked_for_and_tags_filter()
    {
        RunSummary Noted(string id, RunNotes notes) => Run(id, "demo/hubert", .5) with { Notes = notes };
        RunSummary[] runs = [Noted("plain", RunNotes.None), Noted("old", new() { Archived = true, Note = "first try" }), Noted("tagged", new() { Tags = ["Paper"] })];
        IEnumerable<string> Shown(RunsView view) => view.Apply(runs).Select(run => run.Id).Order(StringComparer.Ordinal);
        Assert.Equal(["plain", "tagged"], Shown(RunsView.Usual));
        Assert.Equal(["old", "plain", "tagged"], Shown(RunsView.Usual with { Archive = ArchiveFilter.Shown }));
        Assert.Equal(["old"], Shown(RunsView.Usual with { Archive = ArchiveFilter.Only, Search = "FIRST" }));
        Assert.Equal(["tagged"], Shown(RunsView.Usual with { Tag = "paper" }));
        var view = RunsView.Usual with { Tag = "a b", Archive = ArchiveFilter.Only };
        Assert.Equal((view.Tag, view.Archive), (RunsView.Parse(Query(view.Address())).Tag, RunsView.Parse(Query(view.Address())).Archive));
    }

    [Fact]
    public void Numbers_are_searched_by_condition_and_words_stay_words()
    {
        RunSummary[] runs = [Run("one", "demo/wav2vec2", .5), Run("two", "demo/hubert", .6), Run("none", "demo/hubert", null)];
        IEnumerable<string> Found(string search) => (RunsView.Usual with { Search = search }).Apply(runs).Select(run => run.Id);
        Assert.Equal(["two"], Found("accuracy>0.55"));
        Assert.Equal(["one"], Found("accuracy<=0.5 wav2vec2"));
        Assert.Equal(["two"], Found("ACCURACY=0.6"));
        Assert.Equal(["two"], Found("accuracy>0,55"));
        Assert.Empty(Found("nothing>3"));
    }

    [Fact]
    public void Pinned_columns_stand_first_and_are_in_the_address()
    {
        var (auroc, mcc) = (RunColumns.Find("auroc")!, RunColumns.Find("mcc")!);
        var view = RunsView.Usual.Toggle(mcc).Pin(auroc).Pin(mcc);
        Assert.Equal([RunColumns.Name, auroc, mcc], view.Columns.Take(3));
        var again = RunsView.Parse(Query(view.Address()));
        Assert.True(again.IsPinned(auroc) && again.IsPinned(mcc) && !again.IsPinned(RunColumns.Find("f1")!));
        Assert.Equal(1, view.Pin(auroc).Pinned);
        Assert.True(view.Pin(auroc).IsPinned(mcc) && !view.Pin(auroc).IsPinned(auroc));
        Assert.Equal(1, view.Toggle(mcc).Pinned);
        var most = view.Pin(RunColumns.Find("f1")!);
        Assert.Equal(most, most.Pin(RunColumns.Find("recall")!));
    }

    [Fact]
    public void Lines_are_groups_with_their_runs_and_a_folded_group_is_one_line()
    {
        RunSummary[] runs = [.. Enumerable.Range(0, 250).Select(i => Run($"r{i}", i < 150 ? "a" : "b", i < 150 ? .5 : .7) with { Study = i % 2 == 0 ? "first" : null, Notes = new() { Tags = i == 0 ? ["x", "y"] : [] } })];
        var groups = RunGroup.Of(runs, RunGrouping.Model);
        var lines = RunsTableLine.Of(runs, groups, new HashSet<string> { "a" });
        Assert.Equal(102, lines.Count);
        Assert.Equal([("a", null), ("b", null), ("b", "r150")], lines.Take(3).Select(line => line.Key));
        Assert.Equal(250, RunsTableLine.Of(runs, [], new HashSet<string>()).Count);
        Assert.Equal(["first", "No study"], RunGroup.Of(runs, RunGrouping.Study).Select(group => group.Title));
        var tags = RunGroup.Of(runs, RunGrouping.Tag);
        Assert.Equal([("x", 1), ("y", 1), ("No tag", 249)], tags.Select(group => (group.Title, group.Runs.Count)));
        var keys = RunsTableLine.Of(runs, tags, new HashSet<string>()).Select(line => line.Key).ToList();
        Assert.Equal(keys.Count, keys.Distinct().Count()); // a run stands in two groups
    }

    [Fact]
    public void Runs_of_the_same_settings_are_one_group_whatever_their_seed()
    {
        RunSummary Of(string id, int seed, double rate, double accuracy) => Run(id, "m", accuracy) with { Recipe = new() { Seed = seed, Training = new() { LearningRate = rate } } };
        var groups = RunGroup.Of([Of("a", 1, .1, .5), Of("b", 1, .2, .6), Of("c", 2, .1, .7)], RunGrouping.Settings);
        Assert.Equal(["m · LoRA · as a", "m · LoRA · as b"], groups.Select(group => group.Title));
        Assert.Equal("0.600 ± 0.141", groups[0].Mean(RunColumns.Find("accuracy")!));
        Assert.Equal("0.600", groups[1].Mean(RunColumns.Find("accuracy")!));
    }

    [Fact]
    public void A_group_says_mean_and_spread_and_how_many_completed()
    {
        var failed = Run("c", "m", .1) with { Status = RunStatus.Failed };
        var group = Assert.Single(RunGroup.Of([Run("a", "m", .5), Run("b", "m", .7), failed], RunGrouping.Model));
        Assert.Equal("2 of 3", group.Completed);
        Assert.Equal("0.600 ± 0.141", group.Mean(RunColumns.Find("accuracy")!));
        Assert.Equal("–", group.Mean(RunColumns.Find("auroc")!));
    }

    [Fact]
    public void Lower_losses_are_better()
    {
        var column = RunColumns.Find("brier")!;
        RunSummary[] runs = [Run("a", "m", .5), Run("b", "m", .5)];
        runs[1] = runs[1] with { Test = runs[1].Test! with { Brier = .1 } };
        Assert.Equal(.1, RunColumn.Best(runs, [column])[(column, RunColumn.DataOf(runs[0]))]);
        Assert.False(RunsView.Usual.SortBy(column).Descending);
    }

    [Fact]
    public void Exports_quote_what_their_format_gives_a_meaning()
    {
        var run = Run("r", "m_1", 1.0 / 3) with { Name = "=a,\"b\" & 50 % | c" };
        var columns = new[] { RunColumns.Name, RunColumns.Find("model")!, RunColumns.Find("accuracy")! };
        Assert.Equal("id,Name,Model,Accuracy\nr,\"'=a,\"\"b\"\" & 50 % | c\",m_1,0.3333333333333333\n", RunsExport.Csv([run], columns));
        Assert.Contains("| =a,\"b\" & 50 % \\| c | m_1 | 0.333 |", RunsExport.Markdown([run], columns), StringComparison.Ordinal);
        Assert.Contains("=a,\"b\" \\& 50 \\% | c & m\\_1 & 0.333 \\\\", RunsExport.Latex([run], columns), StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Query(string address) =>
        QueryHelpers.ParseQuery(new Uri(new Uri("http://localhost/"), address).Query).ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal);

    private static RunSummary Run(string id, string model, double? accuracy) => new()
    {
        Id = id, Name = id, Model = model, Method = "lora", Status = RunStatus.Completed, StatusTime = default, CreatedUtc = default, LastEventUtc = default,
        Test = accuracy is { } known ? RunSamples.Binary(known) : null,
    };
}

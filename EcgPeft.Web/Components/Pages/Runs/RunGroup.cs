using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Web.Components.Shared;

namespace EcgPeft.Web.Components.Pages.Runs;

/// <summary>What runs are gathered by.</summary>
public enum RunGrouping
{
    None,
    Model,
    Method,
    ModelAndMethod,
    Settings,
    Data,
    Name,
    Study,
    Tag,
}

/// <summary>Runs that belong together, with mean and spread of each column of numbers.</summary>
/// <param name="Title">What they have in common.</param>
/// <param name="Runs">The runs, in the table's order.</param>
public sealed record RunGroup(string Title, IReadOnlyList<RunSummary> Runs)
{
    /// <summary>How many have completed, of how many: a failed seed is said, never averaged away.</summary>
    public string Completed => $"{Runs.Count(run => run.Status == RunStatus.Completed)} of {Runs.Count}";

    /// <summary>Gathers runs; groups stand in the order of their first run.</summary>
    public static IReadOnlyList<RunGroup> Of(IReadOnlyList<RunSummary> runs, RunGrouping grouping) => grouping == RunGrouping.Settings ? OfRepeats(runs) :
        [.. runs.SelectMany(run => TitlesOf(run, grouping).Select(title => (title, run))).GroupBy(pair => pair.title, pair => pair.run).Select(group => new RunGroup(group.Key, [.. group]))];

    /// <summary>Runs that differ in seed and fold alone. Groups of one model and method are told apart by their first run.</summary>
    private static IReadOnlyList<RunGroup> OfRepeats(IReadOnlyList<RunSummary> runs)
    {
        var repeats = RunRepeats.Gather(runs);
        var alike = repeats.GroupBy(same => TitleOf(same.Runs[0], RunGrouping.ModelAndMethod)).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        return [.. repeats.Select(same => TitleOf(same.Runs[0], RunGrouping.ModelAndMethod) is var title && alike.Contains(title) ? new RunGroup($"{title} · as {same.Runs[0].Name}", same.Runs) : new RunGroup(title, same.Runs))];
    }

    /// <summary>Mean ± sample standard deviation over the completed runs that have a value; a lone value stands without a spread. What a failed run got to is not averaged in.</summary>
    public string Mean(RunColumn column)
    {
        if (column.Number is null) return "";
        return Spread.Of(Runs.Where(run => run.Status == RunStatus.Completed).Select(run => column.Number(run)).OfType<double>())?.Text(value => column.Format(value)) ?? Show.Nothing;
    }

    /// <summary>A run stands in the group of each of its tags.</summary>
    private static IEnumerable<string> TitlesOf(RunSummary run, RunGrouping grouping) => grouping == RunGrouping.Tag && run.Notes.Tags.Count > 0 ? run.Notes.Tags : [TitleOf(run, grouping)];

    private static string TitleOf(RunSummary run, RunGrouping grouping) => grouping switch
    {
        RunGrouping.Model => run.Model,
        RunGrouping.Method => Show.Method(run.Method),
        RunGrouping.ModelAndMethod => $"{run.Model} · {Show.Method(run.Method)}",
        RunGrouping.Data => run.DataSet,
        RunGrouping.Name => run.Name,
        RunGrouping.Study => run.StudyTitle ?? run.Study ?? "No study",
        RunGrouping.Tag => "No tag",
        _ => "",
    };
}

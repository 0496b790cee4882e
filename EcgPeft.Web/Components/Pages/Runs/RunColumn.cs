using EcgPeft.Core.Runs;
using EcgPeft.Web.Components.Shared;

namespace EcgPeft.Web.Components.Pages.Runs;

/// <summary>Which of two values of a column is better.</summary>
public enum Better
{
    Neither,
    Higher,
    Lower,
}

/// <summary>A column of the table of runs; <see cref="RunColumns"/> lists them.</summary>
public sealed class RunColumn
{
    /// <summary>Its name in the page's address.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }

    public string? Help { get; init; }

    public required Func<RunSummary, string> Text { get; init; }

    /// <summary>What the column is sorted by; null goes last, whichever way.</summary>
    public required Func<RunSummary, IComparable?> Key { get; init; }

    /// <summary>The value, for columns of numbers.</summary>
    public Func<RunSummary, double?>? Number { get; init; }

    /// <summary>A number as the column writes it, for means and deviations of groups.</summary>
    public Func<double, string> Format { get; init; } = number => number.ToString("G4", Show.Culture);

    public Better Better { get; init; }

    public bool IsNumber => Number is not null;

    /// <summary>On narrow screens these stand without their title.</summary>
    public bool InCardHead => this == RunColumns.Name;

    /// <summary>Sorted, with runs that have no value at the end.</summary>
    public static IReadOnlyList<RunSummary> Sort(IReadOnlyList<RunSummary> runs, RunColumn column, bool descending)
    {
        var known = runs.Where(run => column.Key(run) is not null);
        return [.. descending ? known.OrderByDescending(column.Key) : known.OrderBy(column.Key), .. runs.Where(run => column.Key(run) is null)];
    }

    /// <summary>The best value of each column that knows a better and a worse, among the runs on the same data, where at least two can be compared.</summary>
    public static Dictionary<(RunColumn Column, string Data), double> Best(IReadOnlyList<RunSummary> runs, IReadOnlyList<RunColumn> columns)
    {
        var best = new Dictionary<(RunColumn, string), double>();
        foreach (var sameData in runs.GroupBy(DataOf))
        foreach (var column in columns.Where(column => column.Better != Better.Neither))
        {
            var values = sameData.Select(run => column.Number!(run)).OfType<double>().Where(double.IsFinite).ToList();
            if (values.Count > 1) best[(column, sameData.Key)] = column.Better == Better.Higher ? values.Max() : values.Min();
        }
        return best;
    }

    /// <summary>What the values of two runs must have in common to be compared: the content of their data.</summary>
    public static string DataOf(RunSummary run) => run.Recipe?.Data.Hash is { Length: > 0 } hash ? hash : run.DataSet;
}

using EcgPeft.Core.Runs;
using EcgPeft.Web.Components.Shared;

namespace EcgPeft.Web.Components.Pages.Runs;

/// <summary>A column of the table of runs.</summary>
internal sealed class RunColumn
{
    public static readonly RunColumn Name = Words("Name", run => run.Name);
    public static readonly RunColumn Status = Words("Status", run => run.Broken is null ? Show.Status(run.Status) : "Unreadable");
    public static readonly RunColumn Created = new() { Title = "Created", Text = run => Show.Moment(run.CreatedUtc), Key = run => run.CreatedUtc };

    public static IReadOnlyList<RunColumn> All { get; } =
    [
        Name,
        Status,
        Words("Model", run => run.Model),
        Words("Method", run => Show.Method(run.Method)),
        Words("Data", run => run.DataSet),
        Metric("Accuracy", "Share of test segments called rightly", run => run.Test?.Accuracy),
        Metric("Precision", "TP / (TP + FP) on the test split", run => run.Test?.Precision),
        Metric("Recall", "TP / (TP + FN) on the test split, also called sensitivity", run => run.Test?.Recall),
        Metric("F1", "Harmonic mean of precision and recall on the test split", run => run.Test?.F1),
        Metric("AUROC", "Area under the ROC curve on the test split", run => run.Test?.Auroc),
        new() { Title = "Trainable", Help = "Trainable parameters: PEFT method and head", Number = run => run.TrainableParameters, Text = run => Show.Short(run.TrainableParameters), Key = run => run.TrainableParameters },
        new() { Title = "Time", Help = "Time under a worker, pauses taken out", Number = run => run.ActiveSeconds, Text = run => run.ActiveSeconds > 0 ? Show.Duration(run.ActiveSeconds) : Show.Nothing, Key = run => run.ActiveSeconds },
        Created,
    ];

    public required string Title { get; init; }

    public string? Help { get; init; }

    public required Func<RunSummary, string> Text { get; init; }

    /// <summary>What the column is sorted by; null goes last, whichever way.</summary>
    public required Func<RunSummary, IComparable?> Key { get; init; }

    /// <summary>The value, for columns of numbers.</summary>
    public Func<RunSummary, double?>? Number { get; init; }

    public bool IsNumber => Number is not null;

    /// <summary>Whether more is better, so that the best value can be marked.</summary>
    public bool HigherIsBetter { get; init; }

    /// <summary>On narrow screens these stand without their title.</summary>
    public bool InCardHead => this == Name;

    /// <summary>Sorted, with runs that have no value at the end.</summary>
    public static IReadOnlyList<RunSummary> Sort(IReadOnlyList<RunSummary> runs, RunColumn column, bool descending)
    {
        var known = runs.Where(run => column.Key(run) is not null);
        return [.. descending ? known.OrderByDescending(column.Key) : known.OrderBy(column.Key), .. runs.Where(run => column.Key(run) is null)];
    }

    /// <summary>The best value of each metric, where at least two runs can be compared.</summary>
    public static Dictionary<RunColumn, double> Best(IReadOnlyList<RunSummary> runs)
    {
        var best = new Dictionary<RunColumn, double>();
        foreach (var column in All.Where(column => column.HigherIsBetter))
        {
            var values = runs.Select(run => column.Number!(run)).OfType<double>().Where(double.IsFinite).ToList();
            if (values.Count > 1) best[column] = values.Max();
        }
        return best;
    }

    private static RunColumn Words(string title, Func<RunSummary, string> text) => new() { Title = title, Text = text, Key = text };

    private static RunColumn Metric(string title, string help, Func<RunSummary, double?> value) => new()
    {
        Title = title,
        Help = help,
        HigherIsBetter = true,
        Number = value,
        Text = run => Show.Metric(value(run)),
        Key = run => value(run) is { } number && double.IsFinite(number) ? number : null,
    };
}

using System.Globalization;
using System.Text;

namespace EcgPeft.Core.Runs.Exports;

/// <summary>Runs as CSV tables that pandas, R and spreadsheets read: one row a metric, a step or an epoch. Numbers read back to the same double.</summary>
public static class RunTables
{
    /// <summary>Names of the tables.</summary>
    public static IReadOnlyList<string> Names { get; } = ["metrics.csv", "steps.csv", "epochs.csv"];

    /// <summary>Writes a table.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="runs">The runs.</param>
    /// <param name="output">Where to.</param>
    public static void Write(string name, IReadOnlyList<RunHistory> runs, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(output);
        foreach (var row in name switch
        {
            "metrics.csv" => Metrics(runs),
            "steps.csv" => Steps(runs),
            "epochs.csv" => Epochs(runs),
            _ => throw new ArgumentException($"There is no table {name}.", nameof(name)),
        }) output.Write(string.Join(',', row.Select(Cell)) + "\n");
    }

    /// <summary>Writes all tables into a folder.</summary>
    /// <param name="folder">Made where absent.</param>
    /// <param name="runs">The runs.</param>
    public static void WriteAll(string folder, IReadOnlyList<RunHistory> runs)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in Names)
        {
            using var file = new StreamWriter(Path.Combine(folder, name), append: false, new UTF8Encoding(false));
            Write(name, runs, file);
        }
    }

    private static IEnumerable<object?[]> Metrics(IReadOnlyList<RunHistory> runs)
    {
        yield return ["run", "name", "model", "method", "dataSet", "seed", "status", "split", "metric", "value"];
        foreach (var (run, _, _) in runs)
            foreach (var (split, metrics) in new[] { ("validation", run.Validation ?? run.BestValidation), ("test", run.Test) })
                foreach (var (metric, value) in RunHistory.Named(metrics))
                    yield return [run.Id, run.Name, run.Model, run.Method, run.DataSet, run.Recipe?.Seed, Word(run.Status), split, metric, value];
    }

    private static IEnumerable<object?[]> Steps(IReadOnlyList<RunHistory> runs)
    {
        yield return ["run", "step", "epoch", "time", "loss", "learningRate", "gradientNorm", "segmentsPerSecond"];
        foreach (var run in runs)
            foreach (var step in run.Steps)
                yield return [run.Summary.Id, step.Step, step.Epoch, step.Time.ToUniversalTime(), step.Loss, step.LearningRate, step.GradientNorm, step.SegmentsPerSecond];
    }

    private static IEnumerable<object?[]> Epochs(IReadOnlyList<RunHistory> runs)
    {
        // Pre-training has no labels and so no metrics: the columns come from the runs that have some.
        var metrics = runs.SelectMany(run => run.Epochs).Select(epoch => epoch.Validation).Where(v => v is not null).SelectMany(v => RunHistory.Named(v)).Select(m => m.Name).Distinct().ToList();
        yield return ["run", "epoch", "step", "time", "seconds", "best", "trainingLoss", "validationLoss", .. metrics];
        foreach (var run in runs)
        {
            foreach (var epoch in run.Epochs)
            {
                var values = RunHistory.Named(epoch.Validation).ToDictionary(m => m.Name, m => m.Value);
                yield return
                [
                    run.Summary.Id, epoch.Epoch, epoch.Step, epoch.Time.ToUniversalTime(), epoch.Seconds, epoch.Best ? 1 : 0, epoch.TrainingLoss, epoch.ValidationLoss,
                    .. metrics.Select(metric => (object?)values.GetValueOrDefault(metric)),
                ];
            }
        }
    }

    private static string Word(Enum value) => value.ToString().ToLowerInvariant();

    private static string Cell(object? value) => value switch
    {
        null => "",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        IFormattable whole => whole.ToString(null, CultureInfo.InvariantCulture),
        _ => Quoted(value.ToString()!),
    };

    // A leading =, + or @ would be run as a formula by a spreadsheet.
    private static string Quoted(string text)
    {
        if (text.Length > 0 && text[0] is '=' or '+' or '@') text = "'" + text;
        return text.AsSpan().IndexOfAny(",\"\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}

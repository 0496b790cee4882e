using System.Globalization;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Yardsticks;
using Spectre.Console;

namespace EcgPeft.Cli;

/// <summary>Shows a study while it runs: a live table on a terminal, a line for each change elsewhere; and its results.</summary>
internal static class StudyDisplay
{
    /// <summary>Does the work, which reports the state of all runs.</summary>
    public static IReadOnlyList<StudyRunState> Follow(Func<Action<IReadOnlyList<StudyRunState>>, IReadOnlyList<StudyRunState>> work)
    {
        if (!Console.IsOutputRedirected)
            return AnsiConsole.Live(new Table()).AutoClear(true).Start(context => work(states => context.UpdateTarget(Live(states))));
        var shown = new Dictionary<StudyRun, RunStatus?>();
        var seen = false;
        return work(states =>
        {
            foreach (var state in states)
            {
                var status = state.Summary?.Status;
                if (shown.TryGetValue(state.Run, out var before) && before == status) continue;
                shown[state.Run] = status;
                if (seen || status == RunStatus.Completed) WriteChange(state, states);
            }
            seen = true;
        });
    }

    /// <summary>Accuracy, F1 and AUROC in one line.</summary>
    public static string Results(BinaryMetrics metrics) => $"AUROC {Number(metrics.Auroc)}, F1 {Number(metrics.F1)}, accuracy {Number(metrics.Accuracy)}";

    /// <summary>Mean and spread over seeds for each model and method, and the yardsticks.</summary>
    public static void WriteTable(string folder, Study study, IReadOnlyList<StudyRunState> states)
    {
        var rows = new List<(string Name, IReadOnlyList<BinaryMetrics> Results)>();
        foreach (var model in study.Models)
            foreach (var method in study.Methods)
                foreach (var variant in states.Select(s => s.Run.Variant).Distinct())
                    rows.Add(($"{model} {method} {variant}".TrimEnd(), [.. states.Where(s => s.Run.Model == model && s.Run.Method == method && s.Run.Variant == variant).Select(s => s.Summary?.Test).OfType<BinaryMetrics>()]));
        Write([.. rows, .. Yardsticks(folder, study)]);
    }

    /// <summary>Mean and spread of the yardsticks alone.</summary>
    public static void WriteYardsticks(string folder, Study study)
    {
        if (study.Yardsticks.Count > 0) Write(Yardsticks(folder, study));
    }

    private static List<(string Name, IReadOnlyList<BinaryMetrics> Results)> Yardsticks(string folder, Study study) => [.. study.Yardsticks.Select(name => (Yardstick.All.Single(y => y.Name == name).Title,
        (IReadOnlyList<BinaryMetrics>)[.. study.Repeats.Select(repeat => StudyYardsticks.Read(folder, name, repeat.Seed, repeat.Fold)?.Test.Metrics(0.5)).OfType<BinaryMetrics>()]))];

    private static void Write(List<(string Name, IReadOnlyList<BinaryMetrics> Results)> rows)
    {
        Console.Out.WriteLine($"{"test",-34} {"AUROC",-15} {"F1",-15} {"accuracy",-15} repetitions");
        foreach (var (name, results) in rows.Where(row => row.Results.Count > 0))
            Console.Out.WriteLine($"{name,-34} {SpreadOf(results, m => m.Auroc),-15} {SpreadOf(results, m => m.F1),-15} {SpreadOf(results, m => m.Accuracy),-15} {results.Count}");
    }

    private static void WriteChange(StudyRunState state, IReadOnlyList<StudyRunState> all)
    {
        var done = all.Count(s => s.Summary?.Status == RunStatus.Completed);
        var line = state.Summary switch
        {
            null => null,
            { Status: RunStatus.Completed, Test: { } test } run => string.Create(CultureInfo.InvariantCulture, $"{done}/{all.Count} {state.Run.Folder}: test {Results(test)} ({run.ActiveSeconds:F0} s)"),
            { Status: RunStatus.Completed or RunStatus.Stopped, BestValidation: { } validation } run when run.Recipe?.Evaluation.ValidationOnly == true => string.Create(CultureInfo.InvariantCulture, $"{state.Run.Folder} ({state.Run.Variant}), {run.Epoch} epochs: validation {Results(validation)} ({run.ActiveSeconds:F0} s)"),
            { Status: RunStatus.Running } => $"{state.Run.Folder}: running",
            { Status: RunStatus.Queued or RunStatus.Stopping } => null,
            var run => $"{state.Run.Folder}: {run.Status.ToString().ToLowerInvariant()}. {run.StatusMessage}",
        };
        if (line is not null) Console.Out.WriteLine(line);
    }

    private static Table Live(IReadOnlyList<StudyRunState> states)
    {
        var done = states.Where(s => s.Summary?.Status == RunStatus.Completed).ToList();
        var left = states.Count - done.Count;
        var pace = done.Count == 0 ? null : $", about {TimeSpan.FromSeconds(done.Average(s => s.Summary!.ActiveSeconds) * left / Math.Max(1, states.Count(s => s.AtWork))):h\\:mm\\:ss} left";
        var table = new Table().Border(TableBorder.Simple).Caption($"{done.Count} of {states.Count} runs are completed{pace}");
        table.AddColumns("Run", "Status", "Epoch", "Best validation AUROC", "Test AUROC", "Test F1", "Time");
        foreach (var state in states)
        {
            var run = state.Summary;
            table.AddRow(
                Markup.Escape(state.Run.Folder), run is null ? "waiting" : run.TotalSteps is > 0 && state.AtWork ? $"{run.Status.ToString().ToLowerInvariant()} {100 * run.Step / run.TotalSteps} %" : run.Status.ToString().ToLowerInvariant(),
                run is null ? "" : $"{run.Epoch}/{run.Epochs}", Number(run?.BestValidation?.Auroc), Number(run?.Test?.Auroc), Number(run?.Test?.F1),
                run is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{run.ActiveSeconds:F0} s"));
        }
        return table;
    }

    /// <summary>Mean and spread of a metric.</summary>
    public static string SpreadOf(IEnumerable<BinaryMetrics> results, Func<BinaryMetrics, double?> metric) => Spread.Of(results.Select(metric).OfType<double>())?.Text(value => Number(value)) ?? "undefined";

    private static string Number(double? value) => value?.ToString("F3", CultureInfo.InvariantCulture) ?? "";
}

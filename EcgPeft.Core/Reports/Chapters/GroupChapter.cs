using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Reports.Document;
using EcgPeft.Core.Reports.Figures;
using EcgPeft.Core.Reports.Results;

namespace EcgPeft.Core.Reports.Chapters;

/// <summary>Each person by itself, the worst one shown.</summary>
internal static class GroupChapter
{
    private static readonly Metric F1 = Metric.Find("f1")!, Accuracy = Metric.Find("accuracy")!;

    public static IEnumerable<ReportBlock> Of(ReportData data)
    {
        yield return new HeadingBlock(2, "Person by person");
        if (data.Segments?.Groups is not { } groups)
        {
            yield return new ParagraphBlock("Who the segments are from is not known, so results cannot be told apart by person.");
            yield break;
        }
        var rows = new List<IReadOnlyList<string>>();
        var worst = new List<IReadOnlyList<string>>();
        foreach (var contender in data.Contenders)
        {
            var people = People(contender, groups);
            foreach (var (person, metrics) in people) rows.Add([contender.Name, person, Number.Count(metrics.Sum(m => m.Count)), Number.Percent((double)metrics.Sum(m => m.Positives) / metrics.Sum(m => m.Count)), .. Cells(metrics)]);
            var lowest = people.MinBy(p => p.Metrics.Average(m => m.Accuracy));
            worst.Add([contender.Name, lowest.Person, .. Cells(lowest.Metrics)]);
        }
        yield return new TableBlock("The person with the lowest accuracy, for each model and method.", ["Model and method", "Person", "AUROC", "F1", "Accuracy"], worst, [1]);
        yield return new FiguresBlock([Figure(data, groups)]);
        yield return new TableBlock("Every person in a test split: segments of all repetitions together, metrics as means over the repetitions that test the person. With one class only, AUROC is undefined; without label 1, F1 is.", ["Model and method", "Person", "Segments", "Label 1", "AUROC", "F1", "Accuracy"], rows, [1]);
    }

    /// <summary>Metrics of each person in each test split that holds it.</summary>
    private static List<(string Person, List<BinaryMetrics> Metrics)> People(Contender contender, IReadOnlyList<string> groups)
    {
        var found = new SortedDictionary<string, List<BinaryMetrics>>(StringComparer.Ordinal);
        foreach (var trial in contender.Trials)
            foreach (var person in Enumerable.Range(0, trial.Test.Count).GroupBy(i => groups[trial.Test.Rows[i]], StringComparer.Ordinal))
            {
                if (!found.TryGetValue(person.Key, out var list)) found.Add(person.Key, list = []);
                list.Add(trial.Test.At([.. person]).Metrics(trial.Threshold));
            }
        return [.. found.Select(pair => (pair.Key, pair.Value))];
    }

    private static IEnumerable<string> Cells(IReadOnlyList<BinaryMetrics> metrics)
    {
        foreach (var metric in new[] { Metric.Auroc, F1, Accuracy })
        {
            var known = metrics.Select(m => new PersonResult("", m).Of(metric)).OfType<double>().ToList();
            yield return known.Count == 0 ? Number.Undefined : Number.Metric(known.Average());
        }
    }

    private static Figure Figure(ReportData data, IReadOnlyList<string> groups)
    {
        var people = People(data.Best, groups);
        var lowest = people.MinBy(p => p.Metrics.Average(m => m.Accuracy));
        return new IntervalPlot($"Accuracy of {data.Best.Name}", [.. people.Select(p => new IntervalRow(p.Person, p.Metrics.Average(m => m.Accuracy), null, 0, []))])
            .ToFigure("people", $"{data.Best.Name}, person by person", $"Test accuracy of each person. Lowest: {lowest.Person} with {Number.Metric(lowest.Metrics.Average(m => m.Accuracy))}.");
    }
}

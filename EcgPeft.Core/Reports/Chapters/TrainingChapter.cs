using EcgPeft.Core.Reports.Document;
using EcgPeft.Core.Reports.Figures;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Reports.Chapters;

/// <summary>Training curves and convergence.</summary>
internal static class TrainingChapter
{
    public static IEnumerable<ReportBlock> Of(ReportData data)
    {
        yield return new HeadingBlock(2, "Training");
        foreach (var model in data.Tuned.GroupBy(c => c.Model)) yield return new FiguresBlock(Figures([.. model], ContenderLooks.Of(data)));
        yield return new HeadingBlock(2, "Convergence");
        yield return Convergences(data);
        foreach (var sentence in Sentences(data)) yield return new ParagraphBlock(sentence);
    }

    /// <summary>Loss and validation AUROC by epoch of one model's methods.</summary>
    public static IReadOnlyList<Figure> Figures(List<Contender> contenders, IReadOnlyDictionary<Contender, RunLook> looks)
    {
        var model = contenders[0].Model;
        return
        [
            Curves(contenders, looks, $"training-loss-{model}", $"{model}: loss by epoch", "Loss", "validation loss; pale: training loss", e => e.ValidationLoss, e => e.TrainingLoss),
            Curves(contenders, looks, $"training-auroc-{model}", $"{model}: validation AUROC by epoch", "Validation AUROC", "validation AUROC", e => e.Validation?.Auroc ?? double.NaN, null),
        ];
    }

    /// <summary>How fast, steady and tight each model and method was fitted.</summary>
    public static TableBlock Convergences(ReportData data) => new(
        "Means over repetitions, by the score that chose the epoch. 95 %: first epoch with 95 % of the best score. Area: mean score over the epochs. Stability: standard deviation over the last three epochs. Gap: validation minus training loss in the last epoch.",
        ["Model and method", "Epochs trained", "Best epoch", "Epochs to 95 %", "Steps to 95 %", "Time to 95 %", "Area under the curve", "Stability", "Overfitting gap"],
        [.. data.Tuned.Select(Row)]);

    private static IReadOnlyList<string> Row(Contender contender)
    {
        var measured = contender.Runs.Select(run => Convergence.Of(run.Epochs, run.Recipe.Training.SelectionMetric)).OfType<Convergence>().ToList();
        if (measured.Count == 0) return [contender.Name, .. Enumerable.Repeat(Number.Undefined, 8)];
        return
        [
            contender.Name, Number.Fixed(contender.Runs.Average(run => run.Metrics.Resources.EpochsTrained), 1), Number.Fixed(measured.Average(m => m.BestEpoch), 1), Number.Fixed(measured.Average(m => m.Epoch), 1), Number.Fixed(measured.Average(m => m.Step), 0),
            Number.Seconds(measured.Average(m => m.Seconds)), Number.Metric(measured.Average(m => m.Area)), Number.Fixed(measured.Average(m => m.Stability), 4), Number.Difference(measured.Average(m => m.Gap)),
        ];
    }

    /// <summary>Descriptions only: with a few repetitions nothing is tested here.</summary>
    public static IEnumerable<string> Sentences(ReportData data)
    {
        foreach (var pair in data.MethodPairs)
        {
            var (a, b) = (Steps(pair.First), Steps(pair.Second));
            if (a is null || b is null) continue;
            var on = $"On {pair.First.Model}{(pair.First.Variant.Length == 0 ? "" : $" with {pair.First.Variant}")}";
            var (sooner, later) = a <= b ? (pair.First, pair.Second) : (pair.Second, pair.First);
            var means = data.Repeats.Count > 1 ? "means over repetitions, not tested" : "not tested";
            yield return Math.Round(a.Value) == Math.Round(b.Value)
                ? $"{on}, {Contender.MethodTitle(pair.First.Method)} and {Contender.MethodTitle(pair.Second.Method)} took the same number of steps to 95 % of their best score ({Number.Fixed(a, 0)}; {means})."
                : $"{on}, {Contender.MethodTitle(sooner.Method)} came to 95 % of its best score after {Number.Fixed(Math.Min(a.Value, b.Value), 0)} steps, {Contender.MethodTitle(later.Method)} after {Number.Fixed(Math.Max(a.Value, b.Value), 0)} ({means}).";
        }
    }

    private static double? Steps(Contender contender)
    {
        var measured = contender.Runs.Select(run => Convergence.Of(run.Epochs, run.Recipe.Training.SelectionMetric)).OfType<Convergence>().ToList();
        return measured.Count == 0 ? null : measured.Average(m => m.Step);
    }

    private static Figure Curves(List<Contender> contenders, IReadOnlyDictionary<Contender, RunLook> looks, string id, string title, string yTitle, string what, Func<EpochEvent, double> value, Func<EpochEvent, double>? behind)
    {
        var series = new List<PlotSeries>();
        foreach (var contender in contenders)
        {
            var (look, first) = (looks[contender], true);
            foreach (var run in contender.Runs)
            {
                double[] x = [.. run.Epochs.Select(epoch => (double)epoch.Epoch)];
                series.Add(new PlotSeries(ShortName(contender), x, [.. run.Epochs.Select(value)], look.Color, look.Dash, InLegend: first));
                if (behind is not null) series.Add(new PlotSeries(ShortName(contender) + " (training)", x, [.. run.Epochs.Select(behind)], look.Color, look.Dash, InLegend: false, Faint: true));
                first = false;
            }
        }
        var ends = contenders.Select(c => $"{ShortName(c)} ends at {Number.Metric(c.Runs.Average(run => run.Epochs.Count == 0 ? double.NaN : value(run.Epochs[^1])))}");
        var repeated = contenders.Any(c => c.Trials.Count > 1);
        return new LinePlot("Epoch", yTitle, series) { WholeX = true }.ToFigure(id, title, $"{(repeated ? $"One line a repetition: {what}" : char.ToUpperInvariant(what[0]) + what[1..])}. {(repeated ? "On average " : "")}{string.Join(", ", ends)}.");
    }

    private static string ShortName(Contender contender) => contender.Name[(contender.Model.Length + 3)..];
}

using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Reports.Document;
using EcgPeft.Core.Reports.Figures;
using EcgPeft.Core.Reports.Results;

namespace EcgPeft.Core.Reports.Chapters;

/// <summary>What the runs cost, and what the cost buys.</summary>
internal static class CostChapter
{
    public static IEnumerable<ReportBlock> Of(ReportData data)
    {
        yield return new HeadingBlock(2, "Cost");
        yield return Table(data);
        if (Inference(data) is { } speeds) yield return speeds;
        yield return new FiguresBlock(Figures(data));
    }

    /// <summary>Each model and method's cost.</summary>
    public static TableBlock Table(ReportData data) => new("Means over repetitions. Time is wall time of training under a worker, CPU time that of all its threads; memory is the largest resident memory of its process.",
        ["Model and method", "Trainable", "Total", "Adapter file", "Time", "Time an epoch", "CPU time", .. EnergyKnown(data) ? ["Energy"] : Array.Empty<string>(), "Peak memory"],
        [.. data.Tuned.Select(c => (IReadOnlyList<string>)
        [
            c.Name, Number.Count(Mean(c, r => r.TrainableParameters)), Number.Count(Mean(c, r => r.TotalParameters)), Number.Bytes(Mean(c, r => r.AdapterBytes)), Number.Seconds(Mean(c, r => r.Seconds)), Number.Seconds(Mean(c, r => r.SecondsPerEpoch)), Known(c, r => r.CpuSeconds) is { } cpu ? Number.Seconds(cpu) : "not measured", .. EnergyKnown(data) ? [$"{Number.Count(Known(c, r => r.EnergyJoules)!.Value)} J"] : Array.Empty<string>(), Number.Bytes(Mean(c, r => r.PeakMemoryBytes)),
        ]),
        .. data.Yardsticks.Select(c => (IReadOnlyList<string>)
        [
            c.Name, Number.Count(c.Trials.Average(t => t.Yardstick!.Parameters)), Number.Count(c.Trials.Average(t => t.Yardstick!.Parameters)), "–", Number.Seconds(c.Trials.Average(t => t.Yardstick!.Seconds)), "–", "–", .. EnergyKnown(data) ? ["–"] : Array.Empty<string>(), "–",
        ])]);

    /// <summary>Score against parameters, time and memory, each with its Pareto front.</summary>
    public static IReadOnlyList<Figure> Figures(ReportData data) =>
    [
        Scatter(data, "cost-parameters", "AUROC against trainable parameters", "Trainable parameters (log)", r => r.TrainableParameters, log: true),
        Scatter(data, "cost-time", "AUROC against training time", "Seconds of training", r => r.Seconds, log: false),
        Scatter(data, "cost-memory", "AUROC against memory", "Peak memory (MB)", r => r.PeakMemoryBytes / 1e6, log: false),
    ];

    /// <summary>How fast the tuned models call segments; null where no run has measured it.</summary>
    public static TableBlock? Inference(ReportData data) => data.Tuned.All(c => Known(c, r => r.Inference?.LatencyMilliseconds) is null) ? null : new(
        $"Inference, means over repetitions: median time of one segment by itself, and segments a second in batches of {Training.InferenceSpeed.Batch}, from resampled samples to logits; merged: with the update added to the frozen weights, where the method allows it.",
        ["Model and method", "Latency", "Latency merged", "Throughput", "Throughput merged"],
        [.. data.Tuned.Select(c => (IReadOnlyList<string>)
        [
            c.Name, Milliseconds(Known(c, r => r.Inference?.LatencyMilliseconds)), Milliseconds(Known(c, r => r.MergedInference?.LatencyMilliseconds)), Rate(Known(c, r => r.Inference?.SegmentsPerSecond)), Rate(Known(c, r => r.MergedInference?.SegmentsPerSecond)),
        ])]);

    private static string Milliseconds(double? value) => value is { } known ? Number.Fixed(known, known < 10 ? 2 : 1) + " ms" : "–";

    private static string Rate(double? value) => value is { } known ? Number.Fixed(known, 1) + " /s" : "–";

    private static bool EnergyKnown(ReportData data) => data.Runs.All(run => run.Metrics.Resources.EnergyJoules is not null);

    /// <summary>The mean over repetitions; null where one of them does not know it.</summary>
    private static double? Known(Contender contender, Func<EcgPeft.Core.Runs.RunResources, double?> of)
    {
        var values = contender.Runs.Select(run => of(run.Metrics.Resources)).ToList();
        return values.Any(value => value is null) ? null : values.Average();
    }

    private static double Mean(Contender contender, Func<EcgPeft.Core.Runs.RunResources, double> of) => contender.Runs.Average(run => of(run.Metrics.Resources));

    private static Figure Scatter(ReportData data, string id, string title, string xTitle, Func<EcgPeft.Core.Runs.RunResources, double> cost, bool log)
    {
        var looks = ContenderLooks.Of(data);
        var points = data.Tuned.Select(c => (Contender: c, Look: looks[c], X: Mean(c, cost), Y: c.Mean(Metric.Auroc))).Where(p => p.Y is not null).ToList();
        var front = new List<(Contender Contender, double X, double Y)>();
        foreach (var point in points.OrderBy(p => p.X).ThenByDescending(p => p.Y))
            if (front.Count == 0 || point.Y > front[^1].Y) front.Add((point.Contender, point.X, point.Y!.Value));
        var series = points.Select(p => new PlotSeries(p.Contender.Name, [p.X], [p.Y!.Value], p.Look.Color, p.Look.Dash, Joined: false)).ToList();
        if (front.Count > 1) series.Insert(0, new PlotSeries("Pareto front", [.. front.Select(p => p.X)], [.. front.Select(p => p.Y)], SvgText.Grey, Dash: 1));
        var words = front.Count == 0 ? "AUROC is undefined." : $"Not beaten by anything both cheaper and better: {string.Join(", ", front.Select(p => $"{p.Contender.Name} ({Number.Metric(p.Y)})"))}.";
        return new LinePlot(xTitle, "Test AUROC", series) { LogX = log }.ToFigure(id, title, $"Means over repetitions. {words}");
    }
}

using System.Diagnostics;
using EcgPeft.Core.Peft;
using static TorchSharp.torch;

namespace EcgPeft.Core.Training;

/// <summary>How fast a model calls segments: from resampled samples to logits, in the precision and with the threads of the run.</summary>
/// <param name="LatencyMilliseconds">Median time of one segment by itself.</param>
/// <param name="SegmentsPerSecond">Segments a second in batches of <see cref="Batch"/>, by the median batch.</param>
public sealed record InferenceSpeed(double LatencyMilliseconds, double SegmentsPerSecond)
{
    /// <summary>Segments at once for the throughput.</summary>
    public const int Batch = 8;

    private const int Fewest = 3;
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(80);

    /// <summary>Measures a model as it is, and with its update merged into the weights. Takes a few batches' time.</summary>
    /// <param name="model">The model; it is afterwards as it was.</param>
    /// <param name="inputs">Segments.</param>
    /// <param name="rows">Some of them, at least one; they are used over and over.</param>
    /// <returns>Both speeds; the second is null where the method cannot be merged.</returns>
    public static (InferenceSpeed Plain, InferenceSpeed? Merged) Measure(PeftModel model, SegmentInputs inputs, IReadOnlyList<int> rows)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(rows);
        var training = model.Classifier.training;
        model.Classifier.eval();
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        int[] batch = [.. Enumerable.Range(0, Batch).Select(i => rows[i % rows.Count])];
        var device = model.Classifier.Backbone.Device;
        var (one, many) = (inputs.Inputs(batch.AsSpan(0, 1)).to(device), inputs.Inputs(batch).to(device));
        InferenceSpeed Now() => new(Median(model, one) * 1000, Batch / Median(model, many));
        try
        {
            var plain = Now();
            if (model.Config.WhyNotMergeable is not null) return (plain, null);
            model.Merge();
            return (plain, Now());
        }
        finally
        {
            model.Unmerge();
            if (training) model.Classifier.train();
        }
    }

    private static double Median(PeftModel model, Tensor input)
    {
        var seconds = new List<double>();
        double Once()
        {
            using var undisturbed = NoCollection.Begin();
            using var scope = NewDisposeScope();
            var clock = Stopwatch.StartNew();
            _ = model.Classifier.forward(input, null).cpu(); // another device has computed it only when it is here
            return clock.Elapsed.TotalSeconds;
        }
        Once(); // warm
        var budget = Stopwatch.StartNew();
        while (seconds.Count < Fewest || budget.Elapsed < Budget) seconds.Add(Once());
        seconds.Sort();
        return seconds[seconds.Count / 2];
    }
}

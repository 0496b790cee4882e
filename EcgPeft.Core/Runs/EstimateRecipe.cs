using System.Diagnostics;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Caching;
using TorchSharp;

namespace EcgPeft.Core.Runs;

/// <summary>
/// Measures a few steps of a recipe's very model, method and batch on its own first segments, with the trainer that a run uses,
/// and reckons from them what the whole run costs. It trains, so it belongs in a process of its own, whose peak memory it reports.
/// </summary>
/// <param name="root">The product's data folder.</param>
public sealed class EstimateRecipe(DataRoot root)
{
    /// <summary>The first segments' frozen outputs are far below this.</summary>
    private const long SampleLimit = 4L << 30;

    /// <summary>Steps that are measured at the most, after the first one.</summary>
    private const int MostSteps = 6;

    /// <summary>Steps that are measured at least, however slow they are.</summary>
    private const int FewestSteps = 2;

    /// <summary>When more steps would take longer than this, those that there are must do.</summary>
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(8);

    /// <summary>Measures and reckons.</summary>
    /// <param name="recipe">Settings.</param>
    /// <exception cref="UserInputException">The recipe, its data or its model is wrong.</exception>
    public RunEstimate Execute(Recipe recipe)
    {
        RecipeFile.Check(recipe);
        var loaded = SegmentSource.Load(recipe.Data.Path ?? throw new UserInputException("The recipe names no data; give --data FILE or set data.path."), recipe.Data.Groups).Segments;
        var all = recipe.Data.SamplingRateHz is { } rate ? loaded.WithSamplingRate(rate) : loaded;
        var split = Splits.Divide(all, recipe.Split.Kind, recipe.Split.Validation, recipe.Split.Test, recipe.Seed);
        var segments = First(all, recipe.Training.BatchSize);
        var rows = Enumerable.Range(0, segments.Count).ToArray();

        using var model = PeftModel.Inject(ModelFolder.Load(new ModelCatalogue(root).FolderOf(recipe.Backbone.Model), new SeededWeights(recipe.Seed), DeviceChoice.For(recipe.Training.Device)), recipe.Peft, new SeededWeights(recipe.Seed));
        var backbone = model.Classifier.Backbone;
        if (PrecisionChoice.For(recipe.Training.Precision, model, root) == Precision.Bf16) backbone.UseBf16();
        var normalised = Preprocessing.Apply(recipe.Preprocessing, segments, new DataSplit(rows, rows, rows, false), _ => { });
        var inputs = new SegmentInputs(normalised, segments.Labels, backbone.Contract, recipe.Preprocessing.Resampler(segments, backbone.Contract), recipe.Preprocessing.Leads);

        // The first pass of anything also loads code and memory; the second is timed.
        if (!model.TrainsBeforeLayers) FrozenFrames.Compute(backbone, inputs, SampleLimit, progress: null, CancellationToken.None, model.FrozenLayers).Dispose();
        var clock = Stopwatch.StartNew();
        using var kept = model.TrainsBeforeLayers ? null : FrozenFrames.Compute(backbone, inputs, SampleLimit, progress: null, CancellationToken.None, model.FrozenLayers);
        var embedding = clock.Elapsed.TotalSeconds / rows.Length;
        var frameBytes = kept is null ? 0 : FrameBytes(kept) * all.Count;
        var keeps = kept is not null && frameBytes <= FrameCache.DefaultMegabytes * 1_000_000L;
        using var computed = kept is null || keeps ? null : FrozenFrames.Compute(backbone, inputs, memoryLimit: 0, progress: null, CancellationToken.None, model.FrozenLayers);
        using var trained = kept is null ? FrozenFrames.Trained(backbone, inputs) : null;
        using var varied = kept is not null && recipe.Augmentation.Strength() is not null ? FrozenFrames.EachBatch(backbone, inputs) : null;
        var frames = varied ?? trained ?? computed ?? kept!;

        var steps = Steps(model, frames, inputs, rows, recipe, BatchOrder.StepsPerEpoch(split.Training.Length, recipe.Training.BatchSize) * recipe.Training.Epochs);
        clock.Restart();
        Predictor.Probabilities(model, frames, rows);
        var prediction = clock.Elapsed.TotalSeconds / rows.Length;

        var perStep = Median(steps);
        var stepsPerEpoch = BatchOrder.StepsPerEpoch(split.Training.Length, recipe.Training.BatchSize);
        using var process = Process.GetCurrentProcess();
        // On top of what was measured: the best weights beside the present ones.
        var added = model.TrainableParameters * sizeof(float);
        return new RunEstimate(
            model.TrainableParameters, model.TotalParameters, model.AdapterBytes(), split.Training.Length, split.Validation.Length, stepsPerEpoch,
            steps.Count, perStep, perStep * stepsPerEpoch + prediction * split.Validation.Length, keeps && varied is null ? embedding * all.Count : 0,
            process.PeakWorkingSet64 + added, torch.get_num_threads(), DateTime.UtcNow);
    }

    /// <summary>Seconds of each step after the first, until there are enough of them.</summary>
    private static List<double> Steps(PeftModel model, FrozenFrames frames, SegmentInputs inputs, int[] rows, Recipe recipe, long totalSteps)
    {
        var seconds = new List<double>();
        var clock = Stopwatch.StartNew();
        var begun = false;
        void Report(RunEvent runEvent)
        {
            if (runEvent is not StepEvent step) return;
            if (begun) seconds.Add(rows.Length / step.SegmentsPerSecond);
            begun = true;
            if (seconds.Count == MostSteps || (seconds.Count >= FewestSteps && clock.Elapsed > Enough)) throw new OperationCanceledException();
        }

        // One epoch that is long enough, of the same rows over and over; as many epochs as give the run's own number of steps, which schedules depend on.
        const int batches = MostSteps + 2;
        var again = new DataSplit([.. Enumerable.Repeat(rows, batches).SelectMany(r => r)], rows, rows, false);
        var epochs = (int)Math.Max(1, (totalSteps + batches - 1) / batches);
        var folder = Directory.CreateTempSubdirectory("ecgpeft-estimate-").FullName;
        try
        {
            Trainer.Train(model, frames, inputs, again, recipe with { Training = recipe.Training with { BatchSize = rows.Length, Epochs = epochs } }, Path.Combine(folder, "checkpoint"), Report, CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // It has what it came for.
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return seconds;
    }

    private static SegmentSet First(SegmentSet all, int count)
    {
        var rows = Math.Min(count, all.Count);
        return new SegmentSet(all.Values[..(rows * all.Length)].ToArray(), all.Labels[..rows].ToArray(), all.Length, null, all.SamplingRateHz);
    }

    private static long FrameBytes(FrozenFrames frames)
    {
        using var scope = torch.NewDisposeScope();
        var hidden = frames.Of([0]).Hidden;
        return hidden.numel() * sizeof(ushort); // kept in half precision
    }

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}

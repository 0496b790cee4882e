using System.Diagnostics;
using System.Globalization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Caching;

namespace EcgPeft.Core.Runs;

/// <summary>
/// What a worker does with a run folder, from recipe to metrics: read the data, load the backbone, put the PEFT method in,
/// train, predict, write results.
/// </summary>
/// <param name="root">The product's data folder.</param>
/// <param name="cacheMegabytes">Most that frozen outputs may take on disk, all runs together (<c>EcgPeft:CacheMegabytes</c>).</param>
public sealed class TrainRecipe(DataRoot root, int cacheMegabytes = FrameCache.DefaultMegabytes)
{
    /// <summary>Frozen outputs that are not cached may take this part of the memory: a quarter.</summary>
    private const int ShareOfMemory = 4;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(10);

    /// <summary>The job of <see cref="RunWorker.Run"/>.</summary>
    /// <param name="recipe">Settings.</param>
    /// <param name="folder">The run.</param>
    /// <param name="report">Receives events.</param>
    /// <param name="stop">Finish the present step, write a checkpoint, return.</param>
    /// <exception cref="UserInputException">The recipe, its data or its model is wrong.</exception>
    public TrainingOutcome Execute(Recipe recipe, RunFolder folder, Action<RunEvent> report, CancellationToken stop)
    {
        void Log(string message) => report(new LogEvent("info", message));
        RecipeFile.Check(recipe);
        var device = DeviceChoice.For(recipe.Training.Device);
        if (NativeThreads.Keep(RunEnvironment.ReadFrom(folder)?.Threads) is { } kept) Log(kept);
        if (recipe.Pretraining is not null) return new PretrainRecipe(root).Execute(recipe, folder, report, stop);
        var data = SegmentSource.Load(recipe.Data.Path ?? throw new UserInputException("The recipe names no data; give --data FILE or set data.path."), recipe.Data.Groups, cancel: stop);
        var segments = recipe.Data.SamplingRateHz is { } rate ? data.Segments.WithSamplingRate(rate) : data.Segments;
        Log($"Data: {segments.Count} segments of {segments.Length} samples, {segments.Positives} with label 1.");
        foreach (var warning in data.Warnings) report(new LogEvent("warning", warning.Message));

        var modelFolder = new ModelCatalogue(root).FolderOf(recipe.Backbone.Model);
        recipe = WithHashes(recipe, segments.Hash, ModelFolder.Hash(modelFolder));

        var split = SplitsFile.Of(folder, recipe, segments, report, stop);
        var normalised = Preprocessing.Apply(recipe.Preprocessing, segments, split, report);

        (var model, var inputs, recipe) = Build(recipe, segments, normalised, modelFolder, device, report);
        using var owned = model;
        using var frames = FramesOf(model, inputs, recipe, report, stop);

        folder.WriteRecipe(recipe);
        NormalizationFile.Write(folder, recipe.Preprocessing.Normalization, normalised);
        RunEnvironment.Current(recipe, device).WriteTo(folder);
        var result = Trainer.Train(model, frames, inputs, split, recipe, folder.CheckpointFolder, report, stop);
        if (!result.Completed) return TrainingOutcome.Stopped;
        WriteResults(recipe, folder, model, frames, inputs, split, result);
        Log($"Kept the weights of epoch {result.BestEpoch}.");
        return TrainingOutcome.Completed;
    }

    /// <summary>Computes a run's frozen outputs into the cache, where it shares them with others, and nothing else.</summary>
    /// <param name="recipe">Settings.</param>
    /// <param name="folder">The run; nothing is written into it.</param>
    /// <param name="report">Receives lines for a log.</param>
    /// <param name="stop">Stops it.</param>
    /// <returns>Whether they are in the cache now; false for a run that takes none from it.</returns>
    /// <exception cref="UserInputException">The recipe, its data or its model is wrong.</exception>
    public bool PrepareFrames(Recipe recipe, RunFolder folder, Action<RunEvent> report, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        RecipeFile.Check(recipe);
        if (!SharesFrames(recipe)) return false;
        var data = SegmentSource.Load(recipe.Data.Path ?? throw new UserInputException("The recipe names no data; set data.path."), recipe.Data.Groups, cancel: stop);
        var segments = recipe.Data.SamplingRateHz is { } rate ? data.Segments.WithSamplingRate(rate) : data.Segments;
        var modelFolder = new ModelCatalogue(root).FolderOf(recipe.Backbone.Model);
        recipe = WithHashes(recipe, segments.Hash, ModelFolder.Hash(modelFolder));
        var split = SplitsFile.ReadFrom(folder)?.ToSplit() ?? Splits.Divide(segments, recipe.Split.Kind, recipe.Split.Validation, recipe.Split.Test, recipe.Split.Seed ?? recipe.Seed, recipe.Split.Folds, recipe.Split.Fold);
        var normalised = Preprocessing.Apply(recipe.Preprocessing, segments, split, report);
        (var model, var inputs, recipe) = Build(recipe, segments, normalised, modelFolder, DeviceChoice.For(recipe.Training.Device), report);
        using var owned = model;
        if (model.TrainsBeforeLayers) return false;
        using var frames = FramesOf(model, inputs, recipe, report, stop);
        return frames.Kept;
    }

    /// <summary>Whether a run takes its frozen outputs from the cache on disk, as far as the recipe alone says.</summary>
    /// <param name="recipe">Settings.</param>
    internal static bool SharesFrames(Recipe recipe) => recipe.Training.CacheFrames && recipe.Pretraining is null && recipe.Augmentation.Strength() is null;

    /// <summary>The model with its method, its inputs, and the recipe with the choices made that model, data and machine decide.</summary>
    private (PeftModel Model, SegmentInputs Inputs, Recipe Recipe) Build(Recipe recipe, SegmentSet segments, PreparedSegments normalised, string modelFolder, TorchSharp.torch.Device device, Action<RunEvent> report)
    {
        void Log(string message) => report(new LogEvent("info", message));
        var model = PeftModel.Inject(ModelFolder.Load(modelFolder, new SeededWeights(recipe.Seed), device), recipe.Peft, new SeededWeights(recipe.Seed));
        Log($"Model: {recipe.Backbone.Model} with {recipe.Peft.Method}, {model.TrainableParameters} of {model.TotalParameters} parameters are trained.");
        recipe = recipe with { Preprocessing = recipe.Preprocessing.Resolved(segments, model.Classifier.Backbone.Contract) };
        var inputs = new SegmentInputs(normalised, segments.Labels, model.Classifier.Backbone.Contract, recipe.Preprocessing.Resampler(segments, model.Classifier.Backbone.Contract), recipe.Preprocessing.Leads);
        if (recipe.Augmentation.LeadMasking > 0 && (model.Classifier.Backbone.Contract.Leads == 1 || recipe.Preprocessing.Leads != LeadPlacement.All))
            throw new UserInputException($"augmentation.leadMasking needs segments on several leads: a model of several leads, such as ECG-FM, and preprocessing.leads all; {recipe.Backbone.Model} gets one.");
        if (Placement(recipe, segments, model.Classifier.Backbone.Contract, inputs.Length) is { } placement) Log(placement);
        var precision = PrecisionChoice.For(recipe.Training.Precision, model, root);
        if (precision == Precision.Bf16) new WeightCache(root, cacheMegabytes).UseBf16(model.Classifier.Backbone, modelFolder, recipe.Backbone.Hash!, (level, message) => report(new LogEvent(level, message)));
        recipe = recipe with { Training = recipe.Training with { Precision = precision } };
        Log($"Products with frozen weights are computed in {(precision == Precision.Bf16 ? "bfloat16" : "float32")} {(device.type == TorchSharp.DeviceType.CPU ? $"by the processor, {TorchSharp.torch.get_num_threads()} threads each" : "by the CUDA device")}.");
        return (model, inputs, recipe);
    }

    private FrozenFrames FramesOf(PeftModel model, SegmentInputs inputs, Recipe recipe, Action<RunEvent> report, CancellationToken stop)
    {
        void Log(string level, string message) => report(new LogEvent(level, message));
        var backbone = model.Classifier.Backbone;
        if (model.TrainsBeforeLayers)
        {
            Log("info", $"{recipe.Peft.Title} trains something before the transformer, so nothing is computed once: every batch goes through the whole backbone.");
            return FrozenFrames.Trained(backbone, inputs);
        }
        if (recipe.Augmentation.Strength() is not null)
        {
            Log("info", "Training segments are varied at random, so the frozen layers' output is different each time: it cannot be kept and is computed for each batch.");
            return FrozenFrames.EachBatch(backbone, inputs);
        }
        var clock = Stopwatch.StartNew();
        var said = clock.Elapsed;
        void Progress(int done)
        {
            if (clock.Elapsed - said < ProgressInterval) return;
            said = clock.Elapsed;
            Log("info", $"Frozen outputs: {done} of {inputs.Labels.Length} segments.");
        }
        if (!recipe.Training.CacheFrames)
        {
            var kept = FrozenFrames.Compute(backbone, inputs, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / ShareOfMemory, Progress, stop, model.FrozenLayers);
            Log("info", kept.Kept ? "Frozen outputs were computed once and are kept in memory for this run alone (training.cacheFrames false)." : "Frozen outputs are too large for a quarter of this machine's memory: computed for each batch.");
            return kept;
        }
        return FrozenFrames.Cached(backbone, inputs, new FrameCache(root, cacheMegabytes), recipe.Backbone.Hash!, model.FrozenLayers, Log, Progress, stop);
    }

    /// <summary>What a model of several leads gets to see, in a sentence; null for a model of one lead.</summary>
    private static string? Placement(Recipe recipe, SegmentSet segments, InputContract contract, int length)
    {
        if (contract.Leads == 1) return null;
        var where = recipe.Preprocessing.Leads == LeadPlacement.All ? $"goes to all {contract.Leads} leads" : $"goes to lead I, the other {contract.Leads - 1} leads are zero";
        var pace = segments.SamplingRateHz is not { } rate ? $"; its sampling rate is not known, so it is stretched to {length} samples (data.samplingRateHz would keep a second a second)"
            : recipe.Preprocessing.Resampling == ResamplingKind.Rate ? string.Create(CultureInfo.InvariantCulture, $"; resampled from {rate:0.##} to {recipe.Preprocessing.TargetRateHz ?? contract.SamplingRateHz:0.##} Hz it has {length} samples")
            : string.Create(CultureInfo.InvariantCulture, $"; {segments.Length / rate:0.##} s are stretched to {length / contract.SamplingRateHz:0.##} s of the model's time (preprocessing.resampling rate keeps a second a second)");
        return $"Each segment {where}{pace}.";
    }

    internal static Recipe WithHashes(Recipe recipe, string dataHash, string? backboneHash)
    {
        if (recipe.Data.Hash is { } data && data != dataHash)
            throw new UserInputException($"The data in {recipe.Data.Path} are not the ones of the recipe (hash {dataHash[..12]}, expected {data[..Math.Min(12, data.Length)]}); restore the file or remove data.hash from the recipe.");
        if (recipe.Backbone.Hash is { } backbone && backboneHash is not null && backbone != backboneHash)
            throw new UserInputException($"The weights of {recipe.Backbone.Model} are not the ones of the recipe (hash {backboneHash[..12]}, expected {backbone[..Math.Min(12, backbone.Length)]}); restore them or remove backbone.hash from the recipe.");
        return recipe with { Data = recipe.Data with { Hash = dataHash }, Backbone = recipe.Backbone with { Hash = backboneHash } };
    }

    private static void WriteResults(Recipe recipe, RunFolder folder, PeftModel model, FrozenFrames frames, SegmentInputs inputs, DataSplit split, TrainingResult result)
    {
        model.SaveAdapter(folder.AdapterFolder, recipe.Backbone.Model);
        Predictions Predict(int[] rows) => new(rows, Array.ConvertAll(rows, row => inputs.Labels.Span[row]), Predictor.Probabilities(model, frames, rows));
        var (validation, test, threshold, decisions) = RunDecisions.Decide(recipe.Evaluation, Predict(split.Validation), recipe.Evaluation.ValidationOnly ? null : Predict(split.Test));
        PredictionsFile.Write(folder, validation, test);

        using var process = Process.GetCurrentProcess();
        var peak = Math.Max(process.PeakWorkingSet64, result.Cost?.PeakMemoryBytes ?? 0);
        var (speed, mergedSpeed) = InferenceSpeed.Measure(model, inputs, split.Test.Length > 0 ? split.Test : split.Training);
        var resources = new RunResources(
            model.TrainableParameters, model.TotalParameters, result.Seconds, result.Seconds / Math.Max(1, result.EpochsTrained), peak,
            new FileInfo(Path.Combine(folder.AdapterFolder, PeftModel.WeightsFile)).Length, result.EpochsTrained, result.BestEpoch, result.Cost?.CpuSeconds, result.Cost?.Joules, speed, mergedSpeed, RunEnvironment.NameOf(model.Classifier.Backbone.Device));
        new RunMetrics(validation.Metrics(threshold), test?.Metrics(threshold), resources, decisions).WriteTo(folder);
    }
}

using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>What a completed run says of other segments, treated as its own were: filters, normalisation, resampling, calibration and threshold.</summary>
public static class RunPredictor
{
    private const long FramesKept = 1L << 30;

    /// <summary>Predicts all segments.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="root">The product's data folder.</param>
    /// <param name="segments">The segments, as long as the run's own.</param>
    /// <param name="stop">Ends the computation.</param>
    /// <returns>Calibrated probabilities of all rows, and the run's threshold.</returns>
    /// <exception cref="UserInputException">The run is not completed, its model has changed, or the segments do not fit.</exception>
    public static SplitResult Predict(RunFolder folder, DataRoot root, SegmentSet segments, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(segments);
        var (recipe, metrics) = (folder.ReadRecipe(), RunMetrics.ReadFrom(folder));
        var baseModel = new ModelCatalogue(root).FolderOf(recipe.Backbone.Model);
        if (recipe.Backbone.Hash is { } hash && ModelFolder.Hash(baseModel) != hash)
            throw new UserInputException($"The weights of {recipe.Backbone.Model} are not the ones that the run was trained on; restore them to predict with it.");
        if (recipe.Data.SamplingRateHz is { } rate) segments = segments.WithSamplingRate(rate);

        using var model = PeftModel.Load(ModelFolder.Load(baseModel, new SeededWeights(0)), folder.AdapterFolder, recipe.Backbone.Model);
        var contract = model.Classifier.Backbone.Contract;
        var inputs = new SegmentInputs(Normalised(folder, recipe.Preprocessing, segments), segments.Length, segments.Labels, contract, recipe.Preprocessing.Resampler(segments, contract));
        using var frames = model.TrainsBeforeLayers ? FrozenFrames.Trained(model.Classifier.Backbone, inputs) : FrozenFrames.Compute(model.Classifier.Backbone, inputs, FramesKept, progress: null, stop);
        int[] rows = [.. Enumerable.Range(0, segments.Count)];
        var probabilities = Predictor.Probabilities(model.Classifier, frames, rows);
        return new SplitResult(new Predictions(rows, segments.Labels.ToArray(), (metrics.Decisions?.Calibration ?? ProbabilityCalibration.Identity).Apply(probabilities)), metrics.Test.Threshold);
    }

    private static float[] Normalised(RunFolder folder, PreprocessingRecipe preprocessing, SegmentSet segments)
    {
        var filtered = preprocessing.Filters().Apply(segments);
        if (preprocessing.Normalization is not (NormalizationKind.Global or NormalizationKind.GlobalTraining)) return Normalization.Apply(filtered, preprocessing.Normalization).Values;
        // The run's own mean and deviation: those of other data would move the model's input.
        if (NormalizationFile.ReadFrom(folder) is not { Mean: { } mean, StandardDeviation: > 0 and var deviation })
            throw new UserInputException($"{folder.NormalizationFile} does not hold the mean and deviation of the run's global z-score; restore it or run the recipe again.");
        return Array.ConvertAll(filtered.Values.ToArray(), value => (float)((value - mean) / deviation));
    }
}

using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Caching;

namespace EcgPeft.Core.Runs;

/// <summary>A completed run's model with its adapter, and segments treated as its own were: filters, normalisation, resampling.</summary>
internal sealed class LoadedRun : IDisposable
{
    private readonly PreparedSegments _prepared;

    private LoadedRun(Recipe recipe, RunMetrics metrics, PeftModel model, SegmentInputs inputs, SegmentResampler resampler, PreparedSegments prepared) =>
        (Recipe, Metrics, Model, Inputs, Resampler, _prepared) = (recipe, metrics, model, inputs, resampler, prepared);

    public Recipe Recipe { get; }

    public RunMetrics Metrics { get; }

    public PeftModel Model { get; }

    public SegmentInputs Inputs { get; }

    public SegmentResampler Resampler { get; }

    /// <summary>Samples of a segment.</summary>
    public int SegmentLength => _prepared.Length;

    /// <summary>Loads a run.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="root">The product's data folder.</param>
    /// <param name="segments">The segments, as long as the run's own.</param>
    /// <param name="asTrained">Whether products with frozen weights are computed in the precision that the run was trained in; else in float32.</param>
    /// <exception cref="UserInputException">The run is not completed, its model has changed, or the segments do not fit.</exception>
    public static LoadedRun Open(RunFolder folder, DataRoot root, SegmentSet segments, bool asTrained)
    {
        var (recipe, metrics) = (folder.ReadRecipe(), RunMetrics.ReadFrom(folder));
        var baseModel = new ModelCatalogue(root).FolderOf(recipe.Backbone.Model);
        if (recipe.Backbone.Hash is { } hash && ModelFolder.Hash(baseModel) != hash)
            throw new UserInputException($"The weights of {recipe.Backbone.Model} are not the ones that the run was trained on; restore them to use the run.");
        if (recipe.Data.SamplingRateHz is { } rate) segments = segments.WithSamplingRate(rate);
        var model = PeftModel.Load(ModelFolder.Load(baseModel, new SeededWeights(0), DeviceChoice.ForUse(recipe.Training.Device)), folder.AdapterFolder, recipe.Backbone.Model);
        try
        {
            if (asTrained && recipe.Training.Precision == Precision.Bf16) WeightCache.UseKnownBf16(root, model.Classifier.Backbone, recipe.Backbone.Hash);
            var contract = model.Classifier.Backbone.Contract;
            var (prepared, resampler) = (Prepared(folder, recipe.Preprocessing, segments), recipe.Preprocessing.Resampler(segments, contract));
            return new LoadedRun(recipe, metrics, model, new SegmentInputs(prepared, segments.Labels, contract, resampler, recipe.Preprocessing.Leads), resampler, prepared);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>One segment after filters and normalisation.</summary>
    /// <param name="row">Row number, from 0.</param>
    public float[] Segment(int row)
    {
        var segment = new float[SegmentLength];
        _prepared.Read([row], segment);
        return segment;
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private static PreparedSegments Prepared(RunFolder folder, PreprocessingRecipe preprocessing, SegmentSet segments)
    {
        if (preprocessing.Normalization is not (NormalizationKind.Global or NormalizationKind.GlobalTraining)) return PreparedSegments.Of(segments, preprocessing.Filters(), preprocessing.Normalization);
        // The run's own mean and deviation: those of other data would move the model's input.
        if (NormalizationFile.ReadFrom(folder) is not { Mean: { } mean, StandardDeviation: > 0 and var deviation })
            throw new UserInputException($"{folder.NormalizationFile} does not hold the mean and deviation of the run's global z-score; restore it or run the recipe again.");
        return PreparedSegments.Of(segments, preprocessing.Filters(), mean, deviation);
    }
}

using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Caching;

namespace EcgPeft.Core.Benchmarks;

/// <summary>Peak memory of a few steps of each path, with nothing of the other in the process; null outside Linux.</summary>
/// <param name="Plain">Megabytes of the plain path.</param>
/// <param name="Product">Of the product's.</param>
/// <param name="Checkpointed">Of the product's with activation checkpointing.</param>
internal sealed record PathMemory(double? Plain, double? Product, double? Checkpointed)
{
    /// <summary>Measures all three.</summary>
    /// <param name="known">The backbone.</param>
    /// <param name="recipe">Method and settings.</param>
    /// <param name="segments">The segments.</param>
    /// <param name="root">A data folder of its own.</param>
    /// <param name="stop">Ends the measurement.</param>
    public static PathMemory Measure(BaseModel known, Recipe recipe, SegmentSet segments, DataRoot root, CancellationToken stop) =>
        new(OfPlain(known, recipe, segments), OfProduct(known, recipe, segments, root, false, stop), OfProduct(known, recipe, segments, root, true, stop));

    private static double? OfPlain(BaseModel known, Recipe recipe, SegmentSet segments)
    {
        using var model = PeftModel.Inject(known.Build(), recipe.Peft, new SeededWeights(1));
        using var path = new PlainPath(known, model, BenchWork.Inputs(segments, model.Classifier.Backbone));
        return ProcessMemory.PeakOf(() => { for (var i = 0; i < 2; i++) path.Train(BenchWork.Batch); });
    }

    private static double? OfProduct(BaseModel known, Recipe recipe, SegmentSet segments, DataRoot root, bool checkpointing, CancellationToken stop)
    {
        using var model = PeftModel.Inject(known.Build(), recipe.Peft, new SeededWeights(1));
        var backbone = model.Classifier.Backbone;
        if (PrecisionChoice.For(Precision.Auto, model, root) == Precision.Bf16) backbone.UseBf16();
        var inputs = BenchWork.Inputs(segments, backbone);
        using var frames = FrozenFrames.Cached(backbone, inputs, new FrameCache(root, FrameCache.DefaultMegabytes), known.Hash, model.FrozenLayers, (_, _) => { }, null, stop);
        using var path = new ProductPath(model, frames, inputs, recipe with { Training = recipe.Training with { ActivationCheckpointing = checkpointing } });
        return ProcessMemory.PeakOf(() => { for (var i = 0; i < 3; i++) path.Train(BenchWork.Batch); });
    }
}

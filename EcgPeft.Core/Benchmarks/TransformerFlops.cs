using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Blocks;

namespace EcgPeft.Core.Benchmarks;

/// <summary>Multiplications and additions in the transformer layers that no path can leave out: frozen weights and attention.</summary>
internal static class TransformerFlops
{
    /// <summary>Of one training step: the forward pass, and the same back to each layer's input (the first layer's has no use).</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="samples">Samples of an input.</param>
    /// <param name="batchSize">Segments of a step.</param>
    public static double OfStep(Backbone backbone, int samples, int batchSize)
    {
        double frames = backbone.Contract.FramesOf(samples), hidden = backbone.Layers[0].HiddenSize;
        // Queries, keys and values of the first layer pass nothing back: its input is frozen.
        return batchSize * (2 * backbone.Layers.Sum(layer => Forward(layer, frames)) - 2 * frames * 3 * hidden * hidden);
    }

    /// <summary>Of the forward pass alone.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="samples">Samples of an input.</param>
    /// <param name="segments">Segments.</param>
    public static double OfEvaluation(Backbone backbone, int samples, int segments) => segments * backbone.Layers.Sum(layer => Forward(layer, backbone.Contract.FramesOf(samples)));

    private static double Forward(TransformerLayer layer, double frames) =>
        2.0 * frames * (4.0 * layer.HiddenSize * layer.HiddenSize + 2.0 * layer.HiddenSize * layer.Intermediate.OutFeatures) + 4.0 * frames * frames * layer.HiddenSize;
}

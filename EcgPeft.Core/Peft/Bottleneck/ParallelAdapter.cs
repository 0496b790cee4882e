using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using static TorchSharp.torch;

namespace EcgPeft.Core.Peft.Bottleneck;

/// <summary>One bottleneck a layer, beside the feed-forward block: it sees the block's input and its output is added to the block's (He et al. 2022).</summary>
public sealed class ParallelAdapter : LayerAdapter
{
    private readonly BottleneckModule bottleneck;

    /// <summary>Takes <c>output</c> from the scope.</summary>
    /// <param name="weights">Scope of the layer's adapter.</param>
    /// <param name="hiddenSize">H.</param>
    /// <param name="config">Its settings.</param>
    public ParallelAdapter(WeightScope weights, int hiddenSize, AdapterConfig config) : base(nameof(ParallelAdapter))
    {
        bottleneck = new BottleneckModule(weights.Child("output"), hiddenSize, config, BottleneckNames.Adapter, config.LayerNorm);
        register_module("output", bottleneck);
    }

    /// <inheritdoc/>
    public override Tensor AfterFeedForward(Tensor feedForward, Tensor input) => feedForward + bottleneck.forward(input);
}

using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using static TorchSharp.torch;

namespace EcgPeft.Core.Peft.Bottleneck;

/// <summary>
/// One bottleneck a layer, after the feed-forward block (Pfeiffer et al. 2021), as AdapterHub builds it: its input is the normed
/// residual sum, its output is added to the sum, and the layer's own norm follows. Pre-norm layers have no norm there.
/// </summary>
public sealed class PfeifferAdapter : LayerAdapter
{
    private readonly BottleneckModule bottleneck;

    /// <summary>Takes <c>output</c> from the scope.</summary>
    /// <param name="weights">Scope of the layer's adapter.</param>
    /// <param name="hiddenSize">H.</param>
    /// <param name="config">Its settings.</param>
    public PfeifferAdapter(WeightScope weights, int hiddenSize, AdapterConfig config) : base(nameof(PfeifferAdapter))
    {
        bottleneck = new BottleneckModule(weights.Child("output"), hiddenSize, config, BottleneckNames.Adapter, config.LayerNorm);
        register_module("output", bottleneck);
    }

    /// <inheritdoc/>
    public override Tensor BeforeFinalNorm(Tensor sum, Norm? finalNorm) => sum + bottleneck.forward(finalNorm is null ? sum : finalNorm.forward(sum));
}

using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using static TorchSharp.torch;

namespace EcgPeft.Core.Peft.Bottleneck;

/// <summary>Two bottlenecks a layer, after attention and after the feed-forward block, each inside its residual (Houlsby et al. 2019).</summary>
public sealed class HoulsbyAdapter : LayerAdapter
{
    private readonly BottleneckModule afterAttention;
    private readonly BottleneckModule afterFeedForward;

    /// <summary>Takes <c>attention</c> and <c>output</c> from the scope.</summary>
    /// <param name="weights">Scope of the layer's adapter.</param>
    /// <param name="hiddenSize">H.</param>
    /// <param name="config">Settings of both bottlenecks.</param>
    public HoulsbyAdapter(WeightScope weights, int hiddenSize, AdapterConfig config) : base(nameof(HoulsbyAdapter))
    {
        afterAttention = new BottleneckModule(weights.Child("attention"), hiddenSize, config, BottleneckNames.Adapter, config.LayerNorm);
        afterFeedForward = new BottleneckModule(weights.Child("output"), hiddenSize, config, BottleneckNames.Adapter, config.LayerNorm);
        register_module("attention", afterAttention);
        register_module("output", afterFeedForward);
    }

    /// <inheritdoc/>
    public override Tensor AfterAttention(Tensor attention) => attention + afterAttention.forward(attention);

    /// <inheritdoc/>
    public override Tensor AfterFeedForward(Tensor feedForward, Tensor input) => feedForward + afterFeedForward.forward(feedForward);
}

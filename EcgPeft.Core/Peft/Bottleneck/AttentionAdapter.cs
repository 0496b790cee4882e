using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using static TorchSharp.torch;

namespace EcgPeft.Core.Peft.Bottleneck;

/// <summary>One bottleneck with its own layer norm at the end of the layer: Hugging Face's <c>Wav2Vec2AttnAdapterLayer</c> (MMS, Pratap et al. 2023).</summary>
public sealed class AttentionAdapter : LayerAdapter
{
    private readonly BottleneckModule bottleneck;

    /// <summary>Takes <c>adapter_layer</c> from the scope.</summary>
    /// <param name="weights">Scope of the layer's adapter.</param>
    /// <param name="hiddenSize">H.</param>
    /// <param name="config">Its settings.</param>
    public AttentionAdapter(WeightScope weights, int hiddenSize, AdapterConfig config) : base(nameof(AttentionAdapter))
    {
        bottleneck = new BottleneckModule(weights.Child("adapter_layer"), hiddenSize, config, BottleneckNames.Attention, withNorm: true);
        register_module("adapter_layer", bottleneck);
    }

    /// <inheritdoc/>
    public override Tensor AtEnd(Tensor output) => output + bottleneck.forward(output);
}

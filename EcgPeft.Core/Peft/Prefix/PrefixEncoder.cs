using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Peft.Prefix;

/// <summary>
/// Keys and values of all layers, [tokens, layers 2 H]: trained as they are, or as the output of a two-layer network of trained
/// embeddings [tokens, H] (Li and Liang 2021, section 4.3). Columns go by layer, then key and value, then hidden size, as the
/// PEFT library lays them out.
/// </summary>
public sealed class PrefixEncoder : Module
{
    /// <summary>Its name among the classifier's children.</summary>
    public const string Name = "prompt_encoder";

    /// <summary>Full name of its embeddings.</summary>
    public const string EmbeddingName = Name + ".embedding.weight";

    private const double EmbeddingDeviation = 0.02;

    private readonly Projection embedding;
    private readonly Projection? first;
    private readonly Projection? second;
    private readonly int hidden;

    /// <summary>Takes <c>embedding.weight</c> and, with a network, <c>transform.0</c> and <c>transform.2</c> from the scope.</summary>
    /// <param name="weights">Scope of the encoder.</param>
    /// <param name="tokens">Trained positions.</param>
    /// <param name="layers">Transformer layers.</param>
    /// <param name="hidden">H.</param>
    /// <param name="width">Width of the network; null for none.</param>
    public PrefixEncoder(WeightScope weights, int tokens, int layers, int hidden, int? width) : base(nameof(PrefixEncoder))
    {
        this.hidden = hidden;
        var all = layers * 2 * hidden;
        embedding = new Projection(weights.Child("embedding"), width is null ? all : hidden, tokens, WeightInit.Normal(EmbeddingDeviation), bias: false);
        register_module("embedding", embedding);
        if (width is not { } wide) return;
        first = new Projection(weights.Child("transform.0"), hidden, wide, WeightInit.LinearDefault(hidden), biasInit: WeightInit.LinearDefault(hidden));
        second = new Projection(weights.Child("transform.2"), wide, all, WeightInit.LinearDefault(wide), biasInit: WeightInit.LinearDefault(wide));
        register_module("transform", new ModuleGroup(("0", first), ("2", second)));
    }

    /// <summary>Keys and values of all layers, [tokens, layers 2 H].</summary>
    public Tensor Values() => first is null ? embedding.Weight : second!.forward(first.forward(embedding.Weight).tanh());

    /// <summary>Keys and values of one layer, each [tokens, H].</summary>
    /// <param name="layer">The layer, from 0.</param>
    public (Tensor Keys, Tensor Values) Of(int layer)
    {
        var start = layer * 2L * hidden;
        var both = first is null
            ? embedding.Weight.narrow(1, start, 2 * hidden)
            : functional.linear(first.forward(embedding.Weight).tanh(), second!.Weight.narrow(0, start, 2 * hidden), second.Bias!.narrow(0, start, 2 * hidden));
        return (both.narrow(1, 0, hidden), both.narrow(1, hidden, hidden));
    }
}

/// <summary>The prefix of one layer.</summary>
/// <param name="encoder">Where all layers' prefixes are.</param>
/// <param name="layer">The layer, from 0.</param>
internal sealed class LayerPrefix(PrefixEncoder encoder, int layer) : IAttentionPrefix
{
    public (Tensor Keys, Tensor Values) KeysAndValues() => encoder.Of(layer);
}

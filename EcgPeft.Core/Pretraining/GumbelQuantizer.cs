using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Pretraining;

/// <summary>Quantised frames and how the codebooks were used.</summary>
/// <param name="Codes">[N, code size].</param>
/// <param name="Probabilities">Softmax without noise, [N, G, V].</param>
public sealed record QuantizedFrames(Tensor Codes, Tensor Probabilities);

/// <summary>
/// wav2vec 2.0's product quantiser (Baevski et al. 2020, section 2): each frame chooses one entry of each of G codebooks, in training
/// by a straight-through Gumbel softmax (Jang et al. 2016).
/// </summary>
public sealed class GumbelQuantizer : Module
{
    private readonly Projection projection;
    private readonly Parameter entries;
    private readonly int codebooks;
    private readonly int entriesEach;

    /// <summary>Takes <c>weight_proj</c> [G V, C] and the entries [1, G V, code size / G] from the scope.</summary>
    /// <param name="weights">Scope of the quantiser.</param>
    /// <param name="features">C.</param>
    /// <param name="codebooks">G.</param>
    /// <param name="entriesEach">V.</param>
    /// <param name="codeSize">Width of a quantised frame.</param>
    /// <param name="entriesName">What the checkpoint calls the entries.</param>
    public GumbelQuantizer(WeightScope weights, long features, int codebooks, int entriesEach, int codeSize, string entriesName) : base(nameof(GumbelQuantizer))
    {
        (this.codebooks, this.entriesEach) = (codebooks, entriesEach);
        projection = new Projection(weights.Child("weight_proj"), features, codebooks * entriesEach, WeightInit.Normal(1));
        entries = weights.Parameter(entriesName, [1, codebooks * entriesEach, codeSize / codebooks], WeightInit.Uniform(1));
        register_module("weight_proj", projection);
        register_parameter(entriesName, entries);
    }

    /// <summary>Nothing: every child is registered by hand under its checkpoint's name, and TorchSharp would add fields under theirs.</summary>
    protected override void RegisterComponents()
    {
    }

    /// <summary>Quantises frames.</summary>
    /// <param name="features">[N, C].</param>
    /// <param name="temperature">Of the Gumbel softmax; used in training mode only.</param>
    public QuantizedFrames Quantize(Tensor features, double temperature)
    {
        var logits = projection.forward(features).view(-1, codebooks, entriesEach);
        var probabilities = functional.softmax(logits, -1);
        Tensor chosen;
        if (training)
        {
            using var scale = temperature.ToScalar();
            var noise = -(-rand_like(logits).clamp(Constant.Of(1e-10), Constant.Of(1 - 1e-7)).log()).log();
            var soft = functional.softmax((logits + noise) / scale, -1);
            chosen = OneHot(soft.argmax(-1)) - soft.detach() + soft;
        }
        else
        {
            chosen = OneHot(logits.argmax(-1));
        }
        var codes = einsum("ngv,gvd->ngd", chosen, entries.view(codebooks, entriesEach, -1));
        return new QuantizedFrames(codes.reshape(codes.shape[0], -1), probabilities);
    }

    private Tensor OneHot(Tensor indices) => functional.one_hot(indices, entriesEach).to(ScalarType.Float32);
}

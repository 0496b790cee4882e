using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Backbones.Blocks;

/// <summary>
/// The places of a transformer layer where a PEFT method may add to what flows through. Each method overrides the places it
/// uses; the others leave things as they are.
/// </summary>
/// <param name="name">Name of the module's type.</param>
public abstract class LayerAdapter(string name) : Module(name)
{
    /// <summary>After the attention block, before its residual is added.</summary>
    /// <param name="attention">Output of the attention block, [B, F, H].</param>
    public virtual Tensor AfterAttention(Tensor attention) => attention;

    /// <summary>After the feed-forward block, before its residual is added.</summary>
    /// <param name="feedForward">Output of the feed-forward block, [B, F, H].</param>
    /// <param name="input">What went into it, [B, F, H].</param>
    public virtual Tensor AfterFeedForward(Tensor feedForward, Tensor input) => feedForward;

    /// <summary>After the feed-forward residual is added, in post-norm layers before the final norm.</summary>
    /// <param name="sum">Residual sum, [B, F, H].</param>
    /// <param name="finalNorm">The layer's final norm in a post-norm layer; null in a pre-norm layer, where none follows.</param>
    public virtual Tensor BeforeFinalNorm(Tensor sum, Norm? finalNorm) => sum;

    /// <summary>At the end of the layer.</summary>
    /// <param name="output">The layer's output, [B, F, H].</param>
    public virtual Tensor AtEnd(Tensor output) => output;
}

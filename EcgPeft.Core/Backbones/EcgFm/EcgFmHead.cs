using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using static TorchSharp.torch;

namespace EcgPeft.Core.Backbones.EcgFm;

/// <summary>
/// fairseq-signals' classifier: padded frames set to 0, the sum over frames divided by the number of non-zero entries of each
/// channel, a linear layer.
/// </summary>
public sealed class EcgFmHead : ClassificationHead
{
    private readonly Projection proj;

    /// <summary>Takes <c>proj</c> from the scope.</summary>
    /// <param name="weights">Scope of the whole classifier.</param>
    /// <param name="hiddenSize">H.</param>
    /// <param name="classes">Number of classes.</param>
    public EcgFmHead(WeightScope weights, int hiddenSize, int classes)
    {
        proj = new Projection(weights.Child("proj"), hiddenSize, classes, WeightInit.LinearDefault(hiddenSize), biasInit: WeightInit.LinearDefault(hiddenSize));
        Modules = [("proj", proj)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Projection Module)> Modules { get; }

    /// <inheritdoc/>
    public override Tensor Logits(Tensor hidden, Tensor? frameMask)
    {
        var real = frameMask is null ? hidden : hidden.masked_fill(frameMask.logical_not().unsqueeze(-1), 0);
        return proj.forward(real.sum([1L]) / real.ne(0).sum(1).to(real.dtype));
    }
}

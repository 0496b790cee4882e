using EcgPeft.Core.Backbones.Blocks;
using static TorchSharp.torch;

namespace EcgPeft.Core.Backbones;

/// <summary>From hidden states to class logits. A head is new for each task and always trained.</summary>
public abstract class ClassificationHead
{
    /// <summary>The head's modules by their names in checkpoints.</summary>
    public abstract IReadOnlyList<(string Name, Projection Module)> Modules { get; }

    /// <summary>Class scores of each segment.</summary>
    /// <param name="hidden">[B, F, H].</param>
    /// <param name="frameMask">Which frames are real, boolean [B, F]; null when all are.</param>
    /// <returns>[B, classes].</returns>
    public abstract Tensor Logits(Tensor hidden, Tensor? frameMask);
}

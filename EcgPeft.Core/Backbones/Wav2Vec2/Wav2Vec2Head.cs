using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using static TorchSharp.torch;

namespace EcgPeft.Core.Backbones.Wav2Vec2;

/// <summary>
/// Hugging Face's sequence classification head: a projector on every frame, the mean over real frames, a linear classifier.
/// </summary>
public sealed class Wav2Vec2Head : ClassificationHead
{
    private readonly Projection projector;
    private readonly Projection classifier;

    /// <summary>Takes <c>projector</c> and <c>classifier</c> from the scope.</summary>
    /// <param name="weights">Scope of the whole classifier: the head's modules lie at its top.</param>
    /// <param name="hiddenSize">H.</param>
    /// <param name="projectionSize">Width of the projector.</param>
    /// <param name="classes">Number of classes.</param>
    public Wav2Vec2Head(WeightScope weights, int hiddenSize, int projectionSize, int classes)
    {
        projector = new Projection(weights.Child("projector"), hiddenSize, projectionSize, WeightInit.LinearDefault(hiddenSize), biasInit: WeightInit.LinearDefault(hiddenSize));
        classifier = new Projection(weights.Child("classifier"), projectionSize, classes, WeightInit.LinearDefault(projectionSize), biasInit: WeightInit.LinearDefault(projectionSize));
        Modules = [("projector", projector), ("classifier", classifier)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Projection Module)> Modules { get; }

    /// <inheritdoc/>
    public override Tensor Logits(Tensor hidden, Tensor? frameMask)
    {
        var projected = projector.forward(hidden);
        if (frameMask is null) return classifier.forward(projected.mean([1L]));
        var real = frameMask.to(projected.dtype).unsqueeze(-1);
        return classifier.forward((projected * real).sum([1L]) / real.sum([1L]));
    }
}

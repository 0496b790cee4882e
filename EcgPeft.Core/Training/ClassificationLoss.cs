using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Training;

/// <summary>The loss of a step: cross entropy or focal loss, with class weights where a recipe asks for them.</summary>
/// <param name="settings">Loss, gamma and weighting.</param>
/// <param name="trainingLabels">Labels of the training split; the weights come from their numbers.</param>
public sealed class ClassificationLoss(TrainingRecipe settings, IReadOnlyList<byte> trainingLabels)
{
    private readonly float[]? weights = settings.ClassWeights == ClassWeighting.Balanced ? Balanced(trainingLabels) : null;

    /// <summary>Weight of each class, or null where all weigh the same.</summary>
    public IReadOnlyList<float>? ClassWeights => weights;

    /// <summary>Mean over a batch, weighted by class as PyTorch's <c>cross_entropy</c> does.</summary>
    /// <param name="logits">[batch, 2].</param>
    /// <param name="targets">int64 [batch].</param>
    /// <returns>A scalar.</returns>
    public Tensor Of(Tensor logits, Tensor targets)
    {
        using var classes = weights is null ? null : tensor(weights, device: logits.device);
        if (settings.Loss == LossKind.CrossEntropy) return functional.cross_entropy(logits, targets, weight: classes);
        // FL = -(1 - p)^gamma log p of the true class.
        var logP = functional.log_softmax(logits, dim: 1).gather(1, targets.unsqueeze(1)).squeeze(1);
        var each = (1 - logP.exp()).pow(settings.FocalGamma) * -logP;
        if (classes is null) return each.mean();
        var weight = classes.index_select(0, targets);
        return (each * weight).sum() / weight.sum();
    }

    private static float[] Balanced(IReadOnlyList<byte> labels)
    {
        var positives = labels.Count(label => label == 1);
        return [labels.Count / (2f * (labels.Count - positives)), labels.Count / (2f * positives)];
    }
}

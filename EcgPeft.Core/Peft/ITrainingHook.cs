using static TorchSharp.torch;

namespace EcgPeft.Core.Peft;

/// <summary>What a method does in training besides gradient descent.</summary>
public interface ITrainingHook : IDisposable
{
    /// <summary>Added to the batch's loss before the backward pass; the reported loss leaves it out.</summary>
    /// <returns>A scalar, or null.</returns>
    Tensor? ExtraLoss();

    /// <summary>Called when the optimiser has made its step and the gradients are still there.</summary>
    /// <param name="step">Global step, from 1.</param>
    /// <returns>Whether it changed trained tensors.</returns>
    bool AfterStep(long step);

    /// <summary>Whether weights may be kept as the best ones yet.</summary>
    /// <param name="step">Last finished step.</param>
    bool MayKeep(long step);

    /// <summary>Its memory, which a checkpoint keeps and a resumed run copies back into these tensors.</summary>
    IReadOnlyDictionary<string, Tensor> State { get; }
}

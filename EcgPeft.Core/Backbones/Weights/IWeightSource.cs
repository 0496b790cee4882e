using static TorchSharp.torch;

namespace EcgPeft.Core.Backbones.Weights;

/// <summary>
/// Where a module's parameters come from while it is built: a checkpoint, a seed, or nowhere (names and shapes only). Modules
/// ask for each tensor by its full name and shape, so a missing or misshapen tensor is an error that names it, and no random
/// substitute can slip in.
/// </summary>
public interface IWeightSource
{
    /// <summary>Gives a tensor that the module then owns.</summary>
    /// <param name="name">Full name, which is the checkpoint's key.</param>
    /// <param name="shape">The shape the module needs.</param>
    /// <param name="init">How to start it where the source makes new weights.</param>
    /// <exception cref="UserInputException">The checkpoint lacks the tensor or holds it in another shape.</exception>
    Tensor Take(string name, ReadOnlySpan<long> shape, WeightInit init);

    /// <summary>Whether the source can give this tensor; sources of new weights always can.</summary>
    /// <param name="name">Full name.</param>
    bool Has(string name);
}

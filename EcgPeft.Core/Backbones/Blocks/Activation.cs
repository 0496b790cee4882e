using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Backbones.Blocks;

/// <summary>Activations by the names that configs use.</summary>
public static class Activation
{
    /// <summary>The function of a name.</summary>
    /// <param name="name"><c>gelu</c> (exact, erf), <c>gelu_new</c> (tanh), <c>relu</c>, <c>silu</c>/<c>swish</c>, <c>tanh</c>, <c>leakyrelu</c>.</param>
    /// <exception cref="UserInputException">No such activation is known.</exception>
    public static Func<Tensor, Tensor> ByName(string name) => name switch
    {
        "gelu" => x => functional.gelu(x),
        "gelu_new" or "gelu_pytorch_tanh" => x => functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh),
        "relu" => x => functional.relu(x),
        "silu" or "swish" => x => functional.silu(x),
        "tanh" => x => functional.tanh(x),
        "leakyrelu" => x => functional.leaky_relu(x),
        _ => throw new UserInputException($"The activation '{name}' is not known; known are gelu, gelu_new, relu, silu, swish, tanh and leakyrelu."),
    };
}

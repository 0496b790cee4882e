using EcgPeft.Core.Backbones.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Backbones.Blocks;

/// <summary>
/// Relative positions by a grouped, weight-normed convolution over frames (Baevski et al. 2020): W = g v / |v| with the norm
/// taken over all but the kernel dimension; same padding, the last frame cut for even kernels.
/// </summary>
public sealed class PositionalConvolution : Module<Tensor, Tensor>
{
    private readonly Parameter g;
    private readonly Parameter v;
    private readonly Parameter bias;
    private readonly int kernel;
    private readonly int groups;
    private readonly Func<Tensor, Tensor> activation;
    private Tensor? half;

    /// <summary>Takes <c>weight_g</c> [1, 1, K], <c>weight_v</c> [H, H / groups, K] and <c>bias</c> [H] from the scope.</summary>
    /// <param name="weights">Scope of the convolution.</param>
    /// <param name="hiddenSize">H.</param>
    /// <param name="kernel">K, in frames.</param>
    /// <param name="groups">Groups of channels.</param>
    /// <param name="activation">Activation at the end.</param>
    public PositionalConvolution(WeightScope weights, int hiddenSize, int kernel, int groups, Func<Tensor, Tensor> activation) : base(nameof(PositionalConvolution))
    {
        if (hiddenSize % groups != 0) throw new UserInputException($"The config asks for {groups} groups in the positional convolution, which do not divide the hidden size {hiddenSize}.");
        this.kernel = kernel;
        this.groups = groups;
        this.activation = activation;
        var width = 2 * Math.Sqrt(1.0 / (kernel * (double)hiddenSize));
        g = weights.Parameter("weight_g", [1, 1, kernel], new WeightInit(WeightInitKind.Constant, width * Math.Sqrt((double)hiddenSize * hiddenSize / groups)));
        v = weights.Parameter("weight_v", [hiddenSize, hiddenSize / groups, kernel], WeightInit.Normal(width));
        bias = weights.Parameter("bias", [hiddenSize], WeightInit.Zeros);
        register_parameter("bias", bias);
        register_parameter("weight_g", g);
        register_parameter("weight_v", v);
    }

    /// <summary>Nothing: what is registered is registered by hand, and TorchSharp would take the bfloat16 copies for saved buffers.</summary>
    protected override void RegisterComponents()
    {
    }

    /// <summary>What positions add to the hidden states.</summary>
    /// <param name="input">[B, F, H].</param>
    /// <returns>[B, F, H].</returns>
    public override Tensor forward(Tensor input)
    {
        var x = half is null
            ? Convolution.Of(input.transpose(1, 2), Weight(), bias, padding: kernel / 2, groups: groups)
            : Convolution.Of(Projection.Bf16(input.transpose(1, 2)), half, Projection.Bf16(bias), padding: kernel / 2, groups: groups);
        if (kernel % 2 == 0) x = x.narrow(2, 0, x.shape[2] - 1);
        return activation(x).transpose(1, 2);
    }

    /// <summary>From now on the convolution is computed in bfloat16 where its weight is frozen.</summary>
    /// <param name="name">Name of this convolution.</param>
    /// <param name="copies">Where the weight comes from.</param>
    internal void UseBf16(string name, Bf16Copies copies)
    {
        using var _ = no_grad();
        if (!v.requires_grad && !g.requires_grad) half = copies.Take(name, () => Weight().to(ScalarType.BFloat16)).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) half?.Dispose();
        base.Dispose(disposing);
    }

    private Tensor Weight() => v * (g / v.square().sum([0L, 1L], keepdim: true).sqrt());
}

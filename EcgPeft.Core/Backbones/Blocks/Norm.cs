using EcgPeft.Core.Backbones.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Backbones.Blocks;

/// <summary>Layer norm over the last dimension (Ba et al. 2016).</summary>
public sealed class Norm : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly double epsilon;
    private readonly long[] shape;

    /// <summary>Takes <c>weight</c> and <c>bias</c>, both [size], from the scope.</summary>
    /// <param name="weights">Where they come from.</param>
    /// <param name="size">Size of the last dimension.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public Norm(WeightScope weights, long size, double epsilon) : base(nameof(Norm))
    {
        this.epsilon = epsilon;
        shape = [size];
        weight = weights.Parameter("weight", shape, WeightInit.Ones);
        bias = weights.Parameter("bias", shape, WeightInit.Zeros);
        register_parameter("weight", weight);
        register_parameter("bias", bias);
    }

    /// <summary>Gain, [size].</summary>
    public Parameter Weight => weight;

    /// <summary>Offset, [size].</summary>
    public Parameter Bias => bias;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => functional.layer_norm(input, shape, weight, bias, epsilon);

    /// <summary>Group norm with one group a channel (used after a first convolution).</summary>
    /// <param name="input">[B, C, F].</param>
    public Tensor OverTime(Tensor input) => functional.group_norm(input, shape[0], weight, bias, epsilon);

    /// <summary>Layer norm over the channels of a channel-first tensor.</summary>
    /// <param name="input">[B, C, F].</param>
    public Tensor OverChannels(Tensor input) => forward(input.transpose(1, 2)).transpose(1, 2);
}

using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Peft.Bottleneck;

/// <summary>B(x) = scale up(act(down(dropout(x)))): the bottleneck of every adapter kind. A new one gives 0.</summary>
public sealed class BottleneckModule : Module<Tensor, Tensor>
{
    private readonly Projection down;
    private readonly Projection up;
    private readonly Func<Tensor, Tensor> activation;
    private readonly double scale;
    private readonly double dropout;

    /// <summary>Takes <c>down</c> [size, H] and <c>up</c> [H, size], both with bias, from the scope.</summary>
    /// <param name="weights">Scope of the bottleneck.</param>
    /// <param name="hiddenSize">H.</param>
    /// <param name="config">Its settings.</param>
    public BottleneckModule(WeightScope weights, int hiddenSize, AdapterConfig config) : base(nameof(BottleneckModule))
    {
        down = new Projection(weights.Child("down"), hiddenSize, config.BottleneckSize, WeightInit.LinearDefault(hiddenSize));
        up = new Projection(weights.Child("up"), config.BottleneckSize, hiddenSize, WeightInit.Zeros);
        activation = Activation.ByName(config.Activation);
        scale = config.Scale;
        dropout = config.Dropout;
        register_module("down", down);
        register_module("up", up);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        var x = training && dropout > 0 ? functional.dropout(input, dropout, training: true) : input;
        var added = up.forward(activation(down.forward(x)));
        return scale == 1 ? added : added * scale;
    }
}

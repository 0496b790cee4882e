using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Peft.Bottleneck;

/// <summary>Names of a bottleneck's parts in files.</summary>
/// <param name="Norm">Layer norm on the input.</param>
/// <param name="Down">First projection.</param>
/// <param name="Up">Second projection.</param>
public sealed record BottleneckNames(string Norm, string Down, string Up)
{
    /// <summary>Names of AdapterHub's kinds.</summary>
    public static BottleneckNames Adapter { get; } = new("norm", "down", "up");

    /// <summary>Names of Hugging Face's attention adapter.</summary>
    public static BottleneckNames Attention { get; } = new("norm", "linear_1", "linear_2");
}

/// <summary>B(x) = scale up(act(down(norm(dropout(x))))): the bottleneck of every adapter kind; the norm is optional.</summary>
public sealed class BottleneckModule : Module<Tensor, Tensor>
{
    private const double NormEpsilon = 1e-5;

    private readonly Norm? norm;
    private readonly Projection down;
    private readonly Projection up;
    private readonly Func<Tensor, Tensor> activation;
    private readonly double scale;
    private readonly double dropout;

    /// <summary>Takes the first projection [size, H] and the second [H, size], both with bias, and the norm [H] from the scope.</summary>
    /// <param name="weights">Scope of the bottleneck.</param>
    /// <param name="hiddenSize">H.</param>
    /// <param name="config">Its settings.</param>
    /// <param name="names">Names of its parts.</param>
    /// <param name="withNorm">Whether there is a norm.</param>
    public BottleneckModule(WeightScope weights, int hiddenSize, AdapterConfig config, BottleneckNames names, bool withNorm) : base(nameof(BottleneckModule))
    {
        var size = config.SizeFor(hiddenSize);
        var bert = WeightInit.Normal(0.02);
        norm = withNorm ? new Norm(weights.Child(names.Norm), hiddenSize, NormEpsilon) : null;
        down = new Projection(weights.Child(names.Down), hiddenSize, size, config.Init == AdapterInit.Bert ? bert : WeightInit.LinearDefault(hiddenSize));
        up = new Projection(weights.Child(names.Up), size, hiddenSize, config.Init == AdapterInit.Bert ? bert : WeightInit.Zeros);
        activation = Activation.ByName(config.Activation);
        scale = config.Scale;
        dropout = config.Dropout;
        if (norm is not null) register_module(names.Norm, norm);
        register_module(names.Down, down);
        register_module(names.Up, up);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        var x = training && dropout > 0 ? functional.dropout(input, dropout, training: true) : input;
        if (norm is not null) x = norm.forward(x);
        var added = up.forward(activation(down.forward(x)));
        return scale == 1 ? added : added * Constant.Of(scale);
    }
}

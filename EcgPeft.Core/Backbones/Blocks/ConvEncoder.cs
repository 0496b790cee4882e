using EcgPeft.Core.Backbones.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Backbones.Blocks;

/// <summary>One layer of a convolutional feature encoder.</summary>
/// <param name="Channels">Output channels.</param>
/// <param name="Kernel">Kernel width in samples of its input.</param>
/// <param name="Stride">Stride.</param>
public sealed record ConvLayerShape(int Channels, int Kernel, int Stride);

/// <summary>Which norm follows the convolutions.</summary>
public enum ConvNorm
{
    /// <summary>Group norm, one group a channel, after the first convolution only (wav2vec2-base, ECG-FM).</summary>
    FirstGroup,

    /// <summary>Layer norm over channels after each convolution (wav2vec2-large-lv60).</summary>
    EachLayer,
}

/// <summary>How a checkpoint names the parts of one convolution layer.</summary>
/// <param name="Conv">The convolution.</param>
/// <param name="Norm">Its norm.</param>
public sealed record ConvLayerNames(string Conv, string Norm);

/// <summary>
/// The strided convolutions that turn samples into frames (Baevski et al. 2020, section 2): wav2vec 2.0's, HuBERT's and
/// ECG-FM's feature encoder.
/// </summary>
public sealed class ConvEncoder : Module<Tensor, Tensor>
{
    private readonly List<ConvBlock> blocks = [];

    /// <summary>Builds the stack under <c>conv_layers</c>.</summary>
    /// <param name="weights">Scope of the encoder.</param>
    /// <param name="inChannels">Input channels (leads).</param>
    /// <param name="layers">The layers in order.</param>
    /// <param name="norm">Which norm follows.</param>
    /// <param name="bias">Whether convolutions have a bias.</param>
    /// <param name="activation">Activation after each layer.</param>
    /// <param name="names">How the checkpoint names the parts of a layer.</param>
    public ConvEncoder(WeightScope weights, int inChannels, IReadOnlyList<ConvLayerShape> layers, ConvNorm norm, bool bias, Func<Tensor, Tensor> activation, ConvLayerNames names)
        : base(nameof(ConvEncoder))
    {
        var channels = inChannels;
        for (var i = 0; i < layers.Count; i++)
        {
            var blockNorm = norm == ConvNorm.EachLayer ? norm : i == 0 ? ConvNorm.FirstGroup : (ConvNorm?)null;
            blocks.Add(new ConvBlock(weights.Child($"conv_layers.{i}"), channels, layers[i], blockNorm, bias, activation, names));
            channels = layers[i].Channels;
        }
        register_module("conv_layers", ModuleGroup.List(blocks));
    }

    /// <summary>Which frames are real: as many as the convolutions make of the real samples.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="attentionMask">1 for real samples, [B, T].</param>
    /// <param name="frames">F.</param>
    /// <returns>Boolean, [B, F].</returns>
    public static Tensor FrameMask(IReadOnlyList<ConvLayerShape> layers, Tensor attentionMask, long frames)
    {
        var lengths = attentionMask.to(ScalarType.Int64).sum(1);
        foreach (var layer in layers) lengths = (lengths - layer.Kernel).div(layer.Stride, RoundingMode.floor) + 1;
        return arange(frames, dtype: ScalarType.Int64, device: attentionMask.device).unsqueeze(0) < lengths.unsqueeze(1);
    }

    /// <summary>Samples that one frame sees.</summary>
    /// <param name="layers">The layers.</param>
    public static long ReceptiveField(IReadOnlyList<ConvLayerShape> layers)
    {
        long field = 1, hop = 1;
        foreach (var layer in layers)
        {
            field += (layer.Kernel - 1) * hop;
            hop *= layer.Stride;
        }
        return field;
    }

    /// <summary>From now on convolutions whose weights are frozen are computed in bfloat16.</summary>
    /// <param name="name">Name of this encoder.</param>
    /// <param name="copies">Where the weights come from.</param>
    internal void UseBf16(string name, Bf16Copies copies)
    {
        for (var i = 0; i < blocks.Count; i++) blocks[i].UseBf16($"{name}.{i}", copies);
    }

    /// <summary>Samples to frames.</summary>
    /// <param name="input">[B, leads, T].</param>
    /// <returns>[B, C, F].</returns>
    public override Tensor forward(Tensor input)
    {
        foreach (var block in blocks)
        {
            // A layer's intermediate results are large; only its output goes on.
            using var scope = NewDisposeScope();
            input = block.forward(input).MoveToOuterDisposeScope();
        }
        return input;
    }

    private sealed class ConvBlock : Module<Tensor, Tensor>
    {
        private readonly ConvWeights conv;
        private readonly Norm? norm;
        private readonly ConvNorm? kind;
        private readonly long stride;
        private readonly Func<Tensor, Tensor> activation;

        public ConvBlock(WeightScope weights, int inChannels, ConvLayerShape shape, ConvNorm? kind, bool withBias, Func<Tensor, Tensor> activation, ConvLayerNames names) : base(nameof(ConvBlock))
        {
            this.kind = kind;
            this.activation = activation;
            stride = shape.Stride;
            conv = new ConvWeights(weights.Child(names.Conv), inChannels, shape, withBias);
            register_module(names.Conv, conv);
            if (kind is null) return;
            norm = new Norm(weights.Child(names.Norm), shape.Channels, 1e-5);
            if (names.Norm.Split('.') is [var level, var leaf]) register_module(level, new ModuleGroup((leaf, norm)));
            else register_module(names.Norm, norm);
        }

        public void UseBf16(string name, Bf16Copies copies) => conv.UseBf16(name, copies);

        public override Tensor forward(Tensor input)
        {
            var x = conv.Half is null
                ? Convolution.Of(input, conv.Weight, conv.Bias, stride)
                : Convolution.Of(Projection.Bf16(input), conv.Half, conv.Bias is null ? null : Projection.Bf16(conv.Bias), stride);
            if (kind == ConvNorm.FirstGroup) x = norm!.OverTime(x);
            else if (kind == ConvNorm.EachLayer) x = norm!.OverChannels(x);
            return activation(x);
        }
    }

    private sealed class ConvWeights : Module
    {
        public ConvWeights(WeightScope weights, int inChannels, ConvLayerShape shape, bool withBias) : base(nameof(ConvWeights))
        {
            Weight = weights.Parameter("weight", [shape.Channels, inChannels, shape.Kernel], WeightInit.KaimingNormal((long)inChannels * shape.Kernel));
            register_parameter("weight", Weight);
            if (!withBias) return;
            Bias = weights.Parameter("bias", [shape.Channels], WeightInit.LinearDefault((long)inChannels * shape.Kernel));
            register_parameter("bias", Bias);
        }

        /// <summary>Nothing: what is registered is registered by hand, and TorchSharp would take the bfloat16 copies for saved buffers.</summary>
        protected override void RegisterComponents()
        {
        }

        public Parameter Weight { get; }

        public Parameter? Bias { get; }

        public Tensor? Half { get; private set; }

        public void UseBf16(string name, Bf16Copies copies)
        {
            if (!Weight.requires_grad) Half = copies.Take(name, () => Weight.to(ScalarType.BFloat16)).DetachFromDisposeScope();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) Half?.Dispose();
            base.Dispose(disposing);
        }
    }
}

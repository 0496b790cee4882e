using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Backbones.EcgFm;

/// <summary>
/// ECG-FM (McKeen et al. 2024), a wav2vec 2.0 for 12-lead ECG pre-trained with CMSC and random lead masking. Names are those of
/// fairseq-signals' checkpoints.
/// </summary>
public sealed class EcgFmBackbone : Backbone
{
    private static readonly TransformerLayerNames LayerNames = new("self_attn", "self_attn_layer_norm", null, "fc1", "fc2", "final_layer_norm");

    private readonly EcgFmConfig config;
    private readonly ConvEncoder featureExtractor;
    private readonly Norm featureNorm;
    private readonly Projection? featureProjection;
    private readonly PositionalConvolution positions;
    private readonly Norm encoderNorm;
    private readonly List<TransformerLayer> layers;

    /// <summary>Builds the network and takes its parameters from the scope.</summary>
    /// <param name="weights">Scope of the backbone.</param>
    /// <param name="config">Every size and switch.</param>
    public EcgFmBackbone(WeightScope weights, EcgFmConfig config) : base(nameof(EcgFmBackbone))
    {
        this.config = config;
        var (channels, hidden) = (config.ConvLayers[^1].Channels, config.Layer.HiddenSize);
        var activation = Activation.ByName("gelu");
        var names = new ConvLayerNames("0", config.ConvNorm == ConvNorm.EachLayer ? "2.1" : "2");

        featureExtractor = new ConvEncoder(weights.Child("feature_extractor"), config.Leads, config.ConvLayers, config.ConvNorm, config.ConvBias, activation, names);
        featureNorm = new Norm(weights.Child("layer_norm"), channels, config.Layer.Epsilon);
        featureProjection = channels == hidden ? null : new Projection(weights.Child("post_extract_proj"), channels, hidden, WeightInit.LinearDefault(channels), biasInit: WeightInit.LinearDefault(channels));
        positions = new PositionalConvolution(weights.Child("conv_pos.pos_conv.0"), hidden, config.PositionalKernel, config.PositionalGroups, activation);
        encoderNorm = new Norm(weights.Child("encoder.layer_norm"), hidden, config.Layer.Epsilon);
        layers = [.. Enumerable.Range(0, config.LayerCount).Select(i => new TransformerLayer(weights.Child($"encoder.layers.{i}"), config.Layer, LayerNames))];

        register_module("feature_extractor", featureExtractor);
        register_module("layer_norm", featureNorm);
        if (featureProjection is not null) register_module("post_extract_proj", featureProjection);
        register_module("conv_pos", new ModuleGroup(("pos_conv", new ModuleGroup(("0", positions)))));
        register_module("encoder", new ModuleGroup(("layer_norm", encoderNorm), ("layers", ModuleGroup.List(layers))));

        Contract = new InputContract(config.Leads, config.SamplingRateHz, config.InputLength, ConvEncoder.ReceptiveField(config.ConvLayers), Hop);
    }

    /// <inheritdoc/>
    public override InputContract Contract { get; }

    /// <inheritdoc/>
    public override string Architecture => Describe(config.ConvLayers, config.ConvNorm, config.Layer, config.LayerCount);

    /// <inheritdoc/>
    public override long FeatureSize => config.ConvLayers[^1].Channels;

    /// <inheritdoc/>
    public override IReadOnlyList<TransformerLayer> Layers => layers;

    /// <inheritdoc/>
    protected override double LayerDrop => config.LayerDrop;

    private long Hop => config.ConvLayers.Aggregate(1L, (hop, layer) => hop * layer.Stride);

    /// <inheritdoc/>
    public override Tensor ConvFeatures(Tensor input) => featureExtractor.forward(config.Normalize ? Standardised(input) : input);

    /// <inheritdoc/>
    public override Tensor NormedFeatures(Tensor convFeatures) => featureNorm.forward(convFeatures.transpose(1, 2));

    /// <inheritdoc/>
    public override Frames EmbedFeatures(Tensor features, Tensor? attentionMask, Func<Tensor, Tensor>? masking = null)
    {
        var hidden = Dropped((featureProjection is null ? features : featureProjection.forward(features)).to(ScalarType.Float32), config.InputDropout);
        if (masking is not null) hidden = masking(hidden);
        var frameMask = attentionMask is null ? null : ConvEncoder.FrameMask(config.ConvLayers, attentionMask, hidden.shape[1]);
        hidden = hidden + positions.forward(hidden);
        // After the positional convolution, unlike wav2vec 2.0: the reference values show it.
        if (frameMask is not null) hidden = hidden.masked_fill(frameMask.logical_not().unsqueeze(-1), 0);
        if (!config.Layer.PreNorm) hidden = encoderNorm.forward(hidden);
        return new Frames(Dropped(hidden, config.Layer.HiddenDropout), frameMask);
    }

    /// <inheritdoc/>
    protected internal override Tensor Finish(Tensor hidden) => config.Layer.PreNorm ? encoderNorm.forward(hidden) : hidden;

    private static Tensor Standardised(Tensor input) => functional.layer_norm(input, input.shape[1..]);

    private Tensor Dropped(Tensor x, double p) => FastDropout.Apply(x, p, training);
}

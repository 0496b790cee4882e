using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using static TorchSharp.torch;

namespace EcgPeft.Core.Backbones.Wav2Vec2;

/// <summary>
/// wav2vec 2.0 (Baevski et al. 2020) and HuBERT (Hsu et al. 2021), which share this network. Names are those of Hugging Face's
/// <c>Wav2Vec2Model</c> and <c>HubertModel</c>.
/// </summary>
public sealed class Wav2Vec2Backbone : Backbone
{
    private static readonly TransformerLayerNames LayerNames = new("attention", "layer_norm", "feed_forward", "intermediate_dense", "output_dense", "final_layer_norm");

    private readonly Wav2Vec2Config config;
    private readonly ConvEncoder featureExtractor;
    private readonly Norm? featureNorm;
    private readonly Projection featureProjection;
    private readonly PositionalConvolution positions;
    private readonly Norm encoderNorm;
    private readonly List<TransformerLayer> layers;

    /// <summary>Builds the network and takes its parameters from the scope.</summary>
    /// <param name="weights">Scope of the backbone.</param>
    /// <param name="config">Every size and switch.</param>
    public Wav2Vec2Backbone(WeightScope weights, Wav2Vec2Config config) : base(nameof(Wav2Vec2Backbone))
    {
        this.config = config;
        var (channels, hidden) = (config.ConvLayers[^1].Channels, config.Layer.HiddenSize);
        var activation = Activation.ByName(config.ConvActivation);
        var init = WeightInit.Normal(config.Layer.InitRange);

        // Only pre-training uses it; facebook/wav2vec2-base-960h, for one, was published without.
        if (config.MaskEmbedding && weights.Has("masked_spec_embed")) register_parameter("masked_spec_embed", weights.Parameter("masked_spec_embed", [hidden], WeightInit.Uniform(1)));
        featureExtractor = new ConvEncoder(weights.Child("feature_extractor"), 1, config.ConvLayers, config.ConvNorm, config.ConvBias, activation, new ConvLayerNames("conv", "layer_norm"));
        featureNorm = config.FeatureProjectionNorm ? new Norm(weights.Child("feature_projection.layer_norm"), channels, config.Layer.Epsilon) : null;
        featureProjection = new Projection(weights.Child("feature_projection.projection"), channels, hidden, WeightInit.LinearDefault(channels), biasInit: WeightInit.LinearDefault(channels));
        positions = new PositionalConvolution(weights.Child("encoder.pos_conv_embed.conv"), hidden, config.PositionalKernel, config.PositionalGroups, activation);
        encoderNorm = new Norm(weights.Child("encoder.layer_norm"), hidden, config.Layer.Epsilon);
        layers = [.. Enumerable.Range(0, config.LayerCount).Select(i => new TransformerLayer(weights.Child($"encoder.layers.{i}"), config.Layer, LayerNames))];

        register_module("feature_extractor", featureExtractor);
        register_module("feature_projection", new ModuleGroup(("layer_norm", featureNorm), ("projection", featureProjection)));
        register_module("encoder", new ModuleGroup(
            ("pos_conv_embed", new ModuleGroup(("conv", positions))), ("layer_norm", encoderNorm), ("layers", ModuleGroup.List(layers))));

        Contract = new InputContract(1, config.SamplingRateHz, config.InputLength, ConvEncoder.ReceptiveField(config.ConvLayers), config.ConvLayers.Aggregate(1L, (hop, layer) => hop * layer.Stride));
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

    /// <inheritdoc/>
    public override Tensor ConvFeatures(Tensor input) => featureExtractor.forward(input.unsqueeze(1));

    /// <inheritdoc/>
    public override Tensor NormedFeatures(Tensor convFeatures)
    {
        var features = convFeatures.transpose(1, 2);
        return featureNorm is null ? features : featureNorm.forward(features);
    }

    /// <inheritdoc/>
    public override Frames EmbedFeatures(Tensor features, Tensor? attentionMask, Func<Tensor, Tensor>? masking = null)
    {
        var hidden = Dropped(featureProjection.forward(features).to(ScalarType.Float32), config.FeatureProjectionDropout);
        if (masking is not null) hidden = masking(hidden);

        var frameMask = attentionMask is null ? null : ConvEncoder.FrameMask(config.ConvLayers, attentionMask, hidden.shape[1]);
        if (frameMask is not null) hidden = hidden.masked_fill(frameMask.logical_not().unsqueeze(-1), 0);
        hidden = hidden + positions.forward(hidden);
        if (!config.Layer.PreNorm) hidden = encoderNorm.forward(hidden);
        return new Frames(Dropped(hidden, config.Layer.HiddenDropout), frameMask);
    }

    /// <inheritdoc/>
    protected internal override Tensor Finish(Tensor hidden) => config.Layer.PreNorm ? encoderNorm.forward(hidden) : hidden;

    private Tensor Dropped(Tensor x, double p) => FastDropout.Apply(x, p, training);
}

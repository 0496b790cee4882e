using EcgPeft.Core.Backbones.Blocks;

namespace EcgPeft.Core.Backbones.EcgFm;

/// <summary>
/// The part of a fairseq-signals <c>wav2vec2_cmsc</c> or <c>ecg_transformer_classifier</c> configuration that decides the
/// network. Fallbacks are that library's defaults.
/// </summary>
public sealed record EcgFmConfig
{
    /// <summary>Input leads.</summary>
    public required int Leads { get; init; }

    /// <summary>The convolutional encoder.</summary>
    public required IReadOnlyList<ConvLayerShape> ConvLayers { get; init; }

    /// <summary>Norm of the convolutional encoder.</summary>
    public required ConvNorm ConvNorm { get; init; }

    /// <summary>Whether convolutions have a bias.</summary>
    public required bool ConvBias { get; init; }

    /// <summary>Kernel of the positional convolution, in frames.</summary>
    public required int PositionalKernel { get; init; }

    /// <summary>Groups of the positional convolution.</summary>
    public required int PositionalGroups { get; init; }

    /// <summary>The transformer layers.</summary>
    public required TransformerLayerShape Layer { get; init; }

    /// <summary>Number of transformer layers.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Probability that a layer is skipped while training.</summary>
    public required double LayerDrop { get; init; }

    /// <summary>Dropout on the projected features.</summary>
    public required double InputDropout { get; init; }

    /// <summary>Whether each record is standardised first (false in the published checkpoints).</summary>
    public required bool Normalize { get; init; }

    /// <summary>Samples a second that it was pre-trained at (<c>sampling_rate</c>; 500 in the published checkpoints, which do not say it).</summary>
    public required double SamplingRateHz { get; init; }

    /// <summary>Samples of an input by default (<c>input_length</c>; 5 s in the published checkpoints, which do not say it).</summary>
    public required int InputLength { get; init; }

    /// <summary>Reads the model's part of a configuration.</summary>
    /// <param name="model">Its <c>model</c> section, or a <c>config.json</c> with the same keys.</param>
    /// <param name="normalize">The task's <c>normalize</c>.</param>
    /// <exception cref="UserInputException">A value is not supported.</exception>
    public static EcgFmConfig Read(ConfigJson model, bool normalize)
    {
        var mode = model.Text("extractor_mode", "default");
        return new EcgFmConfig
        {
            Leads = model.Whole("in_d", 12),
            ConvLayers = ConvLayersExpression.Parse(model.Text("conv_feature_layers", "[(256, 2, 2)] * 4")),
            ConvNorm = mode switch
            {
                "default" => ConvNorm.FirstGroup,
                "layer_norm" => ConvNorm.EachLayer,
                _ => throw new UserInputException($"The config's extractor_mode is '{mode}'; it must be default or layer_norm."),
            },
            ConvBias = model.Flag("conv_bias", false),
            PositionalKernel = model.Whole("conv_pos", 128),
            PositionalGroups = model.Whole("conv_pos_groups", 16),
            Layer = new TransformerLayerShape(
                model.Whole("encoder_embed_dim", 768), model.Whole("encoder_ffn_embed_dim", 3072), model.Whole("encoder_attention_heads", 12),
                model.Flag("layer_norm_first", false), 1e-5, model.Text("activation_fn", "gelu"),
                model.Probability("dropout", 0.1), model.Probability("attention_dropout", 0.1), model.Probability("activation_dropout", 0), 0.02),
            LayerCount = model.Layers("encoder_layers", 12),
            LayerDrop = model.Probability("encoder_layerdrop", 0),
            InputDropout = model.Probability("dropout_input", 0),
            Normalize = normalize,
            SamplingRateHz = model.Whole("sampling_rate", 500),
            InputLength = model.Whole("input_length", 2_500),
        };
    }
}

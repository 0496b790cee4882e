using EcgPeft.Core.Backbones.Blocks;

namespace EcgPeft.Core.Backbones.Wav2Vec2;

/// <summary>
/// The part of Hugging Face's <c>Wav2Vec2Config</c> / <c>HubertConfig</c> that decides the network. Fallbacks are that
/// library's defaults for keys that older files leave out.
/// </summary>
public sealed record Wav2Vec2Config
{
    /// <summary><c>wav2vec2</c> or <c>hubert</c>; also the name under which checkpoints keep the backbone.</summary>
    public required string ModelType { get; init; }

    /// <summary>The convolutional encoder.</summary>
    public required IReadOnlyList<ConvLayerShape> ConvLayers { get; init; }

    /// <summary>Norm of the convolutional encoder.</summary>
    public required ConvNorm ConvNorm { get; init; }

    /// <summary>Whether convolutions have a bias.</summary>
    public required bool ConvBias { get; init; }

    /// <summary>Activation of the convolutional encoder and the positional convolution.</summary>
    public required string ConvActivation { get; init; }

    /// <summary>Whether a layer norm precedes the projection of features (false in some HuBERT models).</summary>
    public required bool FeatureProjectionNorm { get; init; }

    /// <summary>Dropout after the projection of features.</summary>
    public required double FeatureProjectionDropout { get; init; }

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

    /// <summary>Width of the projector in the classification head.</summary>
    public required int ClassifierProjectionSize { get; init; }

    /// <summary>Whether the checkpoint holds the embedding of masked frames (used in pre-training and SpecAugment).</summary>
    public required bool MaskEmbedding { get; init; }

    /// <summary>Samples a second that it was pre-trained at (<c>sampling_rate</c>; 16 kHz speech where the config does not say it).</summary>
    public required double SamplingRateHz { get; init; }

    /// <summary>Samples of an input by default (<c>input_length</c>; 16,000 where the config does not say it).</summary>
    public required int InputLength { get; init; }

    /// <summary>Reads <c>config.json</c>.</summary>
    /// <param name="config">The file.</param>
    /// <exception cref="UserInputException">A key is missing or its value is not supported.</exception>
    public static Wav2Vec2Config Read(ConfigJson config)
    {
        var type = config.Text("model_type");
        if (type is not ("wav2vec2" or "hubert")) throw new UserInputException($"The model type '{type}' is not known here; known are wav2vec2, hubert and ecg-fm.");
        if (config.Flag("add_adapter", false)) throw new UserInputException("The config asks for add_adapter (a convolutional length adapter after the encoder), which is not supported.");
        if (config.Flag("conv_pos_batch_norm", false)) throw new UserInputException("The config asks for conv_pos_batch_norm, which is not supported.");
        var (channels, kernels, strides) = (config.WholeNumbers("conv_dim"), config.WholeNumbers("conv_kernel"), config.WholeNumbers("conv_stride"));
        if (channels.Count == 0 || channels.Count != kernels.Count || channels.Count != strides.Count)
            throw new UserInputException($"The config's conv_dim, conv_kernel and conv_stride have {channels.Count}, {kernels.Count} and {strides.Count} entries; they must have the same number.");
        var norm = config.Text("feat_extract_norm", "group");
        return new Wav2Vec2Config
        {
            ModelType = type,
            ConvLayers = [.. channels.Select((c, i) => new ConvLayerShape(c, kernels[i], strides[i]))],
            ConvNorm = norm switch
            {
                "group" => ConvNorm.FirstGroup,
                "layer" => ConvNorm.EachLayer,
                _ => throw new UserInputException($"The config's feat_extract_norm is '{norm}'; it must be group or layer."),
            },
            ConvBias = config.Flag("conv_bias", false),
            ConvActivation = config.Text("feat_extract_activation", "gelu"),
            FeatureProjectionNorm = config.Flag("feat_proj_layer_norm", true),
            FeatureProjectionDropout = config.Probability("feat_proj_dropout", 0),
            PositionalKernel = config.Whole("num_conv_pos_embeddings", 128),
            PositionalGroups = config.Whole("num_conv_pos_embedding_groups", 16),
            Layer = new TransformerLayerShape(
                config.Whole("hidden_size"), config.Whole("intermediate_size"), config.Whole("num_attention_heads"),
                config.Flag("do_stable_layer_norm", false), config.Positive("layer_norm_eps", 1e-5), config.Text("hidden_act", "gelu"),
                config.Probability("hidden_dropout", 0.1), config.Probability("attention_dropout", 0.1), config.Probability("activation_dropout", 0.1),
                config.Number("initializer_range", 0.02)),
            LayerCount = config.Layers("num_hidden_layers"),
            LayerDrop = config.Probability("layerdrop", 0.1),
            ClassifierProjectionSize = config.Whole("classifier_proj_size", 256),
            SamplingRateHz = config.Whole("sampling_rate", 16_000),
            InputLength = config.Whole("input_length", 16_000),
            MaskEmbedding = config.Number("mask_time_prob", 0.05) > 0 || config.Number("mask_feature_prob", 0) > 0,
        };
    }
}

using System.Text.Json.Nodes;
using EcgPeft.Core.Backbones.EcgFm;
using EcgPeft.Core.Checkpoints;

namespace EcgPeft.Core.Backbones.Wav2Vec2;

/// <summary>
/// wav2vec 2.0 and HuBERT as fairseq itself saves them (<c>wav2vec_small.pt</c>, <c>hubert_base_ls960.pt</c>, and fine-tuned ones): its names of tensors
/// and settings, in terms of Hugging Face's, which the network here has.
/// </summary>
internal sealed class FairseqSpeech
{
    // Of a bare model, of a fine-tuned one, and of what such a one has around the model.
    private static readonly string[] Prefixes = ["w2v_encoder.w2v_model.", "w2v_model.", "w2v_encoder."];

    private static readonly (string Ours, string Theirs)[] Names =
    [
        ("masked_spec_embed", "mask_emb"),
        ("feature_projection.layer_norm.", "layer_norm."),
        ("feature_projection.projection.", "post_extract_proj."),
        ("encoder.pos_conv_embed.conv.", "encoder.pos_conv.0."),
    ];

    private static readonly (string Ours, string Theirs)[] LayerNames =
    [
        (".attention.", ".self_attn."),
        (".layer_norm.", ".self_attn_layer_norm."),
        (".feed_forward.intermediate_dense.", ".fc1."),
        (".feed_forward.output_dense.", ".fc2."),
    ];

    private readonly TensorFile file;
    private readonly string prefix;

    private FairseqSpeech(TensorFile file, string prefix) => (this.file, this.prefix) = (file, prefix);

    /// <summary>The names of a file, where they are these; else null.</summary>
    public static FairseqSpeech? In(TensorFile file)
    {
        const string sign = "encoder.pos_conv.0.";
        var key = file.Entries.Keys.FirstOrDefault(key => key.Contains(sign, StringComparison.Ordinal));
        return key is null ? null : new FairseqSpeech(file, key[..key.IndexOf(sign, StringComparison.Ordinal)]);
    }

    /// <summary>The file's key for one of the network's names, without the backbone's own prefix.</summary>
    public string KeyOf(string name)
    {
        if (name.StartsWith("feature_extractor.conv_layers.", StringComparison.Ordinal)) return prefix + Convolution(name);
        foreach (var (ours, theirs) in Names)
            if (name.StartsWith(ours, StringComparison.Ordinal)) return prefix + theirs + name[ours.Length..];
        if (name.StartsWith("encoder.layers.", StringComparison.Ordinal))
            foreach (var (ours, theirs) in LayerNames)
                if (name.Contains(ours, StringComparison.Ordinal)) return prefix + name.Replace(ours, theirs, StringComparison.Ordinal);
        return prefix + name;
    }

    /// <summary>A key without what comes before the model's names.</summary>
    public static string Bare(string key) => Prefixes.FirstOrDefault(p => key.StartsWith(p, StringComparison.Ordinal)) is { } before ? key[before.Length..] : key;

    /// <summary>The settings as Hugging Face's <c>config.json</c> would hold them. Fallbacks are fairseq's defaults.</summary>
    /// <exception cref="UserInputException">The checkpoint holds no settings, or one of the wrong kind.</exception>
    public JsonObject Config()
    {
        var checkpoint = file as PyTorchCheckpoint ?? throw new UserInputException($"{file.Path} has fairseq's names but holds no settings; put the model's config.json beside it.");
        var settings = Settings(checkpoint);
        var model = ConfigJson.Of(file.Path, settings);
        var layers = ConvLayersExpression.Parse(model.Text("conv_feature_layers", "[(512, 10, 5)] + [(512, 3, 2)] * 4 + [(512, 2, 2)] * 2"));
        JsonArray Of(Func<Blocks.ConvLayerShape, int> size) => [.. layers.Select(layer => (JsonNode)size(layer))];
        var mode = model.Text("extractor_mode", "default");
        return new JsonObject
        {
            ["model_type"] = IsHubert(settings) ? "hubert" : "wav2vec2",
            ["conv_dim"] = Of(l => l.Channels),
            ["conv_kernel"] = Of(l => l.Kernel),
            ["conv_stride"] = Of(l => l.Stride),
            ["feat_extract_norm"] = mode switch
            {
                "default" => "group",
                "layer_norm" => "layer",
                _ => throw new UserInputException($"The settings in {file.Path} have the extractor_mode '{mode}'; it must be default or layer_norm."),
            },
            ["conv_bias"] = model.Flag("conv_bias", false),
            ["feat_proj_layer_norm"] = true,
            ["feat_proj_dropout"] = model.Number("dropout_input", 0),
            ["num_conv_pos_embeddings"] = model.Whole("conv_pos", 128),
            ["num_conv_pos_embedding_groups"] = model.Whole("conv_pos_groups", 16),
            ["hidden_size"] = model.Whole("encoder_embed_dim", 768),
            ["intermediate_size"] = model.Whole("encoder_ffn_embed_dim", 3072),
            ["num_attention_heads"] = model.Whole("encoder_attention_heads", 12),
            ["num_hidden_layers"] = model.Layers("encoder_layers", 12),
            ["hidden_act"] = model.Text("activation_fn", "gelu"),
            ["do_stable_layer_norm"] = model.Flag("layer_norm_first", false),
            ["hidden_dropout"] = model.Number("dropout", 0.1),
            ["attention_dropout"] = model.Number("attention_dropout", 0.1),
            ["activation_dropout"] = model.Number("activation_dropout", 0),
            ["layerdrop"] = model.Number("encoder_layerdrop", 0),
        };
    }

    // conv_layers.<i> is conv, dropout, norm, activation; a layer norm stands between two transpositions.
    private string Convolution(string name)
    {
        if (name.Contains(".conv.", StringComparison.Ordinal)) return name.Replace(".conv.", ".0.", StringComparison.Ordinal);
        var within = name.Replace(".layer_norm.", ".2.1.", StringComparison.Ordinal);
        return file.Entries.ContainsKey(prefix + within) ? within : name.Replace(".layer_norm.", ".2.", StringComparison.Ordinal);
    }

    private bool IsHubert(IReadOnlyDictionary<string, object?> settings) =>
        new[] { "_name", "arch" }.Any(key => settings.GetValueOrDefault(key) is string name && name.Contains("hubert", StringComparison.OrdinalIgnoreCase)) || file.Entries.Keys.Any(key => Bare(key) == "label_embs_concat");

    private static IReadOnlyDictionary<string, object?> Settings(PyTorchCheckpoint checkpoint)
    {
        var all = checkpoint.Has("cfg") ? checkpoint.Config("cfg") : checkpoint.Has("args") ? checkpoint.Config("args") : throw new UserInputException($"{checkpoint.Path} holds no settings (cfg or args); put the model's config.json beside it.");
        // A fine-tuned model keeps the settings of the model inside it.
        var model = Section(all, "model") ?? all;
        return Section(model, "w2v_args") is { } inner ? Section(inner, "model") ?? inner : model;
    }

    private static IReadOnlyDictionary<string, object?>? Section(IReadOnlyDictionary<string, object?> settings, string name) => settings.GetValueOrDefault(name) as IReadOnlyDictionary<string, object?>;
}

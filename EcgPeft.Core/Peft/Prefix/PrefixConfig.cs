using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft.Files;
using EcgPeft.Core.Peft.Settings;
using TorchSharp;

namespace EcgPeft.Core.Peft.Prefix;

/// <summary>Prefix tuning (Li and Liang 2021): every layer's attention also sees trained keys and values that no frame has.</summary>
public sealed record PrefixConfig : PeftConfig
{
    /// <summary>The name in recipes.</summary>
    public const string MethodName = "prefix";

    private const string FileType = "PREFIX_TUNING";
    private const string FileTensor = "prompt_embeddings";

    /// <inheritdoc/>
    [JsonIgnore] public override string Method => MethodName;

    /// <inheritdoc/>
    [JsonIgnore] public override string Title => "Prefix tuning";

    /// <inheritdoc/>
    [JsonIgnore] public override string Sentence => "Lets every attention block also see a few trained keys and values that stand before the frames.";

    /// <inheritdoc/>
    [JsonIgnore] public override IReadOnlyList<LayerPlace> Places => [LayerPlace.AttentionPrefix];

    /// <inheritdoc/>
    [JsonIgnore] public override string? WhyNotMergeable => "its keys and values belong to no linear layer of the backbone";

    /// <summary>Trained positions of each layer.</summary>
    [PeftSetting("Trained positions that each layer's attention also sees.", Min = 1, Max = 512)]
    public int VirtualTokens { get; init; } = 10;

    /// <summary>Trains the positions through a two-layer network, which Li and Liang found more stable; only its result is saved.</summary>
    [PeftSetting("Trains the positions through a small network, which is more stable; only its result is saved.")]
    public bool PrefixProjection { get; init; }

    /// <summary>Width of that network; null takes the backbone's hidden size.</summary>
    [PeftSetting("Width of that network; empty takes the backbone's hidden size.", Min = 1, Advanced = true)]
    public int? EncoderHiddenSize { get; init; }

    /// <summary>Whether the prefix is a saved one, which holds the network's result.</summary>
    [JsonIgnore] internal bool Saved { get; init; }

    /// <inheritdoc/>
    protected override string? Conflict() => EncoderHiddenSize is not null && !PrefixProjection ? "peft.encoderHiddenSize belongs to peft.prefixProjection, which is off; switch it on or leave the size out." : null;

    /// <inheritdoc/>
    internal override void Inject(SequenceClassifier classifier, IWeightSource weights)
    {
        var layers = classifier.Backbone.Layers;
        var hidden = layers[0].HiddenSize;
        var encoder = new PrefixEncoder(new WeightScope(weights, PrefixEncoder.Name), VirtualTokens, layers.Count, hidden, PrefixProjection && !Saved ? EncoderHiddenSize ?? hidden : null);
        classifier.register_module(PrefixEncoder.Name, encoder);
        for (var i = 0; i < layers.Count; i++) layers[i].Attention.Attach(new LayerPrefix(encoder, i));
    }

    /// <inheritdoc/>
    internal override Func<string, bool> Trained(SequenceClassifier classifier) => name => name.StartsWith(PrefixEncoder.Name + ".", StringComparison.Ordinal);

    /// <summary>The library keeps the prefix in one tensor, and puts less before the names of other modules than for LoRA.</summary>
    internal override string FileKey(string name, SequenceClassifier classifier) =>
        name == PrefixEncoder.EmbeddingName && (Saved || !PrefixProjection) ? FileTensor : AdapterKeys.BaseModelOfPrompts + name;

    /// <inheritdoc/>
    internal override IEnumerable<KeyValuePair<string, torch.Tensor>> FileTensors(PeftModel model)
    {
        var encoder = (PrefixEncoder)model.Classifier.named_children().First(c => c.name == PrefixEncoder.Name).module;
        return base.FileTensors(model).Where(t => t.Key != FileTensor && !t.Key.StartsWith(AdapterKeys.BaseModelOfPrompts + PrefixEncoder.Name + ".", StringComparison.Ordinal))
            .Prepend(KeyValuePair.Create(FileTensor, encoder.Values()));
    }

    /// <inheritdoc/>
    internal override JsonObject ToFile(PeftModel model)
    {
        var layers = model.Classifier.Backbone.Layers;
        return new JsonObject
        {
            ["peft_type"] = FileType,
            ["num_virtual_tokens"] = VirtualTokens,
            ["token_dim"] = layers[0].HiddenSize,
            ["num_transformer_submodules"] = 1,
            ["num_attention_heads"] = layers[0].Attention.Heads,
            ["num_layers"] = layers.Count,
            ["encoder_hidden_size"] = EncoderHiddenSize ?? layers[0].HiddenSize,
            ["prefix_projection"] = PrefixProjection,
        };
    }

    /// <inheritdoc/>
    internal override PeftConfig? FromFile(AdapterConfigJson file)
    {
        if (file.Type != FileType) return null;
        var projection = file.Flag("prefix_projection", false);
        return new PrefixConfig
        {
            VirtualTokens = file.Whole("num_virtual_tokens"),
            PrefixProjection = projection,
            EncoderHiddenSize = projection && file.Has("encoder_hidden_size") ? file.Whole("encoder_hidden_size") : null,
            Saved = true,
        };
    }
}

using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft.Files;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Peft.Targets;

namespace EcgPeft.Core.Peft.Bottleneck;

/// <summary>Bottleneck adapters: scale up(act(down(x))) with a residual, in the places of a transformer layer that the kind says.</summary>
public sealed record AdapterConfig : PeftConfig
{
    /// <summary>The name in recipes.</summary>
    public const string MethodName = "adapter";

    /// <inheritdoc/>
    [JsonIgnore] public override string Method => MethodName;

    /// <inheritdoc/>
    [JsonIgnore] public override string Title => "Bottleneck adapters";

    /// <inheritdoc/>
    [JsonIgnore] public override string Sentence => "Puts small trained bottleneck networks between the frozen blocks of each transformer layer.";

    /// <inheritdoc/>
    [JsonIgnore] public override IReadOnlyList<LayerPlace> Places => Kind switch
    {
        AdapterKind.Houlsby => [LayerPlace.AfterAttention, LayerPlace.AfterFeedForward],
        AdapterKind.Pfeiffer => [LayerPlace.AfterFeedForwardSum],
        AdapterKind.Parallel => [LayerPlace.BesideFeedForward],
        AdapterKind.AttnAdapter => [LayerPlace.LayerEnd],
        _ => throw new InvalidOperationException($"Unknown kind {Kind}."),
    };

    /// <inheritdoc/>
    [JsonIgnore] public override string? WhyNotMergeable => "its non-linear modules cannot become part of a linear layer's weight";

    /// <summary>Where the bottlenecks are.</summary>
    [PeftSetting("Where the bottlenecks are: two a layer (houlsby), one after the feed-forward block (pfeiffer), one beside it (parallel), or one at the layer's end (attn-adapter).")]
    public AdapterKind Kind { get; init; } = AdapterKind.Houlsby;

    /// <summary>Width of the bottleneck; <see cref="ReductionFactor"/> goes before it.</summary>
    [PeftSetting("Width of the bottleneck.", Min = 1, Max = 4096)]
    public int BottleneckSize { get; init; } = 16;

    /// <summary>Hidden size divided by the width of the bottleneck; null takes <see cref="BottleneckSize"/>.</summary>
    [PeftSetting("Hidden size divided by the bottleneck's width; when given, it goes before the width.", Min = 0, AboveMin = true, Advanced = true)]
    public double? ReductionFactor { get; init; }

    /// <summary>Non-linearity between the two projections.</summary>
    [PeftSetting("Non-linearity between the two projections.", Choices = ["relu", "gelu", "gelu_new", "silu", "swish", "tanh", "leakyrelu"])]
    public string Activation { get; init; } = "relu";

    /// <summary>Dropout on the input of the down-projection while training, 0 to below 1.</summary>
    [PeftSetting("Dropout on the bottleneck's input while training.", Min = 0, Max = 1, BelowMax = true)]
    public double Dropout { get; init; } = 0.05;

    /// <summary>Factor on the adapter's output.</summary>
    [PeftSetting("Factor on the bottleneck's output (He et al. use 4 for parallel adapters).")]
    public double Scale { get; init; } = 1;

    /// <summary>A trained layer norm on the bottleneck's input; the attention adapter always has it.</summary>
    [PeftSetting("A trained layer norm on the bottleneck's input; the attention adapter always has it.", Advanced = true)]
    public bool LayerNorm { get; init; }

    /// <summary>How new bottlenecks start.</summary>
    [PeftSetting("How new bottlenecks start: giving exactly zero, or near zero as in Houlsby et al.", Label = "Initialisation", Advanced = true)]
    public AdapterInit Init { get; init; } = AdapterInit.Zero;

    /// <inheritdoc/>
    protected override string? Conflict() =>
        Kind == AdapterKind.AttnAdapter && LayerNorm ? "peft.layerNorm does not belong to the kind attn-adapter, which has its own layer norm; leave it out." : null;

    /// <summary>Width of the bottleneck for a hidden size.</summary>
    /// <param name="hiddenSize">H.</param>
    internal int SizeFor(int hiddenSize) => ReductionFactor is { } factor ? Math.Max(1, (int)(hiddenSize / factor)) : BottleneckSize;

    /// <inheritdoc/>
    internal override void Inject(SequenceClassifier classifier, IWeightSource weights)
    {
        var paths = LayerPaths.Of(classifier);
        foreach (var (layer, path) in classifier.Backbone.Layers.Zip(paths))
        {
            var scope = new WeightScope(weights, $"{path}.{TransformerLayer.AdapterName}");
            layer.Attach(Kind switch
            {
                AdapterKind.Houlsby => new HoulsbyAdapter(scope, layer.HiddenSize, this),
                AdapterKind.Pfeiffer => new PfeifferAdapter(scope, layer.HiddenSize, this),
                AdapterKind.Parallel => new ParallelAdapter(scope, layer.HiddenSize, this),
                AdapterKind.AttnAdapter => new AttentionAdapter(scope, layer.HiddenSize, this),
                _ => throw new InvalidOperationException($"Unknown kind {Kind}."),
            });
        }
    }

    /// <inheritdoc/>
    internal override Func<string, bool> Trained(SequenceClassifier classifier) => name => name.Contains($".{TransformerLayer.AdapterName}.", StringComparison.Ordinal);

    /// <summary>Keys start at the backbone and leave out our level of names: <c>encoder.layers.0.attention.down.weight</c>.</summary>
    internal override string FileKey(string name, SequenceClassifier classifier)
    {
        var prefix = classifier.BackboneName + ".";
        var key = name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
        return key.Replace($".{TransformerLayer.AdapterName}.", ".", StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    internal override JsonObject ToFile(PeftModel model) => AdapterFile.Write(this, model.Classifier.Backbone.Layers[0].HiddenSize);

    /// <inheritdoc/>
    internal override PeftConfig? FromFile(AdapterConfigJson file) => AdapterFile.Read(file);
}

/// <summary>Where bottlenecks are in a transformer layer.</summary>
public enum AdapterKind
{
    /// <summary>After the attention block and after the feed-forward block, each inside its residual (Houlsby et al. 2019).</summary>
    Houlsby,

    /// <summary>After the feed-forward block's residual sum (Pfeiffer et al. 2021).</summary>
    Pfeiffer,

    /// <summary>Beside the feed-forward block (He et al. 2022).</summary>
    Parallel,

    /// <summary>At the end of the layer, with a layer norm: the attention adapter of Hugging Face's Wav2Vec2 (MMS, Pratap et al. 2023).</summary>
    [JsonStringEnumMemberName("attn-adapter")] AttnAdapter,
}

/// <summary>How new bottlenecks start.</summary>
public enum AdapterInit
{
    /// <summary>Down Kaiming-uniform, up zero: a new adapter changes nothing (He et al. 2022).</summary>
    Zero,

    /// <summary>Both normal with standard deviation 0.02, biases zero (AdapterHub's "bert").</summary>
    Bert,
}

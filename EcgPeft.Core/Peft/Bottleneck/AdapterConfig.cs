using System.Text.Json.Serialization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;

namespace EcgPeft.Core.Peft.Bottleneck;

/// <summary>
/// Bottleneck adapters of Houlsby et al. 2019: x + scale up(act(down(x))), one after attention and one after the feed-forward
/// block of each transformer layer.
/// </summary>
public sealed record AdapterConfig : PeftConfig
{
    /// <summary>The name in recipes.</summary>
    public const string MethodName = "adapter";

    /// <inheritdoc/>
    [JsonIgnore] public override string Method => MethodName;

    /// <summary>Width of the bottleneck.</summary>
    public int BottleneckSize { get; init; } = 16;

    /// <summary>Non-linearity between the two projections.</summary>
    public string Activation { get; init; } = "relu";

    /// <summary>Dropout on the input of the down-projection while training, 0 to below 1.</summary>
    public double Dropout { get; init; } = 0.05;

    /// <summary>Factor on the adapter's output.</summary>
    public double Scale { get; init; } = 1;

    /// <inheritdoc/>
    public override string? Problem() =>
        BottleneckSize < 1 ? $"peft.bottleneckSize is {BottleneckSize}; it must be at least 1."
        : Dropout is not (>= 0 and < 1) ? $"peft.dropout is {Dropout}; it must be at least 0 and below 1."
        : !double.IsFinite(Scale) ? "peft.scale must be a finite number."
        : null;

    /// <inheritdoc/>
    internal override void Inject(SequenceClassifier classifier, IWeightSource weights)
    {
        var layers = classifier.Backbone.Layers;
        var layerPath = LayerPath(classifier);
        for (var i = 0; i < layers.Count; i++)
        {
            var scope = new WeightScope(weights, $"{layerPath}.{i}.{TransformerLayer.AdapterName}");
            layers[i].Attach(new HoulsbyAdapter(scope, layers[i].HiddenSize, this));
        }
    }

    /// <inheritdoc/>
    internal override bool Owns(string name) => name.Contains($".{TransformerLayer.AdapterName}.", StringComparison.Ordinal);

    /// <summary>Keys start at the backbone and leave out our level of names: <c>encoder.layers.0.attention.down.weight</c>.</summary>
    internal override string FileKey(string name, string backboneName)
    {
        var key = name.StartsWith(backboneName + ".", StringComparison.Ordinal) ? name[(backboneName.Length + 1)..] : name;
        return key.Replace($".{TransformerLayer.AdapterName}.", ".", StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    internal override object AdapterConfigFile(SequenceClassifier classifier, string baseModel) => HoulsbyAdapterFile.Of(this, [.. classifier.Head.Modules.Select(m => m.Name)], baseModel);

    private static string LayerPath(SequenceClassifier classifier)
    {
        var first = classifier.named_modules().First(m => ReferenceEquals(m.module, classifier.Backbone.Layers[0])).name;
        return first[..first.LastIndexOf('.')];
    }
}

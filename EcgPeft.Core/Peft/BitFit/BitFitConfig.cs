using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft.Files;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Peft.Targets;

namespace EcgPeft.Core.Peft.BitFit;

/// <summary>BitFit (Ben Zaken et al. 2022): only biases are trained.</summary>
public sealed record BitFitConfig : PeftConfig
{
    /// <summary>The name in recipes.</summary>
    public const string MethodName = "bitfit";

    private const string FileType = "BITFIT";

    /// <inheritdoc/>
    [JsonIgnore] public override string Method => MethodName;

    /// <inheritdoc/>
    [JsonIgnore] public override string Title => "BitFit";

    /// <inheritdoc/>
    [JsonIgnore] public override string Sentence => "Trains the backbone's biases and leaves every weight as it is.";

    /// <inheritdoc/>
    [JsonIgnore] public override IReadOnlyList<LayerPlace> Places => Scope == BitFitScope.Backbone ? [LayerPlace.Biases, LayerPlace.BeforeLayers] : [LayerPlace.Biases];

    /// <summary>Whose biases are trained.</summary>
    [PeftSetting("Whose biases: of the transformer layers, or of the whole backbone, for which nothing can be computed once and kept.")]
    public BitFitScope Scope { get; init; } = BitFitScope.Transformer;

    /// <inheritdoc/>
    internal override void Inject(SequenceClassifier classifier, IWeightSource weights)
    {
    }

    /// <inheritdoc/>
    internal override Func<string, bool> Trained(SequenceClassifier classifier)
    {
        var starts = Scope == BitFitScope.Backbone ? [classifier.BackboneName + "."] : LayerPaths.Of(classifier).Select(path => path + ".").ToArray();
        return name => name.EndsWith(".bias", StringComparison.Ordinal) && starts.Any(start => name.StartsWith(start, StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    internal override JsonObject ToFile(PeftModel model) => new() { ["peft_type"] = FileType, ["scope"] = JsonSerializer.SerializeToNode(Scope, ProductJson.Line) };

    /// <inheritdoc/>
    internal override PeftConfig? FromFile(AdapterConfigJson file) =>
        file.Type != FileType ? null : new BitFitConfig { Scope = file.Text("scope", "transformer") == "backbone" ? BitFitScope.Backbone : BitFitScope.Transformer };
}

/// <summary>Whose biases BitFit trains.</summary>
public enum BitFitScope
{
    /// <summary>The transformer layers': linear layers and norms.</summary>
    Transformer,

    /// <summary>The whole backbone's, convolutions and feature projection included.</summary>
    Backbone,
}

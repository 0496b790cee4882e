using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft.Files;
using EcgPeft.Core.Peft.Settings;

namespace EcgPeft.Core.Peft.FullFineTuning;

/// <summary>Full fine-tuning: every parameter of the backbone is trained. The upper yardstick of a comparison.</summary>
public sealed record FullConfig : PeftConfig
{
    /// <summary>The name in recipes.</summary>
    public const string MethodName = "full";

    private const string FileType = "FULL";

    /// <inheritdoc/>
    [JsonIgnore] public override string Method => MethodName;

    /// <inheritdoc/>
    [JsonIgnore] public override string Title => "Full fine-tuning";

    /// <inheritdoc/>
    [JsonIgnore] public override string Sentence => "Trains every parameter of the backbone: the most costly yardstick, for which nothing can be computed once and kept.";

    /// <inheritdoc/>
    [JsonIgnore] public override IReadOnlyList<LayerPlace> Places => [LayerPlace.WholeLayer, LayerPlace.BeforeLayers];

    /// <summary>Leaves the convolutional encoder frozen, as the speech models' authors do in fine-tuning (Baevski et al. 2020, section 4.3).</summary>
    [PeftSetting("Leaves the convolutional encoder frozen, as the speech models' authors do in fine-tuning.", Label = "Freeze the convolutions")]
    public bool FreezeFeatureExtractor { get; init; }

    /// <inheritdoc/>
    protected override string? Conflict() => ModulesToSave is { Count: > 0 } ? "peft.modulesToSave does not belong to full fine-tuning, which trains and saves every module; leave it out." : null;

    /// <inheritdoc/>
    internal override void Inject(SequenceClassifier classifier, IWeightSource weights)
    {
    }

    /// <inheritdoc/>
    internal override Func<string, bool> Trained(SequenceClassifier classifier)
    {
        var (all, convolutions) = ($"{classifier.BackboneName}.", $"{classifier.BackboneName}.feature_extractor.");
        return name => name.StartsWith(all, StringComparison.Ordinal) && !(FreezeFeatureExtractor && name.StartsWith(convolutions, StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    internal override JsonObject ToFile(PeftModel model) => new() { ["peft_type"] = FileType, ["freeze_feature_extractor"] = FreezeFeatureExtractor };

    /// <inheritdoc/>
    internal override PeftConfig? FromFile(AdapterConfigJson file) =>
        file.Type == FileType ? new FullConfig { FreezeFeatureExtractor = file.Flag("freeze_feature_extractor", false) } : null;
}

using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft.Files;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Peft.Targets;

namespace EcgPeft.Core.Peft.Ia3;

/// <summary>(IA)^3 (Liu et al. 2022): a trained vector scales the outputs of keys and values and the inner activations of the feed-forward block.</summary>
public sealed record Ia3Config : PeftConfig
{
    /// <summary>The name in recipes.</summary>
    public const string MethodName = "ia3";

    private const string FileType = "IA3";
    private static readonly ModuleTargets KeysValuesAndFeedForward = ["k_proj", "v_proj", "feed_forward_out"];
    private static readonly ModuleTargets FeedForward = ["feed_forward_out"];

    /// <inheritdoc/>
    [JsonIgnore] public override string Method => MethodName;

    /// <inheritdoc/>
    [JsonIgnore] public override string Title => "IA3";

    /// <inheritdoc/>
    [JsonIgnore] public override string Sentence => "Trains one factor for each key, value and inner feed-forward channel, and nothing else in the backbone.";

    /// <inheritdoc/>
    [JsonIgnore] public override IReadOnlyList<LayerPlace> Places => TargetPlaces.Of(TargetModules ?? KeysValuesAndFeedForward);

    /// <summary>Which linear modules are scaled; as LoRA's. Null stands for keys, values and the second feed-forward layer.</summary>
    [PeftSetting("Which linear layers are scaled: names, one regular expression, or all-linear.")]
    public ModuleTargets? TargetModules { get; init; }

    /// <summary>Those of them whose input is scaled instead of their output. Null stands for the second feed-forward layer where it is a target.</summary>
    [PeftSetting("Those of them whose input is scaled instead of their output.", Label = "Feed-forward modules", Advanced = true)]
    public ModuleTargets? FeedforwardModules { get; init; }

    /// <inheritdoc/>
    internal override void Inject(SequenceClassifier classifier, IWeightSource weights)
    {
        var targets = TargetSelection.Find(classifier, TargetModules ?? KeysValuesAndFeedForward);
        var inputs = FeedforwardModules is { Names.Count: 0 } ? [] : TargetSelection.Find(classifier, FeedforwardModules ?? FeedForward, "feedforwardModules");
        if (FeedforwardModules is not null && inputs.FirstOrDefault(i => !targets.Contains(i)) is { } stray)
            throw new UserInputException($"peft.feedforwardModules names {stray.Path}, which is not among peft.targetModules; name it there as well.");
        foreach (var target in targets)
            target.Projection.Attach(new Ia3Update(new WeightScope(weights, target.Path), target.Projection, inputs.Contains(target)));
    }

    /// <inheritdoc/>
    internal override Func<string, bool> Trained(SequenceClassifier classifier) => name => name.EndsWith("." + Ia3Update.ParameterName, StringComparison.Ordinal);

    /// <inheritdoc/>
    internal override JsonObject ToFile(PeftModel model)
    {
        var targets = model.Classifier.BackboneProjections().Where(p => p.Projection.Update is Ia3Update).Select(p => (Target: new Target(p.Path, p.Projection), Update: (Ia3Update)p.Projection.Update!)).ToList();
        List<Target> inputs = [.. targets.Where(t => t.Update.ScalesInput).Select(t => t.Target)];
        return new JsonObject
        {
            ["peft_type"] = FileType,
            ["target_modules"] = TargetsJson.Write(TargetModules ?? KeysValuesAndFeedForward, [.. targets.Select(t => t.Target)]),
            ["feedforward_modules"] = inputs.Count == 0 ? new JsonArray() : TargetsJson.Write(FeedforwardModules ?? FeedForward, inputs),
            ["fan_in_fan_out"] = false,
            ["init_ia3_weights"] = true,
        };
    }

    /// <inheritdoc/>
    internal override PeftConfig? FromFile(AdapterConfigJson file)
    {
        if (file.Type != FileType) return null;
        file.Refuse(Title, "exclude_modules");
        return new Ia3Config
        {
            TargetModules = TargetsJson.Read(file),
            FeedforwardModules = file.Read<ModuleTargets>("feedforward_modules") ?? [],
        };
    }
}

using System.Text.Json.Serialization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;

namespace EcgPeft.Core.Peft.Lora;

/// <summary>Low-rank adaptation (Hu et al. 2021): y = W x + (alpha / r) B A x, W frozen, A and B trained.</summary>
public sealed record LoraConfig : PeftConfig
{
    /// <summary>The name in recipes.</summary>
    public const string MethodName = "lora";

    private static readonly string[] AttentionProjections = ["q_proj", "k_proj", "v_proj", "out_proj"];

    /// <inheritdoc/>
    [JsonIgnore] public override string Method => MethodName;

    /// <summary>Rank r of the update.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Scale: the update is multiplied by alpha / r.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Dropout on the input of A while training, 0 to below 1.</summary>
    public double Dropout { get; init; } = 0.05;

    /// <summary>
    /// Which linear modules get an update: a module matches when its path is one of these or ends in "." and one of these, as
    /// in the PEFT library. Null stands for the four attention projections.
    /// </summary>
    public IReadOnlyList<string>? TargetModules { get; init; }

    /// <inheritdoc/>
    public override string? Problem() =>
        Rank < 1 ? $"peft.rank is {Rank}; it must be at least 1."
        : !(Alpha > 0 && double.IsFinite(Alpha)) ? $"peft.alpha is {Alpha}; it must be above 0."
        : Dropout is not (>= 0 and < 1) ? $"peft.dropout is {Dropout}; it must be at least 0 and below 1."
        : TargetModules is { Count: 0 } ? "peft.targetModules is empty; name at least one module or leave it out."
        : null;

    /// <inheritdoc/>
    internal override void Inject(SequenceClassifier classifier, IWeightSource weights)
    {
        var targets = TargetModules ?? AttentionProjections;
        var projections = classifier.BackboneProjections().ToList();
        foreach (var target in targets)
            if (!projections.Any(p => Matches(p.Path, target)))
                throw new UserInputException($"peft.targetModules names '{target}', but the backbone has no such linear layer; it has {string.Join(", ", projections.Select(p => p.Path.Split('.')[^1]).Distinct())}.");
        foreach (var (path, projection) in projections)
            if (targets.Any(target => Matches(path, target)))
                projection.Attach(new LoraUpdate(new WeightScope(weights, path), projection, Rank, Alpha, Dropout));
    }

    /// <inheritdoc/>
    internal override bool Owns(string name) => name.EndsWith(".lora_A.weight", StringComparison.Ordinal) || name.EndsWith(".lora_B.weight", StringComparison.Ordinal);

    /// <inheritdoc/>
    internal override string FileKey(string name, string backboneName) => $"base_model.model.{name}";

    /// <inheritdoc/>
    internal override object AdapterConfigFile(SequenceClassifier classifier, string baseModel) =>
        LoraAdapterFile.Of(this, TargetModules ?? AttentionProjections, [.. classifier.Head.Modules.Select(m => m.Name)], baseModel);

    private static bool Matches(string path, string target) => path == target || path.EndsWith("." + target, StringComparison.Ordinal);
}

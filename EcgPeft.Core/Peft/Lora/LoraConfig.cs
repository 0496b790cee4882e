using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft.Files;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Peft.Targets;
using TorchSharp;

namespace EcgPeft.Core.Peft.Lora;

/// <summary>Low-rank adaptation (Hu et al. 2021): y = W x + (alpha / r) B A x, W frozen, A and B trained.</summary>
public sealed record LoraConfig : PeftConfig
{
    /// <summary>The name in recipes.</summary>
    public const string MethodName = "lora";

    /// <summary>The four attention projections.</summary>
    internal static readonly ModuleTargets AttentionProjections = ["q_proj", "k_proj", "v_proj", "out_proj"];

    /// <inheritdoc/>
    [JsonIgnore] public override string Method => MethodName;

    /// <inheritdoc/>
    [JsonIgnore] public override string Title => UseDora ? "DoRA" : "LoRA";

    /// <inheritdoc/>
    [JsonIgnore] public override string Sentence => "Adds a trained product of two thin matrices to chosen linear layers, whose own weights stay frozen.";

    /// <inheritdoc/>
    [JsonIgnore] public override IReadOnlyList<LayerPlace> Places => TargetPlaces.Of(TargetModules ?? AttentionProjections);

    /// <summary>Rank r of the update.</summary>
    [PeftSetting("Rank r of the update: more means more trained parameters.", Min = 1, Max = 1024)]
    public int Rank { get; init; } = 8;

    /// <summary>Scale: the update is multiplied by alpha / r, with rsLoRA by alpha / sqrt(r).</summary>
    [PeftSetting("Strength of the update, which is multiplied by alpha / r.", Min = 0, AboveMin = true)]
    public double Alpha { get; init; } = 16;

    /// <summary>Dropout on the input of A while training, 0 to below 1.</summary>
    [PeftSetting("Dropout on the update's input while training.", Min = 0, Max = 1, BelowMax = true)]
    public double Dropout { get; init; } = 0.05;

    /// <summary>
    /// Which linear modules get an update, as in the PEFT library: a list of names, ends of paths or roles
    /// (<see cref="ModuleRoles"/>), or one text: a regular expression for the whole path, or <c>all-linear</c>. Null stands for
    /// the four attention projections.
    /// </summary>
    [PeftSetting("Which linear layers get an update: names, one regular expression, or all-linear.")]
    public ModuleTargets? TargetModules { get; init; }

    /// <summary>Which biases are trained as well.</summary>
    [PeftSetting("Which biases are trained as well.", Label = "Trained biases", Advanced = true)]
    public LoraBias Bias { get; init; } = LoraBias.None;

    /// <summary>Rank-stabilised scale alpha / sqrt(r) (Kalajdzievski 2023).</summary>
    [PeftSetting("Rank-stabilised LoRA: the update is multiplied by alpha / sqrt(r), which keeps its size at high ranks.", Label = "rsLoRA")]
    public bool UseRslora { get; init; }

    /// <summary>Weight-decomposed adaptation (Liu et al. 2024): the magnitude of each output is trained apart from its direction.</summary>
    [PeftSetting("DoRA: trains the magnitude of each output apart from its direction.", Label = "DoRA")]
    public bool UseDora { get; init; }

    /// <summary>How A and B start.</summary>
    [PeftSetting("How the update starts: at zero (kaiming, gaussian) or as the weight's main part, which is then taken out of the frozen weight (pissa, olora).", Label = "Initialisation")]
    public LoraInit Init { get; init; } = LoraInit.Kaiming;

    /// <summary>Only these transformer layers, counted from 0; null means all.</summary>
    [PeftSetting("Only these transformer layers, counted from 0; empty means all.", Advanced = true)]
    public IReadOnlyList<int>? LayersToTransform { get; init; }

    /// <summary>Other ranks for modules whose path ends with, or matches, a key; null means none.</summary>
    [PeftSetting("Another rank for each module whose path matches a name.", Advanced = true)]
    public IReadOnlyDictionary<string, int>? RankPattern { get; init; }

    /// <summary>Other alphas for modules whose path ends with, or matches, a key; null means none.</summary>
    [PeftSetting("Another alpha for each module whose path matches a name.", Advanced = true)]
    public IReadOnlyDictionary<string, double>? AlphaPattern { get; init; }

    /// <summary>Modules that a file excludes from the targets (<c>exclude_modules</c>), or null.</summary>
    [JsonIgnore] internal ModuleTargets? Excluded { get; init; }

    /// <summary>A file's <c>init_lora_weights</c> that has no counterpart here and no bearing on a trained adapter, or null.</summary>
    [JsonIgnore] internal JsonNode? ForeignInit { get; init; }

    /// <inheritdoc/>
    protected override string? Conflict() =>
        TargetModules is { Names.Count: 0 } ? "peft.targetModules is empty; name at least one module or leave it out."
        : RankPattern?.FirstOrDefault(p => p.Value < 1) is { Key: { } rank } ? $"peft.rankPattern gives '{rank}' a rank below 1; it must be at least 1."
        : AlphaPattern?.FirstOrDefault(p => !(p.Value > 0)) is { Key: { } alpha } ? $"peft.alphaPattern gives '{alpha}' an alpha that is not above 0."
        : null;

    /// <inheritdoc/>
    internal override void Inject(SequenceClassifier classifier, IWeightSource weights)
    {
        foreach (var (path, projection) in TargetSelection.Find(classifier, TargetModules ?? AttentionProjections, layers: LayersToTransform))
        {
            if (Excluded is not null && TargetSelection.Matches(Excluded, path)) continue;
            var shape = ShapeOf(path);
            if (Init is LoraInit.Pissa or LoraInit.Olora && shape.Rank > Math.Min(projection.InFeatures, projection.OutFeatures))
                throw new UserInputException($"peft.rank is {shape.Rank}, but {path} is {projection.OutFeatures} x {projection.InFeatures}, and {Title} with peft.init {Init.ToString().ToLowerInvariant()} needs a rank no larger than both.");
            projection.Attach(new LoraUpdate(new WeightScope(weights, path), projection, shape));
        }
    }

    /// <inheritdoc/>
    internal override Func<string, bool> Trained(SequenceClassifier classifier)
    {
        static bool IsOwn(string name) => name.EndsWith(".lora_A.weight", StringComparison.Ordinal) || name.EndsWith(".lora_B.weight", StringComparison.Ordinal) || name.EndsWith(".lora_magnitude_vector", StringComparison.Ordinal);
        var backbone = classifier.BackboneName + ".";
        var biases = Updated(classifier).Select(t => t.Path + ".bias").ToHashSet(StringComparer.Ordinal);
        return Bias switch
        {
            LoraBias.All => name => IsOwn(name) || (name.StartsWith(backbone, StringComparison.Ordinal) && name.EndsWith(".bias", StringComparison.Ordinal)),
            LoraBias.LoraOnly => name => IsOwn(name) || biases.Contains(name),
            _ => IsOwn,
        };
    }

    /// <inheritdoc/>
    internal override string FileKey(string name, SequenceClassifier classifier)
    {
        var targetBias = Bias != LoraBias.None && Updated(classifier).Any(t => t.Path + ".bias" == name);
        return AdapterKeys.BaseModel + (targetBias ? name[..^"bias".Length] + "base_layer.bias" : name);
    }

    /// <inheritdoc/>
    internal override JsonObject ToFile(PeftModel model) => LoraFile.Write(this, Updated(model.Classifier));

    /// <inheritdoc/>
    internal override PeftConfig? FromFile(AdapterConfigJson file) => file.Type == LoraFile.Type ? LoraFile.Read(file) : null;

    /// <summary>PiSSA and OLoRA change the frozen weight, so what is saved is a plain LoRA of twice the rank for the original one.</summary>
    internal override IEnumerable<KeyValuePair<string, torch.Tensor>> FileTensors(PeftModel model)
    {
        if (Init is not (LoraInit.Pissa or LoraInit.Olora)) return base.FileTensors(model);
        var converted = Updated(model.Classifier)
            .SelectMany(t => ((LoraUpdate)t.Projection.Update!).ForOriginalWeight().Select(p => (Name: $"{t.Path}.{p.Name}", p.Value)))
            .ToDictionary(p => p.Name, p => p.Value);
        return model.Trainable.Select(t => KeyValuePair.Create(t.FileKey, converted.GetValueOrDefault(t.Name) ?? t.Parameter));
    }

    private LoraShape ShapeOf(string path)
    {
        var rank = PathPattern.Find(RankPattern, path, Rank, "rankPattern");
        var alpha = PathPattern.Find(AlphaPattern, path, Alpha, "alphaPattern");
        return new LoraShape(rank, alpha / (UseRslora ? Math.Sqrt(rank) : rank), Dropout, Init, UseDora);
    }

    private static IReadOnlyList<Target> Updated(SequenceClassifier classifier) =>
        [.. classifier.BackboneProjections().Where(p => p.Projection.Update is LoraUpdate).Select(p => new Target(p.Path, p.Projection))];
}

/// <summary>Which biases LoRA trains.</summary>
public enum LoraBias
{
    /// <summary>None.</summary>
    None,

    /// <summary>All of the backbone.</summary>
    All,

    /// <summary>Those of the linear layers that have an update.</summary>
    [JsonStringEnumMemberName("lora_only")] LoraOnly,
}

/// <summary>How LoRA's matrices start.</summary>
public enum LoraInit
{
    /// <summary>A Kaiming-uniform as a linear layer, B zero.</summary>
    Kaiming,

    /// <summary>A normal with standard deviation 1 / r, B zero.</summary>
    Gaussian,

    /// <summary>The r largest singular values of the weight (Meng et al. 2024); the frozen weight keeps the rest.</summary>
    Pissa,

    /// <summary>The first r columns and rows of the weight's QR decomposition (Büyükakyüz 2024); the frozen weight keeps the rest.</summary>
    Olora,
}

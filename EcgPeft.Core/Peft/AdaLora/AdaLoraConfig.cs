using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft.Files;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Peft.Targets;
using TorchSharp;

namespace EcgPeft.Core.Peft.AdaLora;

/// <summary>
/// AdaLoRA (Zhang et al. 2023): the update is B diag(E) A, and while it trains, the least important triplets over all layers are
/// switched off until the budget of ranks is reached.
/// </summary>
public sealed record AdaLoraConfig : PeftConfig
{
    /// <summary>The name in recipes.</summary>
    public const string MethodName = "adalora";

    private const string FileType = "ADALORA";

    /// <inheritdoc/>
    [JsonIgnore] public override string Method => MethodName;

    /// <inheritdoc/>
    [JsonIgnore] public override string Title => "AdaLoRA";

    /// <inheritdoc/>
    [JsonIgnore] public override string Sentence => "LoRA that starts with more rank than it may keep and gives the budget to the layers where it matters.";

    /// <inheritdoc/>
    [JsonIgnore] public override IReadOnlyList<LayerPlace> Places => TargetPlaces.Of(TargetModules ?? LoraConfig.AttentionProjections);

    /// <summary>Rank of each update at the start.</summary>
    [PeftSetting("Rank of each update at the start.", Label = "Initial rank", Min = 1, Max = 1024)]
    public int InitRank { get; init; } = 12;

    /// <summary>Mean rank of the updates at the end.</summary>
    [PeftSetting("Mean rank of the updates at the end.", Min = 1, Max = 1024)]
    public int TargetRank { get; init; } = 8;

    /// <summary>Strength of the update, which is multiplied by alpha / (initial rank + 1e-5).</summary>
    [PeftSetting("Strength of the update, which is multiplied by alpha / initial rank.", Min = 0, AboveMin = true)]
    public double Alpha { get; init; } = 16;

    /// <summary>Dropout on the update's input while training, 0 to below 1.</summary>
    [PeftSetting("Dropout on the update's input while training.", Min = 0, Max = 1, BelowMax = true)]
    public double Dropout { get; init; } = 0.05;

    /// <summary>Which linear modules get an update, as LoRA's.</summary>
    [PeftSetting("Which linear layers get an update: names, one regular expression, or all-linear.")]
    public ModuleTargets? TargetModules { get; init; }

    /// <summary>Steps with the whole budget at the start; null takes a tenth of all steps.</summary>
    [PeftSetting("Steps with the whole budget at the start; empty takes a tenth of all steps.", Label = "Initial steps (tinit)", Min = 0, Advanced = true)]
    public int? Tinit { get; init; }

    /// <summary>Steps with the final budget at the end; null takes three tenths of all steps.</summary>
    [PeftSetting("Steps with the final budget at the end; empty takes three tenths of all steps.", Label = "Final steps (tfinal)", Min = 0, Advanced = true)]
    public int? Tfinal { get; init; }

    /// <summary>Triplets are switched off every so many steps.</summary>
    [PeftSetting("Triplets are switched off every so many steps.", Label = "Steps between cuts (deltaT)", Min = 1, Advanced = true)]
    public int DeltaT { get; init; } = 1;

    /// <summary>Smoothing of the sensitivity.</summary>
    [PeftSetting("Smoothing of the sensitivity.", Label = "Beta 1", Min = 0, Max = 1, AboveMin = true, BelowMax = true, Advanced = true)]
    public double Beta1 { get; init; } = 0.85;

    /// <summary>Smoothing of the sensitivity's uncertainty.</summary>
    [PeftSetting("Smoothing of the sensitivity's uncertainty.", Label = "Beta 2", Min = 0, Max = 1, AboveMin = true, BelowMax = true, Advanced = true)]
    public double Beta2 { get; init; } = 0.85;

    /// <summary>Weight of the penalty that keeps A and B orthogonal.</summary>
    [PeftSetting("Weight of the penalty that keeps A and B orthogonal.", Min = 0, AboveMin = true, Advanced = true)]
    public double OrthogonalWeight { get; init; } = 0.5;

    /// <summary>Steps of the training that is finished, as a saved adapter says; null for a new one.</summary>
    [JsonIgnore] internal long? TotalStep { get; init; }

    /// <summary>Kept triplets of each module of a saved adapter; null where all are.</summary>
    [JsonIgnore] internal IReadOnlyDictionary<string, bool[]>? Kept { get; init; }

    /// <inheritdoc/>
    protected override string? Conflict() =>
        TargetRank > InitRank ? $"peft.targetRank is {TargetRank}; it must be at most peft.initRank, which is {InitRank}."
        : TargetModules is { Names.Count: 0 } ? "peft.targetModules is empty; name at least one module or leave it out."
        : null;

    /// <inheritdoc/>
    internal override void Inject(SequenceClassifier classifier, IWeightSource weights)
    {
        foreach (var (path, projection) in TargetSelection.Find(classifier, TargetModules ?? LoraConfig.AttentionProjections))
        {
            var rank = Kept is not null && Kept.TryGetValue($"{path}.{AdaLoraUpdate.E}", out var kept) ? kept.Count(k => k) : InitRank;
            projection.Attach(new AdaLoraUpdate(new WeightScope(weights, path), projection, rank, Alpha / (InitRank + 1e-5), Dropout));
        }
    }

    /// <inheritdoc/>
    internal override Func<string, bool> Trained(SequenceClassifier classifier) => name => AdaLoraUpdate.Names.Any(own => name.EndsWith("." + own, StringComparison.Ordinal));

    /// <inheritdoc/>
    internal override JsonObject ToFile(PeftModel model)
    {
        var updated = Updated(model.Classifier);
        var schedule = BudgetSchedule.Of(this, updated.Count, Math.Max(1, TotalStep ?? 1));
        var json = new JsonObject
        {
            ["peft_type"] = FileType,
            ["r"] = 8,
            ["init_r"] = InitRank,
            ["target_r"] = TargetRank,
            ["lora_alpha"] = Alpha,
            ["lora_dropout"] = Dropout,
            ["target_modules"] = TargetsJson.Write(TargetModules ?? LoraConfig.AttentionProjections, [.. updated.Select(t => t.Target)]),
            ["tinit"] = schedule.Tinit,
            ["tfinal"] = schedule.Tfinal,
            ["deltaT"] = DeltaT,
            ["beta1"] = Beta1,
            ["beta2"] = Beta2,
            ["orth_reg_weight"] = OrthogonalWeight,
            ["total_step"] = schedule.TotalStep,
            ["bias"] = "none",
            ["fan_in_fan_out"] = false,
            ["init_lora_weights"] = true,
            ["layers_to_transform"] = null,
            ["layers_pattern"] = null,
            ["rank_pattern"] = null,
        };
        if (KeptTriplets(updated) is { } kept)
            json["rank_pattern"] = new JsonObject(kept.Select(k => KeyValuePair.Create<string, JsonNode?>($"{k.Key}.{AdaLoraUpdate.E}", new JsonArray([.. k.Value.Select(v => (JsonNode)v)]))));
        return json;
    }

    /// <inheritdoc/>
    [JsonIgnore] public override bool AdapterShrinks => true;

    /// <summary>Triplets that are switched off are left out of the file, as the library does.</summary>
    internal override IEnumerable<KeyValuePair<string, torch.Tensor>> FileTensors(PeftModel model)
    {
        var updated = Updated(model.Classifier);
        if (Kept is not null || KeptTriplets(updated) is not { } kept) return base.FileTensors(model);
        var small = updated
            .SelectMany(t => t.Update.Of(kept[t.Target.Path]).Select(p => (Name: $"{t.Target.Path}.{p.Name}", p.Value)))
            .ToDictionary(p => p.Name, p => p.Value);
        return model.Trainable.Select(t => KeyValuePair.Create(t.FileKey, small.GetValueOrDefault(t.Name) ?? t.Parameter));
    }

    /// <inheritdoc/>
    internal override PeftConfig? FromFile(AdapterConfigJson file)
    {
        if (file.Type != FileType) return null;
        file.Refuse(Title, "bias", "exclude_modules", "layers_to_transform", "use_dora", "lora_bias", "layer_replication", "target_parameters");
        return Settings(file);
    }

    private static AdaLoraConfig Settings(AdapterConfigJson file) => new()
    {
        InitRank = file.Whole("init_r", 12),
        TargetRank = file.Whole("target_r", 8),
        Alpha = file.Number("lora_alpha", 8),
        Dropout = file.Number("lora_dropout", 0),
        TargetModules = TargetsJson.Read(file),
        Tinit = file.Whole("tinit", 0),
        Tfinal = file.Whole("tfinal", 0),
        DeltaT = file.Whole("deltaT", 1),
        Beta1 = file.Number("beta1", 0.85),
        Beta2 = file.Number("beta2", 0.85),
        OrthogonalWeight = file.Number("orth_reg_weight", 0.5),
        TotalStep = file.Has("total_step") ? file.Whole("total_step") : null,
        Kept = file.Read<Dictionary<string, bool[]>>("rank_pattern") is { Count: > 0 } kept ? kept.ToDictionary(k => PlainName(k.Key), k => k.Value) : null,
    };

    /// <inheritdoc/>
    internal override ITrainingHook Hook(PeftModel model, long totalSteps)
    {
        var updated = Updated(model.Classifier);
        var schedule = BudgetSchedule.Of(this, updated.Count, totalSteps);
        model.Config = this with { Tinit = (int)schedule.Tinit, Tfinal = (int)schedule.Tfinal, TotalStep = totalSteps };
        return new RankAllocator(this, schedule, [.. updated.Select(t => (t.Target.Path, t.Update))]);
    }

    /// <summary>Which triplets of each module are not zero; null where all are kept, or all are zero as in a new adapter.</summary>
    private Dictionary<string, bool[]>? KeptTriplets(List<(Target Target, AdaLoraUpdate Update)> updated)
    {
        if (updated[0].Update.Singular.device_type == DeviceType.META) return null;
        if (Kept is not null) return updated.ToDictionary(t => t.Target.Path, t => Kept.GetValueOrDefault($"{t.Target.Path}.{AdaLoraUpdate.E}") ?? [.. Enumerable.Repeat(true, InitRank)]);
        var kept = updated.ToDictionary(t => t.Target.Path, t => t.Update.NonZero());
        return kept.Values.All(k => k.All(v => v)) || kept.Values.All(k => k.All(v => !v)) ? null : kept;
    }

    /// <summary>The library's names with its wrapper's and its adapter's name taken off.</summary>
    private static string PlainName(string name)
    {
        if (name.StartsWith(AdapterKeys.BaseModel, StringComparison.Ordinal)) name = name[AdapterKeys.BaseModel.Length..];
        return name.EndsWith(".default", StringComparison.Ordinal) ? name[..^".default".Length] : name;
    }

    private static List<(Target Target, AdaLoraUpdate Update)> Updated(SequenceClassifier classifier) =>
        [.. classifier.BackboneProjections().Where(p => p.Projection.Update is AdaLoraUpdate).Select(p => (new Target(p.Path, p.Projection), (AdaLoraUpdate)p.Projection.Update!))];
}

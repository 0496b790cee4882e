using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core.Peft.Files;
using EcgPeft.Core.Peft.Targets;

namespace EcgPeft.Core.Peft.Lora;

/// <summary>LoRA's part of <c>adapter_config.json</c>, as the PEFT library writes and reads it.</summary>
internal static class LoraFile
{
    /// <summary>Value of <c>peft_type</c>.</summary>
    public const string Type = "LORA";

    /// <summary>Starts of later versions of the library that leave the frozen weight as it is, so that a trained adapter is an ordinary LoRA.</summary>
    private static readonly string[] HarmlessInits = ["eva", "orthogonal"];

    /// <summary>Keys of later versions of the library that change what an adapter computes.</summary>
    private static readonly string[] Unsupported = ["lora_bias", "layer_replication", "target_parameters", "trainable_token_indices", "use_qalora", "alora_invocation_tokens", "arrow_config", "use_bdlora"];

    /// <summary>What stands in the file. Keys of later versions of the library are there only when they say something.</summary>
    /// <param name="config">Settings.</param>
    /// <param name="targets">The modules that have an update.</param>
    public static JsonObject Write(LoraConfig config, IReadOnlyList<Target> targets)
    {
        // PiSSA and OLoRA are saved as a LoRA of twice the rank and the same scale.
        var converted = config.Init is LoraInit.Pissa or LoraInit.Olora;
        var (times, alphaTimes) = !converted ? (1, 1) : config.UseRslora ? (2, Math.Sqrt(2)) : (2, 2);
        var json = new JsonObject
        {
            ["peft_type"] = Type,
            ["r"] = config.Rank * times,
            ["lora_alpha"] = config.Alpha * alphaTimes,
            ["lora_dropout"] = config.Dropout,
            ["target_modules"] = TargetsJson.Write(config.TargetModules ?? LoraConfig.AttentionProjections, targets),
            ["bias"] = JsonSerializer.SerializeToNode(config.Bias, ProductJson.Line),
            ["fan_in_fan_out"] = false,
            ["init_lora_weights"] = config.ForeignInit?.DeepClone() ?? (config.Init == LoraInit.Gaussian ? "gaussian" : true),
            ["layers_to_transform"] = JsonSerializer.SerializeToNode(config.LayersToTransform, ProductJson.Line),
            ["layers_pattern"] = null,
        };
        if (config.UseRslora) json["use_rslora"] = true;
        if (config.UseDora) json["use_dora"] = true;
        if (config.RankPattern is { } ranks) json["rank_pattern"] = new JsonObject(ranks.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)(p.Value * times))));
        if (config.AlphaPattern is { } alphas) json["alpha_pattern"] = new JsonObject(alphas.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)(p.Value * alphaTimes))));
        return json;
    }

    /// <summary>Settings from the file.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="UserInputException">It asks for something that changes the outputs and is not known here.</exception>
    public static LoraConfig Read(AdapterConfigJson file)
    {
        file.Refuse("LoRA", Unsupported);
        return Settings(file);
    }

    private static LoraConfig Settings(AdapterConfigJson file) => new()
    {
        Rank = file.Whole("r", 8),
        Alpha = file.Number("lora_alpha", 8),
        Dropout = file.Number("lora_dropout", 0),
        TargetModules = TargetsJson.Read(file),
        Bias = file.Text("bias", "none") switch
        {
            "none" => LoraBias.None,
            "all" => LoraBias.All,
            "lora_only" => LoraBias.LoraOnly,
            var other => throw new UserInputException($"{file.FilePath}: bias is '{other}'; it must be none, all or lora_only."),
        },
        UseRslora = file.Flag("use_rslora", false),
        UseDora = file.Flag("use_dora", false),
        Init = InitOf(file),
        ForeignInit = IsForeign(file.Root["init_lora_weights"]) ? file.Root["init_lora_weights"] : null,
        Excluded = file.Read<ModuleTargets>("exclude_modules"),
        LayersToTransform = Layers(file),
        RankPattern = NullIfEmpty(file.Read<Dictionary<string, int>>("rank_pattern")),
        AlphaPattern = NullIfEmpty(file.Read<Dictionary<string, double>>("alpha_pattern")),
    };

    private static bool IsForeign(JsonNode? init) =>
        init is JsonValue value && ((value.TryGetValue<string>(out var name) && HarmlessInits.Contains(name)) || (value.TryGetValue<bool>(out var standard) && !standard));

    private static LoraInit InitOf(AdapterConfigJson file)
    {
        if (file.Root["init_lora_weights"] is not JsonValue value || !value.TryGetValue<string>(out var name)) return LoraInit.Kaiming;
        return name switch
        {
            "gaussian" => LoraInit.Gaussian,
            "pissa" => LoraInit.Pissa,
            "olora" => LoraInit.Olora,
            _ when HarmlessInits.Contains(name) => LoraInit.Kaiming,
            _ => throw new UserInputException($"{file.FilePath}: init_lora_weights is '{name}', and a saved adapter of that kind may change the frozen weight; convert it to a plain LoRA when saving it (path_initial_model_for_weight_conversion)."),
        };
    }

    private static int[]? Layers(AdapterConfigJson file) =>
        file.Root["layers_to_transform"] is JsonValue value && value.TryGetValue<int>(out var layer) ? [layer] : file.Read<int[]>("layers_to_transform");

    private static Dictionary<string, T>? NullIfEmpty<T>(Dictionary<string, T>? values) => values is { Count: > 0 } ? values : null;
}

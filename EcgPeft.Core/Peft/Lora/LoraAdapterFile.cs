using System.Text.Json.Serialization;

namespace EcgPeft.Core.Peft.Lora;

/// <summary><c>adapter_config.json</c> of a LoRA adapter, as the PEFT library writes and reads it.</summary>
public sealed record LoraAdapterFile
{
    /// <summary>Always <c>LORA</c>.</summary>
    [JsonPropertyName("peft_type")] public string PeftType { get; init; } = "LORA";

    /// <summary>Null: the classifier is loaded by the base model's own class, whose head lies in this file.</summary>
    [JsonPropertyName("task_type")] public string? TaskType { get; init; }

    /// <summary>Name or path of the base model.</summary>
    [JsonPropertyName("base_model_name_or_path")] public required string BaseModel { get; init; }

    /// <summary>Rank.</summary>
    [JsonPropertyName("r")] public required int Rank { get; init; }

    /// <summary>Alpha.</summary>
    [JsonPropertyName("lora_alpha")] public required double Alpha { get; init; }

    /// <summary>Dropout while training.</summary>
    [JsonPropertyName("lora_dropout")] public required double Dropout { get; init; }

    /// <summary>Suffixes of the modules that have an update.</summary>
    [JsonPropertyName("target_modules")] public required IReadOnlyList<string> TargetModules { get; init; }

    /// <summary>Modules whose full weights lie in the file: the head.</summary>
    [JsonPropertyName("modules_to_save")] public required IReadOnlyList<string> ModulesToSave { get; init; }

    /// <summary>No biases are trained.</summary>
    [JsonPropertyName("bias")] public string Bias { get; init; } = "none";

    /// <summary>Weights are stored [out, in].</summary>
    [JsonPropertyName("fan_in_fan_out")] public bool FanInFanOut { get; init; }

    /// <summary>The adapter is for use, not for going on with training.</summary>
    [JsonPropertyName("inference_mode")] public bool InferenceMode { get; init; } = true;

    /// <summary>Kaiming-uniform A, zero B.</summary>
    [JsonPropertyName("init_lora_weights")] public bool InitLoraWeights { get; init; } = true;

    /// <summary>All layers.</summary>
    [JsonPropertyName("layers_to_transform")] public IReadOnlyList<int>? LayersToTransform { get; init; }

    /// <summary>Unused.</summary>
    [JsonPropertyName("layers_pattern")] public string? LayersPattern { get; init; }

    /// <summary>Revision of the base model.</summary>
    [JsonPropertyName("revision")] public string? Revision { get; init; }

    internal static LoraAdapterFile Of(LoraConfig config, IReadOnlyList<string> targets, IReadOnlyList<string> head, string baseModel) => new()
    {
        BaseModel = baseModel,
        Rank = config.Rank,
        Alpha = config.Alpha,
        Dropout = config.Dropout,
        TargetModules = targets,
        ModulesToSave = head,
    };
}

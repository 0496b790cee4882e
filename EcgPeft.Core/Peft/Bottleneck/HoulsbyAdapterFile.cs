using System.Text.Json.Serialization;

namespace EcgPeft.Core.Peft.Bottleneck;

/// <summary><c>adapter_config.json</c> of a Houlsby adapter; docs/methods.md describes the layout.</summary>
public sealed record HoulsbyAdapterFile
{
    /// <summary>Kind of adapter.</summary>
    [JsonPropertyName("adapter_type")] public string AdapterType { get; init; } = "houlsby";

    /// <summary>Name or path of the base model.</summary>
    [JsonPropertyName("base_model_name_or_path")] public required string BaseModel { get; init; }

    /// <summary>Width of the bottleneck.</summary>
    [JsonPropertyName("bottleneck_size")] public required int BottleneckSize { get; init; }

    /// <summary>Non-linearity.</summary>
    [JsonPropertyName("non_linearity")] public required string Activation { get; init; }

    /// <summary>Factor on the output.</summary>
    [JsonPropertyName("scaling")] public required double Scale { get; init; }

    /// <summary>Dropout while training.</summary>
    [JsonPropertyName("dropout")] public required double Dropout { get; init; }

    /// <summary>Modules whose full weights lie in the file: the head.</summary>
    [JsonPropertyName("modules_to_save")] public required IReadOnlyList<string> ModulesToSave { get; init; }

    internal static HoulsbyAdapterFile Of(AdapterConfig config, IReadOnlyList<string> head, string baseModel) => new()
    {
        BaseModel = baseModel,
        BottleneckSize = config.BottleneckSize,
        Activation = config.Activation,
        Scale = config.Scale,
        Dropout = config.Dropout,
        ModulesToSave = head,
    };
}

using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core.Peft.Files;

namespace EcgPeft.Core.Peft.Bottleneck;

/// <summary>
/// <c>adapter_config.json</c> of bottleneck adapters: the object <c>config</c> speaks AdapterHub's language (that library has no
/// layout for these backbones), so that its readers know what the adapter is. docs/methods.md describes the file.
/// </summary>
internal static class AdapterFile
{
    private const string Type = "BOTTLENECK";

    /// <summary>What stands in the file.</summary>
    /// <param name="config">Settings.</param>
    /// <param name="hiddenSize">H of the backbone, from which AdapterHub's reduction factor follows.</param>
    public static JsonObject Write(AdapterConfig config, int hiddenSize) => new()
    {
        ["peft_type"] = Type,
        ["adapter_type"] = JsonSerializer.SerializeToNode(config.Kind, ProductJson.Line),
        ["hidden_size"] = hiddenSize,
        ["bottleneck_size"] = config.SizeFor(hiddenSize),
        ["config"] = new JsonObject
        {
            ["mh_adapter"] = config.Kind == AdapterKind.Houlsby,
            ["output_adapter"] = true,
            ["is_parallel"] = config.Kind == AdapterKind.Parallel,
            ["reduction_factor"] = (double)hiddenSize / config.SizeFor(hiddenSize),
            ["non_linearity"] = config.Activation,
            ["scaling"] = config.Scale,
            ["dropout"] = config.Dropout,
            ["ln_before"] = config.LayerNorm || config.Kind == AdapterKind.AttnAdapter,
            ["ln_after"] = false,
            ["original_ln_before"] = config.Kind == AdapterKind.Pfeiffer,
            ["original_ln_after"] = config.Kind != AdapterKind.AttnAdapter,
            ["residual_before_ln"] = true,
            ["adapter_residual_before_ln"] = false,
            ["init_weights"] = config.Init == AdapterInit.Bert ? "bert" : "mam_adapter",
        },
    };

    /// <summary>Settings from the file, or null if it is of another method.</summary>
    /// <param name="file">The file.</param>
    public static AdapterConfig? Read(AdapterConfigJson file)
    {
        if (!file.Has("adapter_type")) return null;
        var kind = JsonSerializer.SerializeToElement(file.Text("adapter_type"));
        AdapterKind read;
        try
        {
            read = kind.Deserialize<AdapterKind>(ProductJson.Line);
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{file.FilePath}: adapter_type is '{kind.GetString()}'; it must be houlsby, pfeiffer, parallel or attn-adapter.", e);
        }
        var config = file.Root["config"] as JsonObject ?? throw new UserInputException($"{file.FilePath} has no object 'config'.");
        T Setting<T>(string name) => config[name] is JsonValue value && value.TryGetValue<T>(out var found) ? found : throw new UserInputException($"{file.FilePath}: config.{name} is missing or of the wrong kind.");
        return new AdapterConfig
        {
            Kind = read,
            BottleneckSize = file.Whole("bottleneck_size"),
            Activation = Setting<string>("non_linearity"),
            Scale = Setting<double>("scaling"),
            Dropout = Setting<double>("dropout"),
            LayerNorm = Setting<bool>("ln_before") && read != AdapterKind.AttnAdapter,
            Init = Setting<string>("init_weights") == "bert" ? AdapterInit.Bert : AdapterInit.Zero,
        };
    }
}

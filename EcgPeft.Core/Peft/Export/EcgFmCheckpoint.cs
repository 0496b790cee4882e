using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core.Checkpoints;
using static TorchSharp.torch;

namespace EcgPeft.Core.Peft.Export;

/// <summary>A classifier as fairseq-signals' checkpoints of fine-tuned models have it: the settings as <c>cfg</c>, the tensors as <c>model</c>.</summary>
internal static class EcgFmCheckpoint
{
    /// <summary>Name of the file in a model folder.</summary>
    public const string FileName = "checkpoint.pt";

    private const int Classes = 2;

    /// <summary>Keys of our <c>config.json</c> that are no settings of the model.</summary>
    private static readonly string[] NotOfTheModel = ["model_type", "normalize"];

    /// <summary>Writes the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="configuration">The base model's configuration as <c>config.json</c> would hold it.</param>
    /// <param name="tensors">Backbone and head, by their names.</param>
    public static void Write(string path, JsonObject configuration, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        var model = ((IReadOnlyDictionary<string, object?>)Plain(configuration)!).Where(p => !NotOfTheModel.Contains(p.Key)).ToDictionary();
        model["_name"] = "ecg_transformer_classifier";
        model["num_labels"] = Classes;
        model["no_pretrained_weights"] = true; // the weights are in this file
        var task = new Dictionary<string, object?>
        {
            ["_name"] = "ecg_classification", ["normalize"] = configuration["normalize"]?.GetValue<bool>() ?? false, ["enable_padding"] = true, ["enable_padding_leads"] = false,
        };
        PyTorchWriter.Write(path, new Dictionary<string, object?>
        {
            ["args"] = null,
            ["cfg"] = new Dictionary<string, object?> { ["common"] = new Dictionary<string, object?>(), ["task"] = task, ["model"] = model },
            ["model"] = tensors.ToDictionary(t => t.Key, t => (object?)t.Value),
            ["criterion"] = null,
            ["optimizer_history"] = Array.Empty<object?>(),
            ["task_state"] = new Dictionary<string, object?>(),
            ["extra_state"] = new Dictionary<string, object?>(),
        });
    }

    private static object? Plain(JsonNode? node) => node switch
    {
        null => null,
        JsonObject o => o.ToDictionary(p => p.Key, p => Plain(p.Value)),
        JsonArray list => list.Select(Plain).ToArray(),
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        JsonValue value when value.TryGetValue<long>(out var whole) => whole,
        JsonValue value when value.TryGetValue<double>(out var number) => number,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.ToString(),
        _ => throw new ArgumentException($"{node.ToJsonString()} has no place in a checkpoint.", nameof(node)),
    };
}

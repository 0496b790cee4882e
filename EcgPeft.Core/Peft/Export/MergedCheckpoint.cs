using System.Text.Json.Nodes;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Checkpoints;
using EcgPeft.Core.Peft.Files;
using static TorchSharp.torch;

namespace EcgPeft.Core.Peft.Export;

/// <summary>
/// Writes a model with its method merged as a plain checkpoint, backbone and head, in the backbone's own format: for wav2vec 2.0
/// and HuBERT <c>config.json</c> and <c>model.safetensors</c>, which Hugging Face's sequence classification classes load; for ECG-FM
/// fairseq-signals' <c>checkpoint.pt</c> of a fine-tuned model. This product loads both like any other model folder.
/// </summary>
public static class MergedCheckpoint
{
    private static readonly string[] CompanionFiles = ["preprocessor_config.json"];

    /// <summary>Merges the model and writes it; the model stays merged.</summary>
    /// <param name="model">Backbone, method and head.</param>
    /// <param name="baseFolder">The base model's folder or file, from which the configuration comes.</param>
    /// <param name="folder">Where to write; made if needed, must hold no model yet.</param>
    /// <exception cref="UserInputException">The method cannot be merged, or there is a model in the folder already.</exception>
    public static void Write(PeftModel model, string baseFolder, string folder)
    {
        model.Merge();
        var (config, weights, fairseq) = (Path.Combine(folder, "config.json"), Path.Combine(folder, "model.safetensors"), Path.Combine(folder, EcgFmCheckpoint.FileName));
        if (new[] { config, weights, fairseq }.Any(File.Exists)) throw new UserInputException($"{folder} holds a model already; choose another folder for the merged one.");
        Directory.CreateDirectory(folder);
        var json = ModelFolder.ConfigurationOf(baseFolder);
        var tensors = model.PlainParameters().Select(p => KeyValuePair.Create<string, Tensor>(p.Name, p.Parameter));
        var type = json["model_type"]?.ToString();
        if (type == FamilyBuilder.EcgFmType)
        {
            EcgFmCheckpoint.Write(fairseq, json, tensors);
            return;
        }
        if (type is not null && HuggingFaceClass.Of(type) is { } origin) DescribeHead(json, origin.Name);
        File.WriteAllText(config, json.ToJsonString(ProductJson.Indented));
        SafetensorsWriter.Write(weights, tensors);
        foreach (var companion in CompanionFiles)
        {
            var source = Path.Combine(baseFolder, companion);
            if (File.Exists(source)) File.Copy(source, Path.Combine(folder, companion), overwrite: true);
        }
    }

    /// <summary>Our head has two classes and sees the last layer only, whatever head the base model's configuration describes.</summary>
    private static void DescribeHead(JsonObject json, string name)
    {
        json["architectures"] = new JsonArray(name);
        json["use_weighted_layer_sum"] = false;
        json["id2label"] = new JsonObject { ["0"] = "LABEL_0", ["1"] = "LABEL_1" };
        json["label2id"] = new JsonObject { ["LABEL_0"] = 0, ["LABEL_1"] = 1 };
    }
}

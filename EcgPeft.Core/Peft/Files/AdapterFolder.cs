using System.Text.Json.Nodes;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Checkpoints;
using EcgPeft.Core.Peft.Settings;
using static TorchSharp.torch;

namespace EcgPeft.Core.Peft.Files;

/// <summary>Adapter folders as the PEFT library writes and reads them: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c> (or <c>.bin</c>).</summary>
internal static class AdapterFolder
{
    private const string OldWeightsFile = "adapter_model.bin";

    /// <summary>The method and settings of an adapter.</summary>
    /// <param name="file">Its settings' file.</param>
    /// <param name="classifier">What it will be put into: names that the adapter saved whole but this model does not have are passed over, as the library does.</param>
    public static PeftConfig ConfigOf(AdapterConfigJson file, SequenceClassifier classifier)
    {
        var config = PeftMethod.All.Select(m => m.Defaults.FromFile(file)).FirstOrDefault(c => c is not null)
            ?? throw new UserInputException($"{file.FilePath} is of the method {file.Type ?? "(none named)"}, which is not known here; known are {string.Join(", ", PeftMethod.All.Select(m => m.Title))}.");
        var paths = classifier.ModulesByPath().Select(m => m.Path).ToList();
        var head = classifier.Head.Modules.Select(m => m.Name).ToHashSet(StringComparer.Ordinal);
        var saved = (file.Read<string[]>("modules_to_save") ?? []).Where(name => !head.Contains(name) && paths.Any(path => path.EndsWith(name, StringComparison.Ordinal))).ToArray();
        return config with { ModulesToSave = saved.Length == 0 ? null : saved };
    }

    /// <summary>Gives the trained tensors the adapter's values.</summary>
    /// <param name="model">A model with the adapter's method in it.</param>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="settings">The adapter's settings as they were read: they say what may be absent; null for files of this product, which hold everything.</param>
    /// <returns>Tensors that the file does not hold and that keep the base model's values.</returns>
    public static IReadOnlyList<TrainableTensor> ReadWeights(PeftModel model, string folder, AdapterConfigJson? settings = null)
    {
        using var file = Open(folder);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var untaken = file.Entries.Keys.ToHashSet(StringComparer.Ordinal);
        var absent = new List<TrainableTensor>();
        foreach (var tensor in model.Trainable)
        {
            var found = AdapterKeys.Find(tensor.FileKey, model.Classifier.BackboneName, file.Entries.ContainsKey);
            if (found is null && settings is not null && MayBeAbsent(tensor, model, settings))
            {
                absent.Add(tensor);
                continue;
            }
            var key = found ?? throw new UserInputException($"{file.Path} has no tensor {tensor.FileKey}, which the adapter's settings ask for on this base model; use the base model that it was trained on.");
            var (theirs, ours) = (file.Entries[key].Shape, tensor.Parameter.shape);
            if (!theirs.SequenceEqual(ours) && !SameUpToOnes(theirs, ours))
                throw new UserInputException($"{file.Path} holds {key} as [{string.Join(", ", theirs)}], but this base model needs [{string.Join(", ", ours)}]; use the base model that the adapter was trained on.");
            tensor.Parameter.copy_(file.Read(key, ScalarType.Float32).view(ours));
            untaken.Remove(key);
        }
        untaken.RemoveWhere(AdapterKeys.IsCopy);
        if (untaken.Count > 0)
            throw new UserInputException($"{file.Path} holds {untaken.Order(StringComparer.Ordinal).First()}{(untaken.Count > 1 ? $" and {untaken.Count - 1} more tensors" : "")} for which this base model has no place; use the base model that the adapter was trained on.");
        return absent;
    }

    /// <summary>Writes an adapter folder.</summary>
    /// <param name="model">Backbone, method and head.</param>
    /// <param name="folder">The folder; made if needed.</param>
    /// <param name="baseModel">Name or path of the base model.</param>
    /// <param name="readConfig">Settings' file that the adapter was read from; keys that are unknown here are kept.</param>
    public static void Write(PeftModel model, string folder, string baseModel, JsonObject? readConfig)
    {
        Directory.CreateDirectory(folder);
        using (no_grad())
        using (NewDisposeScope())
            SafetensorsWriter.Write(Path.Combine(folder, PeftModel.WeightsFile), model.Config.FileTensors(model));

        var json = (JsonObject?)readConfig?.DeepClone() ?? [];
        json["base_model_name_or_path"] = baseModel;
        json["inference_mode"] = true;
        json["modules_to_save"] = new JsonArray([.. model.Classifier.Head.Modules.Select(m => m.Name).Concat(model.Config.ModulesToSave ?? []).Select(name => (JsonNode)name)]);
        if (readConfig is null && HuggingFaceClass.Of(model.Classifier.BackboneName) is { } origin) json["auto_mapping"] = new JsonObject { ["base_model_class"] = origin.Name, ["parent_library"] = origin.Module };
        foreach (var absent in new[] { "task_type", "revision" }) json.TryAdd(absent, null);
        foreach (var (key, value) in model.Config.ToFile(model)) json[key] = value?.DeepClone();
        File.WriteAllText(Path.Combine(folder, PeftModel.ConfigFile), json.ToJsonString(ProductJson.Indented));
    }

    /// <summary>
    /// The library saves a head only when <c>modules_to_save</c> names it, and with <c>lora_only</c> its versions from 0.6 on leave the
    /// biases out, because it looks for them under the name that they had before.
    /// </summary>
    private static bool MayBeAbsent(TrainableTensor tensor, PeftModel model, AdapterConfigJson settings)
    {
        if (tensor.FileKey.EndsWith(".base_layer.bias", StringComparison.Ordinal)) return settings.Text("bias", "none") == "lora_only";
        var saved = settings.Read<string[]>("modules_to_save") ?? [];
        return model.Classifier.Head.Modules.Any(module => tensor.Name.StartsWith(module.Name + ".", StringComparison.Ordinal) && !saved.Any(name => module.Name.EndsWith(name, StringComparison.Ordinal)));
    }

    private static TensorFile Open(string folder)
    {
        var path = Path.Combine(folder, PeftModel.WeightsFile);
        if (File.Exists(path)) return SafetensorsFile.Open(path);
        var old = Path.Combine(folder, OldWeightsFile);
        return File.Exists(old) ? PyTorchFile.Open(old) : throw new UserInputException($"{path} is missing; an adapter folder holds {PeftModel.ConfigFile} and {PeftModel.WeightsFile}.");
    }

    /// <summary>IA3's first versions stored vectors without the axis of length 1.</summary>
    private static bool SameUpToOnes(IReadOnlyList<long> a, long[] b) => a.Where(n => n != 1).SequenceEqual(b.Where(n => n != 1));
}

using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core.Backbones.EcgFm;
using EcgPeft.Core.Backbones.Wav2Vec2;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using TorchSharp;

namespace EcgPeft.Core.Backbones;

/// <summary>
/// A pre-trained model as its authors publish it: a folder with <c>config.json</c> and its weights (Hugging Face), or a
/// checkpoint of fairseq or fairseq-signals that holds both.
/// </summary>
public static class ModelFolder
{
    private const int Classes = 2;

    /// <summary>Parts of published checkpoints that only pre-training or another task uses; they are left unread.</summary>
    private static readonly string[] UnusedParts =
        ["quantizer.", "project_q.", "project_hid.", "lm_head.", "final_proj.", "label_embs_concat", "mask_emb", "masked_spec_embed", "projector.", "classifier.", "layer_weights", "proj."];

    /// <summary>Loads the backbone and a head.</summary>
    /// <param name="path">The model's folder, or a <c>.pt</c> file.</param>
    /// <param name="newHead">Where the head's tensors come from; null takes the head that the checkpoint holds.</param>
    /// <param name="device">Where the model computes; null for the processor.</param>
    /// <exception cref="UserInputException">A file or tensor is missing, unexpected or has the wrong shape.</exception>
    public static SequenceClassifier Load(string path, IWeightSource? newHead, torch.Device? device = null) => Load(path, newHead, values: true, device, out _);

    /// <summary>Loads the backbone and a head.</summary>
    /// <param name="path">The model's folder, or a <c>.pt</c> file.</param>
    /// <param name="newHead">Where the head's tensors come from; null takes the head that the checkpoint holds.</param>
    /// <param name="ignored">Keys of the checkpoint that only pre-training or another task uses.</param>
    /// <exception cref="UserInputException">A file or tensor is missing, unexpected or has the wrong shape.</exception>
    public static SequenceClassifier Load(string path, IWeightSource? newHead, out IReadOnlyList<string> ignored) => Load(path, newHead, values: true, device: null, out ignored);

    /// <summary>Whether a model's files fit its configuration: every tensor by name and shape, without reading a value.</summary>
    /// <param name="path">The model's folder, or a <c>.pt</c> file.</param>
    /// <returns>Keys of the checkpoint that only pre-training or another task uses.</returns>
    /// <exception cref="UserInputException">A file or tensor is missing, unexpected or has the wrong shape.</exception>
    public static IReadOnlyList<string> Check(string path)
    {
        Load(path, new MetaWeights(), values: false, device: null, out var ignored).Dispose();
        return ignored;
    }

    private static SequenceClassifier Load(string path, IWeightSource? newHead, bool values, torch.Device? device, out IReadOnlyList<string> ignored)
    {
        var files = ModelFiles.Find(path);
        if (newHead is null && SumsLayers(files)) throw new UserInputException($"{files.Config} asks for use_weighted_layer_sum: its head sees a weighted sum of all layers, and a head here sees the last one only; use the backbone without that head.");
        using var file = files.Open();
        var build = Builder(files, file);
        var prefixed = file.Entries.Keys.Any(key => key.StartsWith(build.BackbonePrefix, StringComparison.Ordinal) && !build.IsBackboneOnlyKey(key));
        var fairseq = FairseqSpeech.In(file);
        var checkpoint = new CheckpointWeights(file, name => fairseq?.KeyOf(Bare(name, build.BackbonePrefix)) ?? build.KeyOf(file, name, prefixed), values);

        var classifier = build.Build(DeviceWeights.On(checkpoint, device), DeviceWeights.On(newHead ?? checkpoint, device));
        ignored = checkpoint.Untaken;
        var unexpected = ignored.Where(key => !UnusedParts.Any(part => (fairseq is null ? Bare(key, build.BackbonePrefix) : FairseqSpeech.Bare(key)).StartsWith(part, StringComparison.Ordinal))).ToList();
        if (unexpected.Count == 0) return classifier;
        classifier.Dispose();
        throw new UserInputException($"{file.Path} holds {unexpected[0]}{(unexpected.Count > 1 ? $" and {unexpected.Count - 1} more tensors" : "")} that the model of its config does not have; use the config that belongs to these weights.");
    }

    /// <summary>The model without weights (meta device): names, shapes, counts and the input contract of any size in an instant.</summary>
    /// <param name="path">The model's folder, or a <c>.pt</c> file; only the configuration is read.</param>
    public static SequenceClassifier Describe(string path)
    {
        var meta = new MetaWeights();
        var config = Path.Combine(path, "config.json");
        if (File.Exists(config)) return Builder(new ModelFiles(config, config), file: null).Build(meta, meta);
        var files = ModelFiles.Find(path);
        using var file = files.Open();
        return Builder(files, file).Build(meta, meta);
    }

    /// <summary>The model of a configuration without weights (meta device).</summary>
    /// <param name="config">The configuration.</param>
    public static SequenceClassifier Describe(ConfigJson config)
    {
        var meta = new MetaWeights();
        return Builder(config).Build(meta, meta);
    }

    /// <summary>Whether the checkpoint holds a classification head with two classes, as the one that <see cref="Load(string, IWeightSource?, torch.Device?)"/> takes.</summary>
    /// <param name="path">The model's folder, or a <c>.pt</c> file.</param>
    public static bool HasHead(string path)
    {
        var files = ModelFiles.Find(path);
        if (SumsLayers(files)) return false;
        using var file = files.Open();
        using var described = Describe(path);
        return described.Head.Modules.All(m => file.Entries.TryGetValue(m.Name + ".weight", out var weight) && weight.Shape.SequenceEqual(m.Module.Weight.shape));
    }

    /// <summary>The model's configuration as a <c>config.json</c> would hold it, also where the checkpoint holds it inside.</summary>
    /// <param name="path">The model's folder, or a <c>.pt</c> file.</param>
    public static JsonObject ConfigurationOf(string path)
    {
        var files = ModelFiles.Find(path);
        if (files.Config is not null) return (JsonObject)JsonNode.Parse(File.ReadAllBytes(files.Config))!;
        using var file = files.Open();
        if (FairseqSpeech.In(file) is { } speech) return speech.Config();
        var (model, normalize) = FairseqSettings(files, file);
        var json = (JsonObject)JsonSerializer.SerializeToNode(model, ProductJson.Line)!;
        json["model_type"] = FamilyBuilder.EcgFmType;
        json["normalize"] = normalize;
        return json;
    }

    /// <summary>The architecture: <c>wav2vec2</c>, <c>hubert</c> or <c>ecg-fm</c>.</summary>
    /// <param name="path">The model's folder, or a <c>.pt</c> file.</param>
    public static string FamilyOf(string path)
    {
        var files = ModelFiles.Find(path);
        if (files.Config is { } config) return ConfigJson.Read(config).Text("model_type");
        using var file = files.Open();
        return FairseqSpeech.In(file) is { } speech ? (string)speech.Config()["model_type"]! : FamilyBuilder.EcgFmType;
    }

    /// <summary>SHA-256 over the config and the weights, in lower-case hexadecimal digits.</summary>
    /// <param name="path">The model's folder, or a <c>.pt</c> file.</param>
    public static string Hash(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        foreach (var file in ModelFiles.Find(path).All())
        {
            using var stream = File.OpenRead(file);
            for (int read; (read = stream.Read(buffer)) > 0;) hash.AppendData(buffer, 0, read);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Builds the model that a folder's <c>config.json</c> describes.</summary>
    /// <param name="path">The model's folder; only the configuration is read.</param>
    /// <param name="backbone">Where the backbone's tensors come from.</param>
    /// <param name="head">Where the head's tensors come from.</param>
    /// <exception cref="UserInputException">The configuration is missing or wrong.</exception>
    public static SequenceClassifier Build(string path, IWeightSource backbone, IWeightSource head)
    {
        var config = Path.Combine(path, "config.json");
        return Builder(new ModelFiles(config, config), file: null).Build(backbone, head);
    }

    /// <summary>Builds wav2vec 2.0 or HuBERT.</summary>
    /// <param name="config">Every size and switch.</param>
    /// <param name="backbone">Where the backbone's tensors come from.</param>
    /// <param name="head">Where the head's tensors come from.</param>
    public static SequenceClassifier Build(Wav2Vec2Config config, IWeightSource backbone, IWeightSource head) => new(
        config.ModelType,
        new Wav2Vec2Backbone(new WeightScope(backbone, config.ModelType), config),
        new Wav2Vec2Head(new WeightScope(head), config.Layer.HiddenSize, config.ClassifierProjectionSize, Classes));

    /// <summary>Builds ECG-FM.</summary>
    /// <param name="config">Every size and switch.</param>
    /// <param name="backbone">Where the backbone's tensors come from.</param>
    /// <param name="head">Where the head's tensors come from.</param>
    public static SequenceClassifier Build(EcgFmConfig config, IWeightSource backbone, IWeightSource head) => new(
        FamilyBuilder.EcgFmName,
        new EcgFmBackbone(new WeightScope(backbone, FamilyBuilder.EcgFmName), config),
        new EcgFmHead(new WeightScope(head), config.Layer.HiddenSize, Classes));

    private static FamilyBuilder Builder(ModelFiles files, TensorFile? file)
    {
        if (files.Config is null)
        {
            if (file is not null && FairseqSpeech.In(file) is { } speech) return Builder(ConfigJson.Parse(files.Weights, System.Text.Encoding.UTF8.GetBytes(speech.Config().ToJsonString())));
            var (model, normalize) = FairseqSettings(files, file);
            return FamilyBuilder.EcgFm(EcgFmConfig.Read(ConfigJson.Of(files.Weights, model), normalize));
        }
        return Builder(ConfigJson.Read(files.Config));
    }

    private static FamilyBuilder Builder(ConfigJson config) =>
        config.Text("model_type") == FamilyBuilder.EcgFmType
            ? FamilyBuilder.EcgFm(EcgFmConfig.Read(config, config.Flag("normalize", false)))
            : FamilyBuilder.Speech(Wav2Vec2Config.Read(config));

    private static (IReadOnlyDictionary<string, object?> Model, bool Normalize) FairseqSettings(ModelFiles files, TensorFile? file)
    {
        var checkpoint = file as PyTorchCheckpoint ?? throw new UserInputException($"{files.Weights} is no fairseq checkpoint; name a folder with config.json, or a .pt file.");
        var settings = checkpoint.Config("cfg");
        var model = settings.GetValueOrDefault("model") as IReadOnlyDictionary<string, object?> ?? throw new UserInputException($"{files.Weights} holds no configuration of a model (cfg.model); use a checkpoint that fairseq-signals wrote.");
        return (model, settings.GetValueOrDefault("task") is IReadOnlyDictionary<string, object?> task && task.GetValueOrDefault("normalize") is true);
    }

    // transformers' other kind of head, of the SUPERB models for one: its values mean nothing to one that sees the last layer.
    private static bool SumsLayers(ModelFiles files) => files.Config is { } config && ConfigJson.Read(config).Flag("use_weighted_layer_sum", false);

    private static string Bare(string key, string prefix) => key.StartsWith(prefix, StringComparison.Ordinal) ? key[prefix.Length..] : key;
}

using System.Security.Cryptography;
using EcgPeft.Core.Backbones.Wav2Vec2;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;

namespace EcgPeft.Core.Backbones;

/// <summary>A folder with a pre-trained model as its authors publish it: <c>config.json</c> and <c>model.safetensors</c>.</summary>
public static class ModelFolder
{
    private const int Classes = 2;

    /// <summary>Parts of published checkpoints that only pre-training or another task uses; they are left unread.</summary>
    private static readonly string[] UnusedParts = ["quantizer.", "project_q.", "project_hid.", "lm_head.", "final_proj.", "label_embs_concat", "projector.", "classifier."];

    /// <summary>Loads the backbone and a new head.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="newHead">Where the head's tensors come from; null takes the head that the checkpoint holds.</param>
    /// <exception cref="UserInputException">A file or tensor is missing, unexpected or has the wrong shape.</exception>
    public static SequenceClassifier Load(string folder, IWeightSource? newHead)
    {
        var config = Wav2Vec2Config.Read(ConfigJson.Read(Path.Combine(folder, "config.json")));
        var path = WeightsPath(folder);
        using var file = SafetensorsFile.Open(path);
        var prefix = config.ModelType + ".";
        var prefixed = file.Entries.Keys.Any(key => key.StartsWith(prefix, StringComparison.Ordinal));
        var checkpoint = new CheckpointWeights(file, name => !prefixed && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name);

        var classifier = Build(config, checkpoint, newHead ?? checkpoint);
        var unexpected = checkpoint.Untaken.Where(key => !UnusedParts.Any(part => key.StartsWith(part, StringComparison.Ordinal))).ToList();
        if (unexpected.Count == 0) return classifier;
        classifier.Dispose();
        throw new UserInputException($"{path} holds {unexpected[0]}{(unexpected.Count > 1 ? $" and {unexpected.Count - 1} more tensors" : "")} that the model of config.json does not have; use the config that belongs to these weights.");
    }

    /// <summary>The model without weights (meta device): names, shapes, counts and the input contract of any size in an instant.</summary>
    /// <param name="folder">The model's folder; only <c>config.json</c> is read.</param>
    public static SequenceClassifier Describe(string folder)
    {
        var meta = new MetaWeights();
        return Build(Wav2Vec2Config.Read(ConfigJson.Read(Path.Combine(folder, "config.json"))), meta, meta);
    }

    /// <summary>SHA-256 of the weights' file and the config, in lower-case hexadecimal digits.</summary>
    /// <param name="folder">The model's folder.</param>
    public static string Hash(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(File.ReadAllBytes(Path.Combine(folder, "config.json")));
        using var stream = File.OpenRead(WeightsPath(folder));
        var buffer = new byte[1 << 20];
        for (int read; (read = stream.Read(buffer)) > 0;) hash.AppendData(buffer, 0, read);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Builds the network of a config.</summary>
    /// <param name="config">Every size and switch.</param>
    /// <param name="backbone">Where the backbone's tensors come from.</param>
    /// <param name="head">Where the head's tensors come from.</param>
    public static SequenceClassifier Build(Wav2Vec2Config config, IWeightSource backbone, IWeightSource head) => new(
        config.ModelType,
        new Wav2Vec2Backbone(new WeightScope(backbone, config.ModelType), config),
        new Wav2Vec2Head(new WeightScope(head), config.Layer.HiddenSize, config.ClassifierProjectionSize, Classes));

    private static string WeightsPath(string folder)
    {
        var path = Path.Combine(folder, "model.safetensors");
        return File.Exists(path) ? path : throw new UserInputException($"{path} is missing; a model folder holds config.json and its weights.");
    }
}

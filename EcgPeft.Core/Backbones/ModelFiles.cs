using EcgPeft.Core.Checkpoints;

namespace EcgPeft.Core.Backbones;

/// <summary>Finds a model's files in the forms that authors publish them.</summary>
/// <param name="Config"><c>config.json</c>, or null where the checkpoint itself holds the configuration.</param>
/// <param name="Weights">The tensors' file: safetensors (one file or the index of several), <c>.bin</c> or <c>.pt</c>.</param>
public sealed record ModelFiles(string? Config, string Weights)
{
    private static readonly string[] WeightNames = ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"];

    /// <summary>The files of a model.</summary>
    /// <param name="path">A folder, or a fairseq checkpoint (<c>.pt</c>).</param>
    /// <exception cref="UserInputException">A file is missing, or it is unclear which one is meant.</exception>
    public static ModelFiles Find(string path)
    {
        if (File.Exists(path)) return new ModelFiles(null, path);
        var config = Path.Combine(path, "config.json");
        var weights = WeightNames.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists) ?? FairseqCheckpoint(path);
        if (File.Exists(config)) return new ModelFiles(config, weights ?? throw Missing(path));
        if (weights?.EndsWith(".pt", StringComparison.Ordinal) == true) return new ModelFiles(null, weights);
        throw weights is null ? Missing(path) : new UserInputException($"{config} is missing; it belongs beside {Path.GetFileName(weights)}.");
    }

    /// <summary>Whether a folder holds weights of any form, whole or not.</summary>
    /// <param name="folder">The folder.</param>
    public static bool AnyWeights(string folder) => Directory.Exists(folder) && (WeightNames.Any(name => File.Exists(Path.Combine(folder, name))) || Directory.EnumerateFiles(folder, "*.pt").Any());

    /// <summary>All files whose bytes decide the model, for a content hash.</summary>
    public IEnumerable<string> All() =>
        (Config is null ? [] : new[] { Config }).Append(Weights)
        .Concat(Weights.EndsWith(".index.json", StringComparison.Ordinal) ? SafetensorsIndex.ShardNames(Weights).Order(StringComparer.Ordinal).Select(shard => Path.Combine(Path.GetDirectoryName(Weights)!, shard)) : []);

    /// <summary>Opens the tensors' file.</summary>
    public TensorFile Open() =>
        Weights.EndsWith(".index.json", StringComparison.Ordinal) ? SafetensorsIndex.Open(Weights)
        : Weights.EndsWith(".safetensors", StringComparison.Ordinal) ? SafetensorsFile.Open(Weights)
        : PyTorchFile.Open(Weights);

    private static string? FairseqCheckpoint(string folder)
    {
        if (!Directory.Exists(folder)) return null;
        var named = Path.Combine(folder, "checkpoint.pt");
        if (File.Exists(named)) return named;
        var all = Directory.GetFiles(folder, "*.pt");
        return all.Length < 2 ? all.FirstOrDefault() : throw new UserInputException($"{folder} holds {all.Length} .pt files; name the one to use by its full path.");
    }

    private static UserInputException Missing(string path) =>
        new($"{path} holds no model: there must be config.json with model.safetensors, model.safetensors.index.json or pytorch_model.bin, or a fairseq checkpoint (.pt).");
}

using System.Text.Json.Nodes;
using EcgPeft.Core.Checkpoints;
using EcgPeft.Tests.Checkpoints;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Backbones;

/// <summary>The forms in which authors publish weights.</summary>
public enum FileForm
{
    /// <summary>One <c>model.safetensors</c>.</summary>
    Safetensors,

    /// <summary>Three shards and <c>model.safetensors.index.json</c>.</summary>
    Sharded,

    /// <summary><c>pytorch_model.bin</c>: a state dict.</summary>
    Bin,

    /// <summary>fairseq's <c>.pt</c>: the tensors under <c>model</c>.</summary>
    Pt,
}

/// <summary>How a file spells names and values.</summary>
/// <param name="NewWeightNorm">torch's newer spelling of a weight norm, <c>parametrizations.weight.original0/1</c>.</param>
/// <param name="Prefixed">Names of a whole classifier, with the backbone's prefix and the head; otherwise a bare backbone.</param>
/// <param name="Type">Element type.</param>
public sealed record Spelling(bool NewWeightNorm, bool Prefixed, ScalarType Type);

/// <summary>Writes one model in any form that authors publish.</summary>
internal static class CheckpointForm
{
    /// <summary>A new folder with the model's configuration and weights.</summary>
    public static string Write(FileForm form, JsonObject config, IReadOnlyDictionary<string, Tensor> weights)
    {
        var folder = TestData.TemporaryFolder();
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        switch (form)
        {
            case FileForm.Safetensors: SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), weights); break;
            case FileForm.Sharded: WriteShards(folder, weights); break;
            case FileForm.Bin: TorchArchive.Write(Path.Combine(folder, "pytorch_model.bin"), weights); break;
            case FileForm.Pt: TorchArchive.Write(Path.Combine(folder, "checkpoint_best.pt"), weights, under: "model"); break;
            default: throw new ArgumentOutOfRangeException(nameof(form));
        }
        return folder;
    }

    /// <summary>A checkpoint's tensors in another spelling.</summary>
    /// <param name="weights">Tensors of a whole classifier (with the prefix) or of a bare backbone (without).</param>
    /// <param name="prefix">The backbone's prefix, for example <c>wav2vec2.</c></param>
    /// <param name="has">Whether the given names have the prefix.</param>
    /// <param name="spelling">The wanted spelling.</param>
    public static Dictionary<string, Tensor> Spelled(IReadOnlyDictionary<string, Tensor> weights, string prefix, bool has, Spelling spelling) => weights
        .Where(t => spelling.Prefixed || !has || t.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(t => WeightNorm(has == spelling.Prefixed ? t.Key : spelling.Prefixed ? prefix + t.Key : t.Key[prefix.Length..], spelling.NewWeightNorm), t => t.Value.to(spelling.Type));

    private static string WeightNorm(string name, bool newer)
    {
        (string Old, string New)[] spellings = [("weight_g", "parametrizations.weight.original0"), ("weight_v", "parametrizations.weight.original1")];
        return spellings.Aggregate(name, (key, s) => newer ? key.Replace(s.Old, s.New, StringComparison.Ordinal) : key.Replace(s.New, s.Old, StringComparison.Ordinal));
    }

    private static void WriteShards(string folder, IReadOnlyDictionary<string, Tensor> weights)
    {
        var map = new JsonObject();
        var shards = weights.Select((tensor, i) => (Tensor: tensor, Name: $"model-0000{i % 3 + 1}-of-00003.safetensors")).GroupBy(t => t.Name, t => t.Tensor);
        foreach (var shard in shards)
        {
            SafetensorsWriter.Write(Path.Combine(folder, shard.Key), shard);
            foreach (var (name, _) in shard) map[name] = shard.Key;
        }
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = 0 }, ["weight_map"] = map }.ToJsonString());
    }
}

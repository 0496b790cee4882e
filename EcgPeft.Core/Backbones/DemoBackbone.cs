using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core.Backbones.Wav2Vec2;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;

namespace EcgPeft.Core.Backbones;

/// <summary>A small wav2vec 2.0 with random weights, made on this machine, so that the whole path can be walked offline.</summary>
public static class DemoBackbone
{
    private const int Seed = 20;

    /// <summary>How it is presented.</summary>
    public static ModelCard Card { get; } = new(
        "demo/wav2vec2", "Demo wav2vec2 (small)", "wav2vec2", "random weights, not pre-trained",
        "A 4-layer wav2vec 2.0 with fixed random weights, for trying the product without a download.");

    /// <summary>The folder of the demo model; made deterministically at first use, safe when several processes do it at once.</summary>
    /// <param name="root">The product's data folder.</param>
    public static string Ensure(DataRoot root)
    {
        var folder = Path.Combine(root.Models, "demo-wav2vec2");
        if (Directory.Exists(folder)) return folder;
        var temporary = $"{folder}.{Guid.NewGuid():N}.tmp";
        Directory.CreateDirectory(temporary);
        try
        {
            WriteTo(temporary);
            Directory.Move(temporary, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            Directory.Delete(temporary, recursive: true);
        }
        return folder;
    }

    /// <summary>Writes the model's files into a folder.</summary>
    /// <param name="folder">An existing folder.</param>
    public static void WriteTo(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "config.json"), Config().ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        var config = Wav2Vec2Config.Read(ConfigJson.Read(Path.Combine(folder, "config.json")));
        using var classifier = ModelFolder.Build(config, new SeededWeights(Seed), new MetaWeights());
        var backbone = config.ModelType + ".";
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            classifier.named_parameters().Where(p => p.name.StartsWith(backbone, StringComparison.Ordinal)).Select(p => KeyValuePair.Create<string, TorchSharp.torch.Tensor>(p.name, p.parameter)));
    }

    private static JsonObject Config() => new()
    {
        ["architectures"] = new JsonArray("Wav2Vec2Model"),
        ["model_type"] = "wav2vec2",
        ["conv_dim"] = new JsonArray(64, 64, 64, 64, 64, 64, 64),
        ["conv_kernel"] = new JsonArray(10, 3, 3, 3, 3, 2, 2),
        ["conv_stride"] = new JsonArray(5, 2, 2, 2, 2, 2, 2),
        ["conv_bias"] = false,
        ["feat_extract_norm"] = "group",
        ["feat_extract_activation"] = "gelu",
        ["feat_proj_dropout"] = 0.0,
        ["num_conv_pos_embeddings"] = 32,
        ["num_conv_pos_embedding_groups"] = 16,
        ["hidden_size"] = 128,
        ["intermediate_size"] = 256,
        ["num_hidden_layers"] = 4,
        ["num_attention_heads"] = 4,
        ["hidden_act"] = "gelu",
        ["hidden_dropout"] = 0.0,
        ["attention_dropout"] = 0.0,
        ["activation_dropout"] = 0.0,
        ["layerdrop"] = 0.0,
        ["do_stable_layer_norm"] = false,
        ["layer_norm_eps"] = 1e-5,
        ["initializer_range"] = 0.02,
        ["classifier_proj_size"] = 128,
        ["mask_time_prob"] = 0.0,
        ["mask_feature_prob"] = 0.0,
    };
}

using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using static TorchSharp.torch;

namespace EcgPeft.Core.Backbones;

/// <summary>A small model of each family with random weights, made on this machine, so that every path can be walked offline.</summary>
public static class DemoBackbone
{
    private const string Prefix = "demo/";
    private const string PreTraining = "random weights, not pre-trained";
    private const int Seed = 20;

    /// <summary>How they are presented.</summary>
    public static IReadOnlyList<ModelCard> Cards { get; } =
    [
        new("demo/wav2vec2", "Demo wav2vec 2.0 (small)", "wav2vec2", PreTraining, "A 4-layer wav2vec 2.0 with fixed random weights, for trying the product without a download."),
        new("demo/hubert", "Demo HuBERT (small)", "hubert", PreTraining, "A 4-layer HuBERT with fixed random weights, for trying the product without a download."),
        new("demo/ecg-fm", "Demo ECG-FM (small)", "ecg-fm", PreTraining, "A 3-layer ECG-FM for 12 leads with fixed random weights, for trying the product without a download."),
    ];

    /// <summary>The folder of a demo model; made deterministically at first use, safe when several processes do it at once.</summary>
    /// <param name="root">The product's data folder.</param>
    /// <param name="id">Id of one of <see cref="Cards"/>.</param>
    public static string Ensure(DataRoot root, string id)
    {
        var name = $"demo-{id[Prefix.Length..]}";
        var config = Path.Combine(AppContext.BaseDirectory, "models", name, "config.json");
        // The name says which weights: a folder of an earlier version of the product stays what it is.
        var folder = Path.Combine(root.Models, $"{name}-random-2");
        if (Directory.Exists(folder)) return folder;
        var temporary = $"{folder}.{Guid.NewGuid():N}.tmp";
        Directory.CreateDirectory(temporary);
        try
        {
            File.Copy(config, Path.Combine(temporary, "config.json"));
            WriteWeights(temporary);
            Directory.Move(temporary, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            Directory.Delete(temporary, recursive: true);
        }
        return folder;
    }

    private static void WriteWeights(string folder)
    {
        using var classifier = ModelFolder.Build(folder, new SeededWeights(Seed), new MetaWeights());
        var backbone = classifier.BackboneName + ".";
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            classifier.named_parameters().Where(p => p.name.StartsWith(backbone, StringComparison.Ordinal)).Select(p => KeyValuePair.Create<string, Tensor>(p.name, p.parameter)));
    }
}

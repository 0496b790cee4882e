using EcgPeft.Core.Backbones.Catalogue;

namespace EcgPeft.Core.Backbones;

/// <summary>
/// A small model of each family that comes with the product, pre-trained by <c>recipes/pretrain</c> on synthetic ECG: the default of a
/// first run, without a download. Its folder holds config, weights and the recipe that made them.
/// </summary>
public static class DemoBackbone
{
    private const string Prefix = "demo/";
    private const string Corpus = "16,000 synthetic single-lead ECG segments of 160 virtual people (McSharry et al. 2003), without labels; no patient's ECG";

    /// <summary>How they are presented.</summary>
    public static IReadOnlyList<ModelCard> Cards { get; } =
    [
        Card("demo/wav2vec2", "Demo wav2vec 2.0 (small)", "wav2vec2", "A 4-layer wav2vec 2.0, pre-trained by this product's own wav2vec 2.0 objective."),
        Card("demo/hubert", "Demo HuBERT (small)", "hubert", "A 4-layer HuBERT, pre-trained by this product in two iterations of clusters."),
        Card("demo/ecg-fm", "Demo ECG-FM (small)", "ecg-fm", "A 3-layer ECG-FM for 12 leads, pre-trained by this product with CMSC and random lead masking; each segment stood on the leads that masking left."),
    ];

    /// <summary>The folder of a demo model, beside the program.</summary>
    /// <param name="id">Id of one of <see cref="Cards"/>.</param>
    public static string FolderOf(string id) => Path.Combine(AppContext.BaseDirectory, "models", $"demo-{id[Prefix.Length..]}");

    private static ModelCard Card(string id, string title, string family, string description) =>
        new(id, title, family, Corpus, description) { Licence = "part of this product", Paper = KnownModels.All.First(known => known.Family == family).Paper };
}

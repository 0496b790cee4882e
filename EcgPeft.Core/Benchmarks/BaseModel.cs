using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Catalogue;
using EcgPeft.Core.Backbones.EcgFm;
using EcgPeft.Core.Backbones.Wav2Vec2;
using EcgPeft.Core.Backbones.Weights;

namespace EcgPeft.Core.Benchmarks;

/// <summary>
/// The three backbones at base size, with random weights of the real shapes and the dropouts that their authors publish. No layer
/// is skipped at random, so that every step is the same work.
/// </summary>
/// <param name="Name">Name for people.</param>
/// <param name="Hash">Stands for the content hash of the weights in the cache.</param>
public sealed record BaseModel(string Name, string Hash)
{
    private const int Seed = 1;

    /// <summary>All three.</summary>
    public static IReadOnlyList<BaseModel> All { get; } = [new("wav2vec2-base", "bench-wav2vec2"), new("hubert-base", "bench-hubert"), new("ecg-fm", "bench-ecg-fm")];

    /// <summary>Dropout in the layers, as published: after blocks, on attention weights, inside the feed-forward block.</summary>
    public static double Hidden => 0.1;

    /// <summary>Dropout inside the feed-forward block.</summary>
    public double InFeedForward => Name == "hubert-base" ? 0.1 : 0;

    /// <summary>Builds backbone and head.</summary>
    public SequenceClassifier Build()
    {
        var weights = new SeededWeights(Seed);
        if (Name == "ecg-fm")
        {
            var ecg = EcgFmConfig.Read(KnownConfig.Read("ecg-fm.json"), normalize: false);
            return ModelFolder.Build(ecg with { LayerDrop = 0 }, weights, weights);
        }
        var speech = Wav2Vec2Config.Read(KnownConfig.Read(Name == "hubert-base" ? "hubert-base-ls960.json" : "wav2vec2-base.json"));
        return ModelFolder.Build(speech with { LayerDrop = 0, Layer = speech.Layer with { ActivationDropout = InFeedForward } }, weights, weights);
    }
}

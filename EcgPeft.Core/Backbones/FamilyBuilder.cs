using EcgPeft.Core.Backbones.EcgFm;
using EcgPeft.Core.Backbones.Wav2Vec2;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;

namespace EcgPeft.Core.Backbones;

/// <summary>What differs between the families when a checkpoint is read: how to build the network and how files spell its names.</summary>
/// <param name="BackbonePrefix">What files of a whole classifier put before the backbone's names.</param>
/// <param name="Build">From the backbone's and the head's tensors to the classifier.</param>
/// <param name="OwnLevels">Levels of names that begin like the prefix but belong to the backbone itself.</param>
internal sealed record FamilyBuilder(string BackbonePrefix, Func<IWeightSource, IWeightSource, SequenceClassifier> Build, IReadOnlyList<string> OwnLevels)
{
    public const string EcgFmType = "ecg-fm";
    public const string EcgFmName = "encoder";

    public static FamilyBuilder Speech(Wav2Vec2Config config) =>
        new(config.ModelType + ".", (backbone, head) => ModelFolder.Build(config, backbone, head), []);

    /// <summary>A pre-trained ECG-FM has <c>encoder.layers…</c> of its own; a fine-tuned one <c>encoder.encoder.layers…</c>.</summary>
    public static FamilyBuilder EcgFm(EcgFmConfig config) =>
        new(EcgFmName + ".", (backbone, head) => ModelFolder.Build(config, backbone, head), ["encoder.layers.", "encoder.layer_norm."]);

    /// <summary>Whether a key belongs to a bare backbone although it begins like the prefix of a whole classifier.</summary>
    public bool IsBackboneOnlyKey(string key) => OwnLevels.Any(level => key.StartsWith(level, StringComparison.Ordinal));

    /// <summary>The key of a file for one of our names.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">Full name in the classifier.</param>
    /// <param name="prefixed">Whether the file's keys have the prefix.</param>
    public string KeyOf(TensorFile file, string name, bool prefixed)
    {
        var key = !prefixed && name.StartsWith(BackbonePrefix, StringComparison.Ordinal) ? name[BackbonePrefix.Length..] : name;
        // Some ECG-FM files leave one level out of the positional convolution's name.
        var shorter = key.Replace("conv_pos.pos_conv.", "conv_pos.", StringComparison.Ordinal);
        return shorter != key && file.Entries.ContainsKey($"{shorter[..shorter.LastIndexOf('.')]}.bias") ? shorter : key;
    }
}

using EcgPeft.Core.Checkpoints;
using static TorchSharp.torch;

namespace EcgPeft.Core.Backbones.Weights;

/// <summary>
/// Weights of a checkpoint, as float32, checked by name and shape. Both spellings of a weight-normed convolution are
/// understood, and a prefix that the file puts before every name, or leaves out, can be given.
/// </summary>
public sealed class CheckpointWeights : IWeightSource
{
    private static readonly (string Ours, string Other)[] WeightNormSpellings =
    [
        (".weight_g", ".parametrizations.weight.original0"),
        (".weight_v", ".parametrizations.weight.original1"),
    ];

    private readonly TensorFile file;
    private readonly Func<string, string> keyOf;
    private readonly bool values;
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);

    /// <summary>Reads from an open file.</summary>
    /// <param name="file">The file; the caller keeps it open while the model is built, and closes it.</param>
    /// <param name="keyOf">From a module's full name to the file's key; null where they are the same.</param>
    /// <param name="values">False to check names and shapes only: tensors are then on the meta device, and no value is read.</param>
    public CheckpointWeights(TensorFile file, Func<string, string>? keyOf = null, bool values = true)
    {
        this.values = values;
        this.file = file;
        this.keyOf = keyOf ?? (name => name);
    }

    /// <summary>Keys of the file that no module asked for.</summary>
    public IReadOnlyList<string> Untaken => [.. file.Entries.Keys.Where(key => !taken.Contains(key)).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public bool Has(string name) => FindKey(name) is not null;

    /// <inheritdoc/>
    public Tensor Take(string name, ReadOnlySpan<long> shape, WeightInit init)
    {
        var key = FindKey(name) ?? throw new UserInputException($"{file.Path} has no tensor {keyOf(name)}, which this model needs; use the checkpoint that belongs to its config.");
        var entry = file.Entries[key];
        if (!entry.Shape.SequenceEqual(shape.ToArray()))
            throw new UserInputException($"{file.Path} holds {key} as [{string.Join(", ", entry.Shape)}], but the config asks for [{string.Join(", ", shape.ToArray())}].");
        taken.Add(key);
        return values ? file.Take(key, ScalarType.Float32) : empty(shape, dtype: ScalarType.Float32, device: META);
    }

    private string? FindKey(string name)
    {
        var key = keyOf(name);
        if (file.Entries.ContainsKey(key)) return key;
        foreach (var (ours, other) in WeightNormSpellings)
        {
            if (!key.EndsWith(ours, StringComparison.Ordinal)) continue;
            var spelled = key[..^ours.Length] + other;
            if (file.Entries.ContainsKey(spelled)) return spelled;
        }
        return null;
    }
}

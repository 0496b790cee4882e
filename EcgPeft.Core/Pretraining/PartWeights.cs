using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using static TorchSharp.torch;

namespace EcgPeft.Core.Pretraining;

/// <summary>
/// Tensors of the parts that only pre-training uses. A checkpoint may hold them or not, and another objective gives them other
/// shapes: what fits is taken over, the rest begins anew and is named.
/// </summary>
/// <param name="file">The checkpoint, open; null where everything begins anew.</param>
/// <param name="fresh">Where new tensors come from.</param>
/// <param name="prefix">What the file may put before a name.</param>
public sealed class PartWeights(TensorFile? file, IWeightSource fresh, string prefix) : IWeightSource
{
    private readonly List<string> made = [];

    /// <summary>Tensors that began anew, in the order in which they were asked for.</summary>
    public IReadOnlyList<string> New => made;

    /// <inheritdoc/>
    public Tensor Take(string name, ReadOnlySpan<long> shape, WeightInit init)
    {
        foreach (var key in new[] { name, prefix + name, name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name })
            if (file is not null && file.Entries.TryGetValue(key, out var entry) && entry.Shape.SequenceEqual(shape.ToArray())) return file.Read(key, ScalarType.Float32);
        made.Add(name);
        return fresh.Take(name, shape, init);
    }

    /// <inheritdoc/>
    public bool Has(string name) => true;
}

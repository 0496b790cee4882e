using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace EcgPeft.Core.Backbones.Weights;

/// <summary>
/// New random weights. Each tensor's generator is seeded by the seed and the tensor's name, so a tensor starts the same
/// whatever else the model holds and in whatever order it is built.
/// </summary>
/// <param name="seed">The seed.</param>
public sealed class SeededWeights(int seed) : IWeightSource
{
    /// <inheritdoc/>
    public Tensor Take(string name, ReadOnlySpan<long> shape, WeightInit init)
    {
        var tensor = empty(shape, dtype: ScalarType.Float32, device: CPU);
        using var generator = new Generator(SeedOf(seed, name), CPU);
        using var _ = no_grad();
        switch (init.Kind)
        {
            case WeightInitKind.Normal: tensor.normal_(0, init.Value, generator); break;
            case WeightInitKind.Uniform: tensor.uniform_(-init.Value, init.Value, generator); break;
            case WeightInitKind.Constant: tensor.fill_(init.Value); break;
            default: throw new InvalidOperationException($"Unknown initialisation {init.Kind}.");
        }
        return tensor;
    }

    /// <inheritdoc/>
    public bool Has(string name) => true;

    /// <summary>A 63-bit seed from a seed and a name, the same on every machine.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="name">What the seed is for.</param>
    public static ulong SeedOf(int seed, string name)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{name}"));
        return BinaryPrimitives.ReadUInt64LittleEndian(digest) >> 1;
    }
}

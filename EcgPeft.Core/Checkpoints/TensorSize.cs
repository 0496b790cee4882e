using static TorchSharp.torch;

namespace EcgPeft.Core.Checkpoints;

/// <summary>Sizes of tensors that a file only claims: computed without trusting it.</summary>
internal static class TensorSize
{
    /// <summary>More dimensions than any weight has; a header that claims more is refused before it costs memory.</summary>
    public const int MaxRank = 64;

    public static int Of(ScalarType type) => type switch
    {
        ScalarType.Bool or ScalarType.Byte or ScalarType.Int8 => 1,
        ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Int16 => 2,
        ScalarType.Float32 or ScalarType.Int32 => 4,
        ScalarType.Float64 or ScalarType.Int64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No checkpoint format here stores this element type."),
    };

    /// <summary>Elements of a shape; false if a size is negative, there are too many, or the product leaves 64 bits (even beside a zero).</summary>
    public static bool TryCount(IReadOnlyList<long> shape, out long count)
    {
        count = 1;
        if (shape.Count > MaxRank) return false;
        long nonZero = 1;
        foreach (var size in shape)
        {
            if (size < 0 || Math.BigMul(nonZero, Math.Max(size, 1)) > long.MaxValue / 8) return false;
            nonZero *= Math.Max(size, 1);
            count *= size;
        }
        return true;
    }
}

using EcgPeft.Core.Checkpoints;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Checkpoints;

internal static class TensorAssert
{
    /// <summary>Same element type, shape and bits.</summary>
    public static void Identical(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(actual.is_contiguous());
        if (expected.numel() > 0) Assert.True(expected.bytes.SequenceEqual(actual.bytes));
    }

    /// <summary>The same names, and every tensor identical.</summary>
    public static void SameTensors(TensorFile expected, TensorFile actual)
    {
        Assert.Equal(expected.Entries.Keys.Order(StringComparer.Ordinal), actual.Entries.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, entry) in expected.Entries)
        {
            Assert.Equal(entry.Shape, actual.Entries[name].Shape);
            Assert.Equal(entry.ByteLength, actual.Entries[name].ByteLength);
            using var a = expected.Read(name);
            using var b = actual.Read(name);
            Identical(a, b);
        }
    }
}

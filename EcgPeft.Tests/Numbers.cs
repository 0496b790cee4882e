using static TorchSharp.torch;

namespace EcgPeft.Tests;

/// <summary>Comparisons of tensors with reference values.</summary>
public static class Numbers
{
    /// <summary>Fails unless shapes are equal and no element differs by more than the tolerance.</summary>
    public static void Close(Tensor expected, Tensor actual, double tolerance, string what)
    {
        Assert.Equal(expected.shape, actual.shape);
        using var difference = (expected.to(ScalarType.Float64) - actual.detach().to(ScalarType.Float64)).abs().max();
        var largest = difference.item<double>();
        Assert.True(largest <= tolerance, $"{what} differs by {largest:G4}; allowed are {tolerance:G4}.");
    }

    /// <summary>Fails unless the largest difference is at most the tolerance times the largest expected value.</summary>
    public static void RelativelyClose(Tensor expected, Tensor actual, double tolerance, string what)
    {
        using var scale = expected.abs().max();
        Close(expected, actual, tolerance * Math.Max(scale.to(ScalarType.Float64).item<double>(), 1e-6), what);
    }
}

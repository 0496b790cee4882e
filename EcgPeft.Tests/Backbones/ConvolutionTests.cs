using EcgPeft.Core.Backbones.Blocks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Tests.Backbones;

/// <summary>Convolutions of any number of channels, forward and backward, against the same in double precision.</summary>
public sealed class ConvolutionTests
{
    [Theory]
    [InlineData(24, 24, 3, 2, 0, 1)]
    [InlineData(20, 36, 3, 2, 0, 1)]
    [InlineData(16, 40, 4, 2, 0, 1)]
    [InlineData(56, 8, 2, 1, 0, 1)]
    [InlineData(8, 8, 3, 1, 0, 1)]
    [InlineData(1, 20, 10, 5, 0, 1)]
    [InlineData(12, 4, 3, 2, 0, 1)]
    [InlineData(128, 128, 16, 1, 8, 16)]
    [InlineData(24, 24, 8, 1, 4, 1)]
    [InlineData(72, 72, 7, 1, 3, 3)]
    [InlineData(32, 48, 3, 2, 0, 1)]
    [InlineData(12, 24, 10, 5, 0, 1)]
    public void Values_and_gradients_are_those_of_double_precision(long channels, long outputs, long kernel, long stride, long padding, long groups)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(5, CPU);
        Tensor[] Leaves(ScalarType type) =>
            [.. new long[][] { [3, channels, 80], [outputs, channels / groups, kernel], [outputs] }.Select((shape, i) => randn(shape, dtype: ScalarType.Float64, generator: new Generator((ulong)i, CPU)).to(type).requires_grad_())];
        var (single, exact) = (Leaves(ScalarType.Float32), Leaves(ScalarType.Float64));
        var y = Convolution.Of(single[0], single[1], single[2], stride, padding, groups);
        var expected = functional.conv1d(exact[0], exact[1], exact[2], stride: stride, padding: padding, groups: groups);
        Close(expected, y);
        var gradient = randn(expected.shape, dtype: ScalarType.Float64, generator: generator);
        y.backward([gradient.to(ScalarType.Float32)]);
        expected.backward([gradient]);
        foreach (var (ours, theirs) in single.Zip(exact)) Close(theirs.grad!, ours.grad!);
    }

    private static void Close(Tensor expected, Tensor actual) =>
        Assert.True((actual - expected).abs().max().item<double>() < 1e-5 * expected.abs().max().item<double>(), $"{(actual - expected).abs().max().item<double>()} of {expected.abs().max().item<double>()}");
}

using EcgPeft.Core;
using EcgPeft.Core.Backbones.Blocks;
using static TorchSharp.torch;

namespace EcgPeft.Tests;

public sealed class NnpackTests
{
    [Fact]
    public void A_convolution_of_one_small_segment_does_not_ask_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems may have no switch.");
        using var scope = NewDisposeScope();
        Convolution.Of(zeros(1, 1, 100), zeros(4, 1, 3), null);
        Assert.False(Nnpack.Enabled);
    }
}

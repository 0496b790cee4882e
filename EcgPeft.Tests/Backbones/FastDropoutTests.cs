using EcgPeft.Core.Backbones.Blocks;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Backbones;

public sealed class FastDropoutTests
{
    [Theory]
    [InlineData(ScalarType.Float32, 0.1)]
    [InlineData(ScalarType.Float32, 0.5)]
    [InlineData(ScalarType.BFloat16, 0.1)]
    public void A_share_of_the_elements_goes_and_the_mean_stays(ScalarType type, double probability)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var mask = FastDropout.Mask([300, 1001], type, probability).to(ScalarType.Float64);
        var share = mask.eq(0).to(ScalarType.Float64).mean().item<double>();
        Assert.Equal(probability, share, 0.005);
        Assert.Equal(1, mask.mean().item<double>(), 0.01);
        Assert.Equal(2, mask.unique().output.numel());
        // Neither rows nor columns repeat: neighbours are independent.
        var dropped = mask.eq(0).to(ScalarType.Float64) - share;
        Assert.Equal(0, (dropped.narrow(0, 0, 299) * dropped.narrow(0, 1, 299)).mean().item<double>(), 0.005);
        Assert.Equal(0, (dropped.narrow(1, 0, 1000) * dropped.narrow(1, 1, 1000)).mean().item<double>(), 0.005);
    }

    [Fact]
    public void The_seed_decides_the_mask_whatever_the_threads()
    {
        using var scope = NewDisposeScope();
        float[] Mask()
        {
            manual_seed(11);
            return FastDropout.Mask([400, 1000], ScalarType.Float32, 0.3).data<float>().ToArray();
        }
        var threads = get_num_threads();
        var first = Mask();
        set_num_threads(threads == 1 ? 2 : 1);
        var second = Mask();
        set_num_threads(threads);
        Assert.Equal(first, second);
        Assert.NotEqual(first, FastDropout.Mask([400, 1000], ScalarType.Float32, 0.3).data<float>().ToArray());
    }

    [Fact]
    public void Gradients_pass_where_elements_stay()
    {
        using var scope = NewDisposeScope();
        var x = ones([50, 40], requires_grad: true);
        var y = FastDropout.Apply(x, 0.25, training: true);
        y.sum().backward();
        Numbers.Close(y, x.grad!, 0, "gradient");
        Assert.Same(x, FastDropout.Apply(x, 0.25, training: false));
    }
}

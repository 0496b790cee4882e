using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Explanations;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Lora;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Explanations;

/// <summary>Attributions against closed forms, and their completeness (Sundararajan et al. 2017, proposition 1) on whole models.</summary>
public sealed class IntegratedGradientsTests
{
    public static TheoryData<string> Models => [.. TestData.GoldenCases("wav2vec2"), .. TestData.GoldenCases("hubert")];

    [Fact]
    public void A_weighted_sum_of_squares_is_attributed_to_each_square()
    {
        float[] x = [1, -2, 0.5f, 3], w = [2, 1, -4, 0];
        var found = Of(at => (at * at).matmul(tensor(w)), x);
        for (var i = 0; i < x.Length; i++)
        {
            Assert.Equal(w[i] * x[i] * x[i], found.IntegratedGradients[i], 1e-4);
            Assert.Equal(2 * w[i] * x[i] * x[i], found.GradientTimesInput[i], 1e-4);
        }
        Assert.Equal(0, found.Gap, 1e-4);
    }

    [Fact]
    public void A_score_that_jumps_near_the_flat_line_is_still_attributed_whole()
    {
        // Like a norm over the segment: the same for every scale of the input, but for the last thousandth of the way.
        float[] x = [1, -2, 0.5f, 3], u = [1, 1, -2, 0.5f];
        var found = Of(at => at.matmul(tensor(u)) / ((at * at).mean([1L]) + 1e-5).sqrt(), x);
        Assert.InRange(Math.Abs(found.Gap), 0, 0.01 * Math.Abs(found.Score - found.BaselineScore));
        Assert.Equal(0, found.BaselineScore, 1e-6);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Attributions_of_a_model_sum_to_the_difference_of_its_scores(string name)
    {
        using var scope = NewDisposeScope();
        var golden = new GoldenCase(name);
        using var model = PeftModel.Inject(ModelFolder.Load(golden.Folder, new SeededWeights(3)), new LoraConfig { Rank = 2 }, new SeededWeights(3));
        model.Classifier.eval();
        var input = golden.Tensors("expected.safetensors")["input_values"][0].data<float>().ToArray();
        var found = Of(at =>
        {
            var logits = model.Classifier.forward(at, null);
            return logits.select(1, 1) - logits.select(1, 0);
        }, input);
        Assert.True(Math.Abs(found.Score - found.BaselineScore) > 1e-3, "The model says the same of a flat line, so nothing is tested.");
        Assert.InRange(Math.Abs(found.Gap), 0, IntegratedGradients.Tolerance * Math.Abs(found.Score - found.BaselineScore) + 1e-6);
        Assert.Equal(input.Length, found.IntegratedGradients.Length);
    }

    [Fact]
    public void It_can_be_stopped()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => IntegratedGradients.Of(at => at.sum(1), [1, 2], slope => [.. slope.Select(s => (double)s)], [1, 2], 4, stop.Token));
    }

    private static Attribution Of(Func<Tensor, Tensor> score, float[] x) => IntegratedGradients.Of(score, x, slope => [.. slope.Select(s => (double)s)], x, 8, TestContext.Current.CancellationToken);
}

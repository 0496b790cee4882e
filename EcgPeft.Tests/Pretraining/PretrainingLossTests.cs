using EcgPeft.Core.Pretraining;
using TorchSharp;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Pretraining;

/// <summary>The objectives on examples that can be computed by hand.</summary>
public sealed class PretrainingLossTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Contrastive_loss_is_the_cross_entropy_of_cosines_over_temperature()
    {
        // One row, two masked frames; each has the other's target as its only distractor.
        var context = tensor(new float[] { 1, 0, 3, 4 }, 1, 2, 2);
        var targets = tensor(new float[] { 2, 0, 0, 1 }, 1, 2, 2);
        var negatives = tensor(new long[] { 1, 0 }, 1, 2, 1);
        var logits = PretrainingLosses.ContrastiveLogits(context, targets, negatives, 0.5);

        // Frame 0: cosines 1 and 0. Frame 1: 4/5 with its own target (0, 1) and 3/5 with (2, 0).
        Assert.Equal([2, 0, 1.6f, 1.2f], logits.data<float>().ToArray().Select(v => MathF.Round(v, 5)));
        var expected = (Math.Log(1 + Math.Exp(-2)) + Math.Log(1 + Math.Exp(-0.4))) / 2;
        Assert.Equal(expected, PretrainingLosses.Contrastive(logits).item<float>(), 1e-5);
    }

    [Fact]
    public void A_distractor_that_equals_the_target_does_not_count()
    {
        var context = tensor(new float[] { 1, 0, 0, 1 }, 1, 2, 2);
        var targets = tensor(new float[] { 1, 1, 1, 1 }, 1, 2, 2);
        var logits = PretrainingLosses.ContrastiveLogits(context, targets, tensor(new long[] { 1, 0 }, 1, 2, 1), 0.1);
        Assert.True(float.IsNegativeInfinity(logits[0, 1].item<float>()));
        Assert.Equal(0, PretrainingLosses.Contrastive(logits).item<float>(), 1e-6);
    }

    [Fact]
    public void Diversity_loss_is_0_for_even_use_and_largest_for_one_entry()
    {
        const int codebooks = 2, entries = 4;
        var even = full([10, codebooks, entries], 1f / entries);
        Assert.Equal(0, PretrainingLosses.Diversity(even).item<float>(), 1e-5);
        Assert.Equal(codebooks * entries, PretrainingLosses.Perplexity(even).item<float>(), 1e-3);

        var one = zeros(10, codebooks, entries);
        one.select(2, 1).fill_(1);
        Assert.Equal((entries - 1) / (float)entries, PretrainingLosses.Diversity(one).item<float>(), 1e-5);

        // Each frame is sure, but together they use all entries: that is diverse.
        var shared = zeros(entries, codebooks, entries);
        for (var i = 0; i < entries; i++) shared[i, TensorIndex.Colon, i] = 1;
        Assert.Equal(0, PretrainingLosses.Diversity(shared).item<float>(), 1e-5);
    }

    [Fact]
    public void Cmsc_on_identical_views_of_orthogonal_persons_is_the_softmax_of_one_over_temperature()
    {
        var views = eye(3) * 7;
        var loss = PretrainingLosses.Cmsc(views, views, tensor(new long[] { 0, 1, 2 }), 0.1).item<float>();
        Assert.Equal(Math.Log(1 + 2 * Math.Exp(-10)), loss, 1e-6);
        Assert.True(PretrainingLosses.Cmsc(views, views.roll(1, 0), tensor(new long[] { 0, 1, 2 }), 0.1).item<float>() > 9);
    }

    [Fact]
    public void Cmsc_takes_every_segment_of_a_person_as_a_target()
    {
        // Two pairs of one person, all alike: two targets out of two, each with probability one half.
        var same = ones(2, 4);
        Assert.Equal(Math.Log(2), PretrainingLosses.Cmsc(same, same, tensor(new long[] { 5, 5 }), 0.1).item<float>(), 1e-6);
    }

    [Fact]
    public void Cluster_logits_are_cosines_over_temperature()
    {
        var logits = PretrainingLosses.ClusterLogits(tensor(new float[] { 3, 4 }, 1, 2), tensor(new float[] { 1, 0, 0, 2, -3, -4 }, 3, 2), 0.1);
        Assert.Equal([6, 8, -10], logits.data<float>().ToArray().Select(v => MathF.Round(v, 4)));
    }
}

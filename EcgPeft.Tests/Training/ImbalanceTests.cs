using EcgPeft.Core.Training;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Training;

public sealed class ImbalanceTests
{
    private static readonly float[] Logits = [0.3f, -0.2f, 1.5f, 0.1f, -0.7f, 0.9f, 0.2f, 0.25f];
    private static readonly byte[] Labels = [0, 1, 1, 0];
    private static readonly byte[] Training = [0, 0, 0, 1];

    [Fact]
    public void Losses_are_the_papers_and_pytorchs_weighted_means()
    {
        foreach (var weighting in Enum.GetValues<ClassWeighting>())
        {
            var weights = Labels.Select(label => weighting == ClassWeighting.None ? 1 : label == 1 ? 4 / 2.0 : 4 / (2.0 * 3)).ToArray();
            foreach (var gamma in new[] { 0.0, 2, 0.5 })
            {
                var expected = Labels.Select((label, i) => weights[i] * Math.Pow(1 - P(i, label), gamma) * -Math.Log(P(i, label))).Sum() / weights.Sum();
                Assert.Equal(expected, Loss(new() { Loss = LossKind.Focal, FocalGamma = gamma, ClassWeights = weighting }), 1e-6);
                if (gamma == 0) Assert.Equal(expected, Loss(new() { ClassWeights = weighting }), 1e-6);
            }
        }
    }

    [Fact]
    public void A_balanced_epoch_has_half_of_each_class_and_repeats_the_rarer_one_only()
    {
        var labels = Enumerable.Range(0, 101).Select(i => (byte)(i % 5 == 0 ? 1 : 0)).ToArray();
        int[] rows = [.. Enumerable.Range(0, 101)];
        var drawn = BatchOrder.Balanced(rows, labels, 16, seed: 1, epoch: 1).SelectMany(b => b).ToArray();
        Assert.Equal(101, drawn.Length);
        Assert.InRange(drawn.Count(row => labels[row] == 1), 50, 51);
        Assert.Equal(drawn.Count(row => labels[row] == 0), drawn.Where(row => labels[row] == 0).Distinct().Count());
        Assert.All(drawn.Where(row => labels[row] == 1).GroupBy(row => row), g => Assert.InRange(g.Count(), 2, 3));
        Assert.Equal(drawn, BatchOrder.Balanced(rows, labels, 16, seed: 1, epoch: 1).SelectMany(b => b));
        Assert.NotEqual(drawn, BatchOrder.Balanced(rows, labels, 16, seed: 1, epoch: 2).SelectMany(b => b));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    public void A_stopped_run_with_augmentation_and_balanced_sampling_goes_on_exactly(int stopAfter)
    {
        var recipe = SmallRun.DefaultRecipe with
        {
            Training = SmallRun.DefaultRecipe.Training with { Epochs = 2, Sampling = SamplingKind.Balanced, Loss = LossKind.Focal, ClassWeights = ClassWeighting.Balanced },
            Augmentation = new() { Scaling = 0.1, Shift = 0.05, Noise = 0.05, BaselineWander = 0.2 },
        };
        var whole = new SmallRun(recipe);
        whole.Run();
        var plain = new SmallRun(recipe with { Augmentation = new() });
        plain.Run();
        Assert.NotEqual(whole.Trained, plain.Trained);

        using var stop = new CancellationTokenSource();
        var part = new SmallRun(recipe, stop.Token);
        part.OnEvent = e =>
        {
            if (e is StepEvent step && step.Step == stopAfter) stop.Cancel();
        };
        Assert.False(part.Run().Completed);
        var rest = new SmallRun(recipe) { CheckpointFolder = part.CheckpointFolder };
        rest.Run();
        Assert.Equal(whole.Trained, rest.Trained);
    }

    private static double P(int i, byte label) => 1 / (1 + Math.Exp(label == 1 ? Logits[2 * i] - Logits[2 * i + 1] : Logits[2 * i + 1] - Logits[2 * i]));

    private static double Loss(TrainingRecipe settings)
    {
        using var scope = NewDisposeScope();
        return new ClassificationLoss(settings, Training).Of(tensor(Logits, 4, 2), tensor(Labels.Select(l => (long)l).ToArray())).item<float>();
    }
}

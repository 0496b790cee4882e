using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;

namespace EcgPeft.Tests.Ecg;

public class SyntheticEcgTests
{
    [Fact]
    public void The_seed_decides_and_nothing_else()
    {
        var hash = SyntheticEcg.Generate(60, 6, 1).Hash;
        Assert.Equal(hash, SyntheticEcg.Generate(60, 6, 1).Hash);
        Assert.NotEqual(hash, SyntheticEcg.Generate(60, 6, 2).Hash);
    }

    [Fact]
    public void Segments_look_like_single_lead_ecg_of_many_people()
    {
        var set = SyntheticEcg.Generate(4000, 40, 5);
        Assert.Equal((4000, 600, 360.0), (set.Count, set.Length, set.SamplingRateHz));
        Assert.InRange(set.Positives, 1250, 1420);
        var people = set.Groups!.GroupBy(g => g).ToList();
        Assert.Equal(40, people.Count);
        Assert.All(people, p => Assert.Equal(100, p.Count()));
        Assert.All(Enumerable.Range(0, set.Count), i =>
        {
            var (low, high) = (float.MaxValue, float.MinValue);
            foreach (var v in set.Segment(i)) (low, high) = (Math.Min(low, v), Math.Max(high, v));
            // Millivolts: a beat is there, and nothing a single lead would not show.
            Assert.InRange(high - low, 0.6, 5);
            Assert.InRange(Math.Max(-low, high), 0.3, 3.5);
        });
    }

    [Fact]
    public void Few_segments_still_have_both_classes()
    {
        var set = SyntheticEcg.Generate(2, 2, 1);
        Assert.Equal(1, set.Positives);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 0)]
    [InlineData(10, 11)]
    [InlineData(int.MaxValue, 1)]
    public void Impossible_numbers_are_refused(int segments, int users) =>
        Assert.Throws<UserInputException>(() => SyntheticEcg.Generate(segments, users, 1));

    [Theory]
    [InlineData(2003)]
    [InlineData(11)]
    public void Logistic_regression_on_the_samples_is_neither_perfect_nor_helpless(int seed)
    {
        var set = SyntheticEcg.Generate(4000, 40, seed);
        var split = Splits.Divide(set, SplitKind.Stratified, 0.15, 0.15, 1);
        var values = Normalization.Apply(set, NormalizationKind.Segment).Values;
        var weights = LogisticRegression.Fit(values, set.Labels.Span, set.Length, split.Training, epochs: 60, learningRate: 0.2f, decay: 1e-3f);
        byte[] labels = [.. split.Test.Select(i => set.Labels.Span[i])];
        double[] probabilities = [.. split.Test.Select(i => LogisticRegression.Predict(weights, values.AsSpan(i * set.Length, set.Length)))];
        Assert.InRange(BinaryMetrics.Compute(labels, probabilities).Auroc!.Value, 0.65, 0.85);
    }
}

using EcgPeft.Core.Evaluation;

namespace EcgPeft.Tests.Evaluation;

public class ComparisonTests
{
    [Fact]
    public void Classifiers_that_never_differ_show_no_difference()
    {
        byte[] labels = [0, 1, 1, 0];
        double[] p = [0.1, 0.9, 0.4, 0.2];
        Assert.Equal(new McNemarTest(0, 0, 1, null, null), McNemarTest.Compute(labels, p, p));
        var deLong = DeLongTest.Compute(labels, p, p)!;
        Assert.Null(deLong.Z);
        Assert.Null(deLong.P);
    }

    [Fact]
    public void DeLong_is_not_defined_with_one_segment_of_a_class() => Assert.Null(DeLongTest.Compute([0, 1, 1], [0.1, 0.4, 0.6], [0.5, 0.4, 0.6]));

    [Fact]
    public void Holm_keeps_the_order_of_p_values_and_never_lowers_one()
    {
        // Worked by hand: 4 x 0.01, then 3 x 0.02, 2 x 0.03, and 0.2.
        Assert.Equal([0.04, 0.2, null, 0.06, 0.06], Holm.Adjust([0.01, 0.2, null, 0.02, 0.03]));
        Assert.Equal([1, 1], Holm.Adjust([0.9, 0.8]));
    }

    [Fact]
    public void A_resample_that_defines_nothing_is_left_out_and_too_few_leave_no_interval()
    {
        Assert.Equal(new Interval(1, 1), Interval.Of([1, null, 1]));
        Assert.Null(Interval.Of([1, null, null]));
        Assert.Null(Interval.Of([]));
    }

    [Fact]
    public void The_same_seed_draws_the_same_resamples()
    {
        int[][] splits = [[0, 1, 2, 3], [2, 3, 4, 5]];
        var (a, b) = (new Bootstrap(splits, null, 5, seed: 3), new Bootstrap(splits, null, 5, seed: 3));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(a.Draw(i).Splits, b.Draw(i).Splits);
            Assert.Equal(a.Draw(i).Segments, b.Draw(i).Segments);
        }
        Assert.NotEqual(a.Draw(0).Segments[0], a.Draw(1).Segments[0]);
    }

    [Fact]
    public void Values_of_a_resample_are_the_metrics_of_its_segments()
    {
        // Coarse probabilities have ties, and of three people some resamples hold one class only.
        var random = new Random(7);
        int[][] rows = [[.. Enumerable.Range(0, 24)], [.. Enumerable.Range(8, 24)]];
        string[] groups = [.. Enumerable.Range(0, 32).Select(row => $"person {row / 11}")];
        var results = rows.Select((split, s) => new SplitResult(new Predictions(split, [.. split.Select(row => (byte)(row / 11 == 1 ? row % 2 : row / 22))], [.. split.Select(_ => random.Next(0, 9) / 8.0)]), .375 + (.25 * s))).ToList();
        var bootstrap = new Bootstrap(rows, groups, 200);
        var values = bootstrap.Values(results);
        for (var number = 0; number < bootstrap.Resamples; number++)
        {
            var (splits, segments) = bootstrap.Draw(number);
            foreach (var metric in Metric.All)
            {
                var expected = splits.Where(s => segments[s].Length > 0).Select(s => metric.Of(results[s].Predictions.At(segments[s]).Metrics(results[s].Threshold))).OfType<double>().ToList();
                Assert.Equal(expected.Count == 0 ? double.NaN : expected.Average(), values[metric][number] ?? double.NaN, 1e-12);
            }
        }
        Assert.Contains(null, values[Metric.Auroc]);
    }

    [Fact]
    public void Groups_are_drawn_whole_and_alike_in_every_split()
    {
        string[] groups = ["a", "a", "b", "b", "c", "c"];
        var bootstrap = new Bootstrap([[0, 1, 2, 3], [2, 3, 4, 5]], groups, 50);
        Assert.Equal(3, bootstrap.Units);
        for (var i = 0; i < 50; i++)
        {
            var (_, segments) = bootstrap.Draw(i);
            // b is rows 2 and 3: positions 2 and 3 in the first split, 0 and 1 in the second.
            Assert.Equal(segments[0].Count(p => p == 2), segments[0].Count(p => p == 3));
            Assert.Equal(segments[0].Count(p => p == 2), segments[1].Count(p => p == 0));
        }
    }

    [Fact]
    public void Resampling_people_gives_wider_intervals_than_resampling_their_segments()
    {
        // Eight people of 40 segments; some are called rightly throughout, some wrongly throughout.
        var rows = Enumerable.Range(0, 320).ToArray();
        var labels = rows.Select(r => (byte)(r % 2)).ToArray();
        var right = rows.Select(r => r / 40 % 3 != 0).ToArray();
        var result = new SplitResult(new Predictions(rows, labels, [.. rows.Select(r => right[r] == (labels[r] == 1) ? 0.9 : 0.1)]), 0.5);
        var accuracy = Metric.Find("accuracy")!;
        var bySegment = Interval.Of(new Bootstrap([rows], null, 300).Values([result])[accuracy])!;
        var byPerson = Interval.Of(new Bootstrap([rows], [.. rows.Select(r => $"person {r / 40}")], 300).Values([result])[accuracy])!;
        Assert.True(byPerson.High - byPerson.Low > 3 * (bySegment.High - bySegment.Low));
    }

    [Fact]
    public void A_better_classifier_gets_a_small_p_value_and_equal_ones_get_1()
    {
        var random = new Random(4);
        var rows = Enumerable.Range(0, 200).ToArray();
        var labels = rows.Select(r => (byte)(r % 2)).ToArray();
        SplitResult Result(double skill) => new(new Predictions(rows, labels, [.. labels.Select(l => Math.Clamp(0.5 + (l - 0.5) * skill + (random.NextDouble() - 0.5), 0, 1))]), 0.5);
        var bootstrap = new Bootstrap([rows], null, 400);
        var (good, poor) = (bootstrap.Values([Result(0.8)])[Metric.Auroc], bootstrap.Values([Result(0.1)])[Metric.Auroc]);
        Assert.InRange(Bootstrap.PValue(Bootstrap.Differences(good, poor))!.Value, 0, 0.01);
        Assert.Equal(1, Bootstrap.PValue(Bootstrap.Differences(good, good)));
    }
}

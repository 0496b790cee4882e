using EcgPeft.Core;
using EcgPeft.Core.Ecg;

namespace EcgPeft.Tests.Ecg;

public class SplitsTests
{
    [Fact]
    public void Stratified_shares_are_exact_by_label()
    {
        var set = Set(1000, i => i % 5 == 0, null);
        var split = Splits.Divide(set, SplitKind.Auto, 0.15, 0.15, 7);
        Assert.False(split.ByGroup);
        Assert.Equal((700, 150, 150), (split.Training.Length, split.Validation.Length, split.Test.Length));
        Assert.Equal((140, 30, 30), (Positives(set, split.Training), Positives(set, split.Validation), Positives(set, split.Test)));
        Covers(set, split);
    }

    [Fact]
    public void The_seed_decides()
    {
        var set = Set(400, i => i % 3 == 0, i => $"p{i % 20}");
        foreach (var kind in new[] { SplitKind.Stratified, SplitKind.Grouped })
        {
            Assert.Equal(Splits.Divide(set, kind, 0.15, 0.15, 1).Test, Splits.Divide(set, kind, 0.15, 0.15, 1).Test);
            Assert.NotEqual(Splits.Divide(set, kind, 0.15, 0.15, 1).Test, Splits.Divide(set, kind, 0.15, 0.15, 2).Test);
        }
    }

    // Known values: a change of the shuffle would silently give old recipes other splits.
    [Fact]
    public void A_seed_gives_the_same_split_for_ever()
    {
        var set = Set(20, i => i % 2 == 0, null);
        var split = Splits.Divide(set, SplitKind.Stratified, 0.2, 0.2, 42);
        Assert.Equal("0,1,18,19", string.Join(",", split.Validation));
        Assert.Equal("5,8,9,12", string.Join(",", split.Test));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(40)]
    [InlineData(1000)]
    public void Groups_stay_whole_and_shares_come_near(int groups)
    {
        int Group(int i) => Math.Min(i % groups, i / 17 % groups);
        // Unequal sizes and shares of positives, as people are.
        var set = Set(6000, i => (i * 7919 % 101) < 20 + Group(i) * 40 / groups, i => $"p{Group(i)}");
        var split = Splits.Divide(set, SplitKind.Auto, 0.15, 0.15, 3);
        Assert.True(split.ByGroup);
        Covers(set, split);
        var parts = new[] { split.Training, split.Validation, split.Test };
        var groupsOf = parts.Select(p => p.Select(i => set.Groups![i]).ToHashSet()).ToList();
        Assert.Empty(groupsOf[0].Intersect(groupsOf[1]).Concat(groupsOf[0].Intersect(groupsOf[2])).Concat(groupsOf[1].Intersect(groupsOf[2])));
        foreach (var part in parts) Assert.InRange(Positives(set, part), 1, part.Length - 1);
        if (groups < 40) return;
        Assert.InRange(split.Test.Length, 0.12 * set.Count, 0.18 * set.Count);
        Assert.InRange(Positives(set, split.Test), 0.12 * set.Positives, 0.18 * set.Positives);
    }

    [Fact]
    public void Groups_of_one_class_are_paired()
    {
        // Three healthy and three ill people: only one of each in every split gives both classes everywhere.
        var set = Set(60, i => i % 6 < 3, i => $"p{i % 6}");
        foreach (var seed in Enumerable.Range(0, 20))
        {
            var split = Splits.Divide(set, SplitKind.Grouped, 0.15, 0.15, seed);
            foreach (var part in new[] { split.Training, split.Validation, split.Test }) Assert.Equal((10, 20), (Positives(set, part), part.Length));
        }
    }

    [Fact]
    public void What_cannot_be_divided_is_refused_with_a_way_out()
    {
        var two = Set(100, i => i % 3 == 0, i => $"p{i % 2}");
        Assert.Contains("stratified", Assert.Throws<UserInputException>(() => Splits.Divide(two, SplitKind.Auto, 0.15, 0.15, 1)).Message, StringComparison.Ordinal);
        var allIllInOne = Set(100, i => i % 10 == 0, i => $"p{i % 10}");
        Assert.Contains("stratified", Assert.Throws<UserInputException>(() => Splits.Divide(allIllInOne, SplitKind.Auto, 0.15, 0.15, 1)).Message, StringComparison.Ordinal);
        var unknown = Set(100, i => i % 3 == 0, null);
        Assert.Contains("groups file", Assert.Throws<UserInputException>(() => Splits.Divide(unknown, SplitKind.Grouped, 0.15, 0.15, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<UserInputException>(() => Splits.Divide(unknown, SplitKind.Stratified, 0.6, 0.4, 1));
        Assert.Throws<UserInputException>(() => Splits.Divide(unknown, SplitKind.Stratified, double.NaN, 0.15, 1));
        Assert.Throws<UserInputException>(() => Splits.Divide(Set(50, i => i < 2, null), SplitKind.Stratified, 0.15, 0.15, 1));
    }

    [Theory]
    [InlineData(SplitKind.KFold)]
    [InlineData(SplitKind.GroupedKFold)]
    public void Every_segment_tests_in_one_fold_and_validates_in_another(SplitKind kind)
    {
        var set = Set(500, i => i * 7919 % 10 < 3, i => $"p{i % 25}");
        var folds = Enumerable.Range(1, 5).Select(fold => Splits.Divide(set, kind, 0.15, 0.15, 3, folds: 5, fold)).ToList();
        foreach (var fold in folds)
        {
            Covers(set, fold);
            Assert.InRange(fold.Test.Length, 95, 105);
            Assert.InRange(Positives(set, fold.Test), 25, 35);
            Assert.Equal(kind == SplitKind.GroupedKFold, fold.ByGroup);
            if (fold.ByGroup) Assert.Empty(fold.Test.Select(i => set.Groups![i]).Intersect(fold.Training.Concat(fold.Validation).Select(i => set.Groups![i])));
        }
        Assert.Equal(Enumerable.Range(0, 500), folds.SelectMany(f => f.Test).Order());
        Assert.Equal(Enumerable.Range(0, 500), folds.SelectMany(f => f.Validation).Order());
        Assert.Equal(folds[1].Test, folds[0].Validation);
    }

    [Fact]
    public void Each_group_is_left_out_once()
    {
        var set = Set(120, i => i * 7919 % 10 < 4, i => $"p{i % 6}");
        for (var fold = 1; fold <= 6; fold++)
        {
            var split = Splits.Divide(set, SplitKind.LeaveOneGroupOut, 0.2, 0.15, 1, fold: fold);
            Covers(set, split);
            Assert.Equal([$"p{fold - 1}"], split.Test.Select(i => set.Groups![i]).Distinct());
            Assert.Single(split.Validation.Select(i => set.Groups![i]).Distinct());
            Assert.Empty(split.Validation.Select(i => set.Groups![i]).Intersect(split.Training.Select(i => set.Groups![i])));
        }
        Assert.Contains("number of groups, which is 6", Assert.Throws<UserInputException>(() => Splits.Divide(set, SplitKind.LeaveOneGroupOut, 0.2, 0.15, 1, fold: 7)).Message, StringComparison.Ordinal);
        Assert.Throws<UserInputException>(() => Splits.Divide(set, SplitKind.KFold, 0.2, 0.15, 1, folds: 5, fold: 6));
        Assert.Throws<UserInputException>(() => Splits.Divide(set, SplitKind.KFold, 0.2, 0.15, 1, folds: 2));
    }

    [Fact]
    public void Stratified_groups_come_nearer_to_the_class_shares_than_groups_alone()
    {
        // Half of the people are nearly all positive, the other half nearly all negative.
        var set = Set(2000, i => i % 40 < 20 == (i / 40 % 10 > 0), i => $"p{i % 40}");
        double Off(SplitKind kind, int seed)
        {
            var split = Splits.Divide(set, kind, 0.2, 0.2, seed);
            return Math.Abs((double)Positives(set, split.Test) / split.Test.Length - 0.5);
        }
        Assert.All(Enumerable.Range(0, 8), seed => Assert.InRange(Off(SplitKind.StratifiedGrouped, seed), 0, 0.06));
        Assert.True(Enumerable.Range(0, 8).Average(seed => Off(SplitKind.Grouped, seed)) > 0.06);
    }

    [Fact]
    public void Near_duplicates_across_splits_are_counted()
    {
        var set = SyntheticEcg.Generate(300, 5, 4);
        var values = set.Values.ToArray();
        void Copy(int from, int to, float gain, float offset, float noise)
        {
            for (var i = 0; i < set.Length; i++) values[to * set.Length + i] = gain * values[from * set.Length + i] + offset + noise * (i % 2 == 0 ? 1 : -1);
        }
        var split = new DataSplit([.. Enumerable.Range(0, 200)], [.. Enumerable.Range(200, 50)], [.. Enumerable.Range(250, 50)], false);
        var none = NearDuplicates.Across(set, split, TestContext.Current.CancellationToken);
        Assert.Equal((0, 0, 0), (none.Validation, none.Test, none.Examples.Count));
        Copy(3, 4, 1, 0, 0); // both train
        Copy(5, 201, 2, 0.5f, 0);
        Copy(7, 251, 1, 0, 0.002f);
        Copy(202, 252, -1, 0, 0); // upside down is another segment
        Copy(203, 253, 1, 0, 0);
        var found = NearDuplicates.Across(new SegmentSet(values, set.Labels.ToArray(), set.Length), split, TestContext.Current.CancellationToken);
        Assert.Equal((1, 2), (found.Validation, found.Test));
        Assert.Equal([(201, 5), (251, 7), (253, 203)], found.Examples.Select(e => (e.Row, e.Other)));
        Assert.All(found.Examples, e => Assert.InRange(e.Correlation, 0.999, 1));
    }

    // Copies of one segment with noise that puts pairs on both sides of the threshold, at an offset that costs single precision digits.
    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void The_leakage_check_finds_what_comparing_every_pair_finds(int offset)
    {
        var (beat, random) = (SyntheticEcg.Generate(2, 1, 3).Segment(0).ToArray(), new Random(5));
        var values = Enumerable.Range(0, 120).SelectMany(i => beat.Select(v => offset + v + (random.NextSingle() - 0.5f) * (0.01f + 0.0005f * i))).ToArray();
        var set = new SegmentSet(values, [.. Enumerable.Range(0, 120).Select(i => (byte)(i % 2))], 600);
        var split = Splits.Divide(set, SplitKind.Stratified, 0.25, 0.25, 1);
        int Alike(int[] rows, int[] others) => rows.Count(row => others.Any(other => Correlation(set, row, other) >= NearDuplicates.Threshold));
        var expected = (Alike(split.Validation, split.Training), Alike(split.Test, [.. split.Training, .. split.Validation]));
        var found = NearDuplicates.Across(set, split, TestContext.Current.CancellationToken);
        Assert.InRange(expected.Item2, 1, split.Test.Length - 1);
        Assert.Equal(expected, (found.Validation, found.Test));
        Assert.True(found.Complete);
    }

    private static double Correlation(SegmentSet set, int a, int b)
    {
        var (x, y) = (set.Segment(a).ToArray().Select(v => (double)v).ToArray(), set.Segment(b).ToArray().Select(v => (double)v).ToArray());
        var (mx, my) = (x.Average(), y.Average());
        return x.Zip(y, (p, q) => (p - mx) * (q - my)).Sum() / Math.Sqrt(x.Sum(p => (p - mx) * (p - mx)) * y.Sum(q => (q - my) * (q - my)));
    }

    [Fact]
    public void Few_segments_still_give_both_classes_to_each_split()
    {
        var set = Set(10, i => i < 3, null);
        var split = Splits.Divide(set, SplitKind.Stratified, 0.15, 0.15, 1);
        foreach (var part in new[] { split.Training, split.Validation, split.Test }) Assert.InRange(Positives(set, part), 1, part.Length - 1);
    }

    private static SegmentSet Set(int count, Func<int, bool> positive, Func<int, string>? group) =>
        new([.. Enumerable.Range(0, count * 2).Select(i => (float)i)], [.. Enumerable.Range(0, count).Select(i => (byte)(positive(i) ? 1 : 0))], 2,
            group is null ? null : [.. Enumerable.Range(0, count).Select(group)]);

    private static int Positives(SegmentSet set, int[] part) => part.Count(i => set.Labels.Span[i] == 1);

    private static void Covers(SegmentSet set, DataSplit split) =>
        Assert.Equal(Enumerable.Range(0, set.Count), split.Training.Concat(split.Validation).Concat(split.Test).Order());
}

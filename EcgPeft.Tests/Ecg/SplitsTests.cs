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

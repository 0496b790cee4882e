using EcgPeft.Core;
using EcgPeft.Core.Pretraining;

namespace EcgPeft.Tests.Pretraining;

public sealed class SpanMaskTests
{
    [Fact]
    public void Rows_have_as_many_masked_frames_each_made_of_spans()
    {
        var mask = SpanMask.Draw(40, 49, 0.65, 10, new Random(1));
        Assert.Single(mask.Rows.Select(row => row.Length).Distinct());
        Assert.All(mask.Rows, row => Assert.True(row.SequenceEqual(row.Distinct().Order()) && row[0] >= 0 && row[^1] < 49));
        // The row with the fewest frames lost none, so it is whole spans.
        Assert.Contains(mask.Rows, row => Runs(row).All(length => length >= 10));
        Assert.InRange(mask.Masked, 10, 39);
    }

    [Fact]
    public void The_masked_share_is_that_of_overlapping_spans()
    {
        // Many short spans of one frame each without repetition: exactly the probability.
        var mask = SpanMask.Draw(3, 1000, 0.3, 1, new Random(2));
        Assert.InRange(mask.Masked, 300, 301);
        // Spans of 10 at 0.65: 1 - (1 - 0.065)^10, as the paper says, some 49 % of all frames.
        var shares = Enumerable.Range(0, 50).Select(seed => SpanMask.Draw(1, 1000, 0.65, 10, new Random(seed)).Masked / 1000.0).Average();
        Assert.InRange(shares, 0.47, 0.51);
    }

    [Fact]
    public void Distractors_are_other_masked_frames_of_the_same_row()
    {
        var mask = SpanMask.Draw(4, 30, 0.5, 3, new Random(3));
        var negatives = mask.Negatives(50, new Random(4));
        var seen = new HashSet<long>();
        for (var i = 0; i < negatives.Length; i++)
        {
            var own = i / 50 % mask.Masked;
            Assert.NotEqual(own, negatives[i]);
            if (own == 0) seen.Add(negatives[i]);
        }
        Assert.Equal(Enumerable.Range(1, mask.Masked - 1).Select(p => (long)p), seen.Order());
    }

    [Fact]
    public void Flat_positions_count_on_from_row_to_row() =>
        Assert.Equal([0, 2, 6, 7], new SpanMask([[0, 2], [1, 2]], 5).FlatPositions());

    [Fact]
    public void Too_few_frames_are_refused_with_what_to_do() =>
        Assert.Contains("pretraining.maskLength", Assert.Throws<UserInputException>(() => SpanMask.Draw(2, 10, 0.65, 10, new Random(1))).Message, StringComparison.Ordinal);

    private static IEnumerable<int> Runs(int[] frames)
    {
        var length = 1;
        for (var i = 1; i < frames.Length; i++)
        {
            if (frames[i] == frames[i - 1] + 1)
            {
                length++;
                continue;
            }
            yield return length;
            length = 1;
        }
        yield return length;
    }
}

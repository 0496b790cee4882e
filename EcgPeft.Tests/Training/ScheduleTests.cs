using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Training;

public sealed class ScheduleTests
{
    [Fact]
    public void The_learning_rate_rises_to_its_peak_and_falls_linearly()
    {
        var rates = Enumerable.Range(1, 10).Select(step => LearningRateSchedule.At(step, 10, 0.2, 1)).ToArray();
        Assert.Equal([0.5, 1, 1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125], rates);
    }

    [Fact]
    public void Without_warm_up_the_first_step_has_the_peak() => Assert.Equal(0.3, LearningRateSchedule.At(1, 5, 0, 0.3), 12);

    [Fact]
    public void Each_epoch_has_every_row_once_in_an_order_of_its_own()
    {
        int[] rows = [3, 5, 8, 13, 21, 34, 55];
        var first = BatchOrder.Of(rows, 3, seed: 1, epoch: 1);
        var second = BatchOrder.Of(rows, 3, seed: 1, epoch: 2);
        Assert.Equal([3, 3, 1], first.Select(b => b.Length));
        Assert.Equal(rows, first.SelectMany(b => b).Order());
        Assert.NotEqual(first.SelectMany(b => b), second.SelectMany(b => b));
        Assert.Equal(first.SelectMany(b => b), BatchOrder.Of(rows, 3, seed: 1, epoch: 1).SelectMany(b => b));
    }

    /// <summary>The order is part of what a recipe means: another order on another runtime would give another run.</summary>
    [Fact]
    public void The_order_of_a_seed_is_pinned() =>
        Assert.Equal("7 4 1 3 5 11 9 2 0 8 6 10", string.Join(" ", BatchOrder.Of([.. Enumerable.Range(0, 12)], 12, seed: 1, epoch: 1)[0]));
}

using EcgPeft.Core.Runs.Studies.Search;

namespace EcgPeft.Tests.Runs.Studies;

/// <summary>Asynchronous successive halving, played through with trials whose quality is known.</summary>
public sealed class SuccessiveHalvingTests
{
    private const int Rungs = 3, Eta = 3;

    [Fact]
    public void The_best_third_goes_on_and_the_best_of_all_wins()
    {
        double[] quality = [.1, .9, .3, .2, .8, .4, .5, .6, .7];
        var (order, trials) = Play(quality, workers: 1);
        Assert.Equal(1, SuccessiveHalving.Winner(trials, Rungs));
        Assert.Equal(9, order.Count(step => step.Rung == 0));
        Assert.InRange(order.Count(step => step.Rung == 1), 3, 4); // asynchronous: an early best may have been promoted that later ones beat
        // Promotions come as soon as a third of a rung is known, not when the rung is full.
        Assert.True(order.IndexOf((1, 1)) < order.IndexOf((8, 0)));
        Assert.Equal((1, 2), order.Single(step => step.Rung == 2));
    }

    [Fact]
    public void It_is_a_function_of_the_standings_alone()
    {
        double[] quality = [.5, .2, .9, .1, .7, .3, .8];
        Assert.Equal(Play(quality, 1).Order, Play(quality, 1).Order);
        Assert.Equal(2, SuccessiveHalving.Winner(Play(quality, 3).Trials, Rungs));
    }

    [Fact]
    public void With_too_few_trials_for_a_third_somebody_still_reaches_the_top()
    {
        var (order, trials) = Play([.4, .6], workers: 2);
        Assert.Equal(1, SuccessiveHalving.Winner(trials, Rungs));
        Assert.Equal([(0, 0), (1, 0), (1, 1), (1, 2)], order);
    }

    [Fact]
    public void A_failed_trial_never_goes_on_and_wins_nothing()
    {
        var (order, trials) = Play([double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity, .1], workers: 1);
        Assert.Equal(3, SuccessiveHalving.Winner(trials, Rungs));
        Assert.DoesNotContain(order, step => step is { Trial: < 3, Rung: > 0 });
        Assert.Null(SuccessiveHalving.Winner(Play([double.NegativeInfinity], 1).Trials, Rungs));
    }

    [Fact]
    public void While_someone_is_on_the_way_it_waits()
    {
        Assert.Null(SuccessiveHalving.Next([new(0, null, [])], Rungs, Eta));
        Assert.Equal((0, 1), SuccessiveHalving.Next([new(0, .5, [.5])], Rungs, Eta));
    }

    /// <summary>Every trial's score at each rung is its quality; the worker that began first ends first.</summary>
    private static (List<(int Trial, int Rung)> Order, TrialStanding[] Trials) Play(double[] quality, int workers)
    {
        var trials = quality.Select(_ => new TrialStanding(-1, null, [])).ToArray();
        var (order, active) = (new List<(int Trial, int Rung)>(), new Queue<int>());
        while (true)
        {
            while (active.Count < workers && SuccessiveHalving.Next(trials, Rungs, Eta) is { } next)
            {
                order.Add(next);
                trials[next.Trial] = trials[next.Trial] with { Rung = next.Rung, Score = null };
                active.Enqueue(next.Trial);
            }
            if (!active.TryDequeue(out var done)) return (order, trials);
            trials[done] = trials[done] with { Score = quality[done], Scores = [.. trials[done].Scores, quality[done]] };
        }
    }
}

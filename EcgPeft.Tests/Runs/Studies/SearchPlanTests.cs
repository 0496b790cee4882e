using EcgPeft.Core;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs.Studies;

/// <summary>What a search tries, as a pure function of its plan.</summary>
public sealed class SearchPlanTests
{
    private static readonly SearchPlan Random = new(SearchKind.Random, [SearchDimension.Parse("training.learningRate=0.0001..0.01:log"), SearchDimension.Parse("peft.rank=2..16"), SearchDimension.Parse("peft.dropout=0..0.3"), SearchDimension.Parse("training.batchSize=16,32,64")], 40, Seed: 7);

    [Fact]
    public void The_same_seed_draws_the_same_trials_and_a_longer_search_begins_with_those_of_a_shorter_one()
    {
        var trials = Words(Random);
        Assert.Equal(trials, Words(Random));
        Assert.Equal(trials, Words(Random with { Trials = 60 }).Take(40));
        Assert.NotEqual(trials, Words(Random with { Seed = 8 }));
        Assert.Equal(40, trials.Distinct().Count());
    }

    [Fact]
    public void What_is_drawn_lies_in_its_range_and_a_logarithmic_range_has_as_much_below_its_middle_as_above()
    {
        var drawn = SearchSpace.Trials(Random with { Trials = 400 }).Select(trial => trial.ToDictionary(s => s.Split('=')[0], s => s.Split('=')[1])).ToList();
        var rates = drawn.Select(d => double.Parse(d["training.learningRate"], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.All(rates, rate => Assert.InRange(rate, 0.0001, 0.01));
        Assert.InRange(rates.Count(rate => rate < 0.001), 160, 240);
        var ranks = drawn.Select(d => int.Parse(d["peft.rank"], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(Enumerable.Range(2, 15), ranks.Distinct().Order());
        Assert.All(drawn, d => Assert.InRange(double.Parse(d["peft.dropout"], System.Globalization.CultureInfo.InvariantCulture), 0, 0.3));
        Assert.Equal(["16", "32", "64"], drawn.Select(d => d["training.batchSize"]).Distinct().Order());
    }

    [Fact]
    public void A_grid_has_every_combination_and_a_space_that_is_too_small_gives_fewer_trials()
    {
        SearchDimension[] space = [SearchDimension.Parse("peft.rank=4,8"), SearchDimension.Parse("training.epochs=5,10,20")];
        Assert.Equal(
            ["peft.rank=4 training.epochs=5", "peft.rank=4 training.epochs=10", "peft.rank=4 training.epochs=20", "peft.rank=8 training.epochs=5", "peft.rank=8 training.epochs=10", "peft.rank=8 training.epochs=20"],
            Words(new SearchPlan(SearchKind.Grid, space, 1)));
        Assert.Equal(6, Words(new SearchPlan(SearchKind.Random, space, 100)).Count);
    }

    [Theory]
    [InlineData(10, 3, 1, "1,3,10")]
    [InlineData(27, 3, 1, "1,3,9,27")]
    [InlineData(27, 3, 3, "3,9,27")]
    [InlineData(16, 4, 1, "1,4,16")]
    [InlineData(1, 3, 1, "1")]
    public void Rungs_end_with_the_full_budget(int epochs, int eta, int first, string expected) =>
        Assert.Equal(expected, string.Join(',', new SearchPlan(SearchKind.Asha, [], 1, Eta: eta, FirstRung: first).Rungs(epochs)));

    [Theory]
    [InlineData("training.learningRate", "not of the form")]
    [InlineData("training.learningRate=0.1..0.01", "lower end must be below")]
    [InlineData("training.weightDecay=0..1:log", "needs it above 0")]
    [InlineData("training.learningRate=a..b", "is no range")]
    [InlineData("seed=1,2", "cannot be an axis")]
    [InlineData("peft.rank=", "has no value")]
    public void A_wrong_dimension_is_refused_with_a_sentence(string text, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<UserInputException>(() => SearchDimension.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_plan_that_makes_no_sense_is_refused()
    {
        string Sentence(SearchPlan plan) => Assert.Throws<UserInputException>(plan.Check).Message;
        Assert.Contains("at least one setting", Sentence(Random with { Space = [] }), StringComparison.Ordinal);
        Assert.Contains("a grid needs its values", Sentence(Random with { Kind = SearchKind.Grid }), StringComparison.Ordinal);
        Assert.Contains("between 1 and 500", Sentence(Random with { Trials = 0 }), StringComparison.Ordinal);
        Assert.Contains("gives out epochs itself", Sentence(Random with { Kind = SearchKind.Asha, Space = [SearchDimension.Parse("training.epochs=1,2")] }), StringComparison.Ordinal);
        Assert.Contains("twice", Sentence(Random with { Space = [.. Random.Space, Random.Space[0]] }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dimension_reads_back_as_it_is_written() =>
        Assert.All(Random.Space, dimension => Assert.Equal(dimension.ToString(), SearchDimension.Parse(dimension.ToString()).ToString()));

    [Fact]
    public void The_budget_counts_epochs_by_rungs_and_by_what_a_trial_sets()
    {
        Study Of(SearchPlan plan) => new StudyRequest { Base = new Recipe(), Search = plan }.ToStudy(name => name);
        SearchDimension[] rank = [SearchDimension.Parse("peft.rank=1..100")];
        (int, long) Budget(SearchPlan plan, int epochs) => StudyBudget.Of(Of(plan), _ => new() { Epochs = epochs }) is var budget ? (budget.Runs, budget.Epochs) : default;
        // 27 trials for 1 epoch, 9 for 2 more, 3 for 6 more, 1 for 18 more
        Assert.Equal((27, 27 + 18 + 18 + 18), Budget(new(SearchKind.Asha, rank, 27), 27));
        Assert.Equal((27, 270), Budget(new(SearchKind.Random, rank, 27), 10));
        Assert.Equal((2, 25), Budget(new(SearchKind.Grid, [SearchDimension.Parse("training.epochs=5,20")], 1), 10));
    }

    [Fact]
    public void The_budget_counts_steps_by_batch_size_and_what_the_winners_train_again()
    {
        var grid = new SearchPlan(SearchKind.Grid, [SearchDimension.Parse("training.batchSize=16,50"), SearchDimension.Parse("training.epochs=5,20")], 1);
        StudyBudget Budget(params int[] seeds) => StudyBudget.Of(new StudyRequest { Base = new Recipe(), Search = grid, Seeds = seeds }.ToStudy(name => name), _ => new());
        // 100 segments are 7 or 2 steps; of what the winner will be only the most is known.
        Assert.Equal((4, 50, 25 * 9), (Budget(1).Runs, Budget(1).Epochs, Budget(1).Steps(100)));
        Assert.Equal((4, 50 + 2 * 20, 25 * 9 + 2 * 20 * 7), (Budget(1, 2, 3).Runs, Budget(1, 2, 3).Epochs, Budget(1, 2, 3).Steps(100)));
    }

    private static List<string> Words(SearchPlan plan) => [.. SearchSpace.Trials(plan).Select(trial => string.Join(' ', trial))];
}

using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Runs;
using EcgPeft.Web.Components.Pages.Runs;

namespace EcgPeft.Tests.Web;

public sealed class RunColumnTests
{
    private static readonly RunColumn Accuracy = RunColumns.Find("accuracy")!;

    [Fact]
    public void Runs_without_a_value_stand_last_both_ways()
    {
        RunSummary[] runs = [Run("none", null), Run("low", .2), Run("nan", double.NaN), Run("high", .9)];
        Assert.Equal(["high", "low", "none", "nan"], RunColumn.Sort(runs, Accuracy, descending: true).Select(run => run.Id));
        Assert.Equal(["low", "high", "none", "nan"], RunColumn.Sort(runs, Accuracy, descending: false).Select(run => run.Id));
    }

    [Fact]
    public void A_best_value_needs_something_to_compare_with()
    {
        Assert.DoesNotContain(Accuracy, RunColumn.Best([Run("only", .7), Run("none", null)], RunColumns.All).Keys.Select(key => key.Column));
        Assert.Equal(.7, RunColumn.Best([Run("a", .7), Run("b", .6), Run("c", double.NaN)], RunColumns.All)[(Accuracy, "")]);
    }

    [Fact]
    public void Runs_on_other_data_are_not_worse_or_better()
    {
        var best = RunColumn.Best([Run("a", .7), Run("b", .6), Run("c", .9) with { DataSet = "other" }], [Accuracy]);
        Assert.Equal(.7, Assert.Single(best).Value);
    }

    [Fact]
    public void A_loss_that_is_no_number_stands_with_its_step_and_last()
    {
        var loss = RunColumns.Find("loss")!;
        RunSummary[] runs = [Run("diverged", null) with { LastLoss = double.NaN, Step = 1812 }, Run("fine", null) with { LastLoss = 0.25 }, Run("not begun", null)];
        Assert.Equal(["NaN @ 1,812", "0.25", "–"], runs.Select(loss.Text));
        Assert.Equal("fine", RunColumn.Sort(runs, loss, descending: true)[0].Id);
        Assert.Equal("fine", RunColumn.Sort(runs, loss, descending: false)[0].Id);
        var validation = RunColumns.Find("validation-loss")!;
        runs = [Run("diverged", null) with { BestValidationLoss = double.PositiveInfinity, BestEpoch = 3 }, Run("fine", null) with { BestValidationLoss = 0.25, BestEpoch = 2 }];
        Assert.Equal(["Infinity @ epoch 3", "0.250"], runs.Select(validation.Text));
        Assert.Equal("fine", RunColumn.Sort(runs, validation, descending: true)[0].Id);
    }

    [Fact]
    public void Best_and_last_values_are_called_so()
    {
        var validation = RunColumns.All.Where(column => column.Title.StartsWith("Validation", StringComparison.Ordinal) && column.Better != Better.Neither).ToList();
        Assert.InRange(validation.Count, 10, 20);
        Assert.All(validation, column => Assert.EndsWith("at the best epoch", column.Help, StringComparison.Ordinal));
        Assert.Equal("Last loss", RunColumns.Find("loss")!.Title);
        // What each of them calls better is what the metric itself does.
        Assert.All(Core.Evaluation.Metric.All, metric => Assert.Equal(metric.HigherIsBetter ? Better.Higher : Better.Lower, RunColumns.Find($"validation-{metric.Name}")!.Better));
    }

    private static RunSummary Run(string id, double? accuracy) => new()
    {
        Id = id, Name = id, Status = RunStatus.Completed, StatusTime = default, CreatedUtc = default, LastEventUtc = default,
        Test = accuracy is { } known ? RunSamples.Binary(known) : null,
    };
}

using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs;

/// <summary>Runs that differ in seed and fold alone are one result, with mean and spread.</summary>
public sealed class RunRepeatsTests
{
    [Fact]
    public void Seeds_and_folds_are_gathered_and_other_settings_are_not()
    {
        RunSummary[] runs =
        [
            Run("a", new Recipe { Seed = 1 }, .5), Run("b", new Recipe { Seed = 2 }, .7), Run("c", new Recipe { Seed = 3, Split = new() { Seed = 9, Fold = 2 } }, .9),
            Run("d", new Recipe { Seed = 1, Training = new() { LearningRate = 0.1 } }, .6), Run("e", new Recipe { Seed = 4 }, null), Run("f", null, .1),
        ];
        var gathered = RunRepeats.Gather(runs);
        Assert.Equal(["a b c e", "d", "f"], gathered.Select(same => string.Join(' ', same.Runs.Select(run => run.Id))));
        var spread = gathered[0].Of(test => test.Accuracy)!.Value;
        Assert.Equal((0.7, 0.2, 3), (Math.Round(spread.Mean, 12), Math.Round(spread.Deviation!.Value, 12), spread.Count));
        Assert.Null(gathered[1].Of(test => test.Accuracy)!.Value.Deviation);
        Assert.Null(gathered[0].Of(test => test.Auroc));
        Assert.Equal("0.70 ± 0.20", spread.Text(value => value.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(["c", "a", "b", "e"], RunRepeats.Around(runs[2], runs).Runs.Select(run => run.Id));
    }

    private static RunSummary Run(string id, Recipe? recipe, double? accuracy) => new()
    {
        Id = id, Name = id, Recipe = recipe, Status = RunStatus.Completed, StatusTime = default, CreatedUtc = default, LastEventUtc = default,
        Test = accuracy is { } known ? RunSamples.Binary(known) : null,
    };
}

using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Training;

public sealed class RecipeIdentityTests
{
    private static readonly Recipe Asked = new() { Name = "a", Data = new() { Path = "/here/a.csv", Hash = "h" } };

    [Fact]
    public void A_finished_run_is_the_same_as_the_recipe_that_it_was_made_from()
    {
        var done = Asked with { Name = "b", Data = Asked.Data with { Path = "/there" }, Backbone = Asked.Backbone with { Hash = "w" }, Training = Asked.Training with { Precision = Precision.Fp32, CheckpointSeconds = 5, CacheFrames = false } };
        Assert.True(RecipeIdentity.Same(Asked, done));
        Assert.True(RecipeIdentity.Same(Asked with { Split = new() { Seed = 1 } }, done));
        Assert.False(RecipeIdentity.Same(Asked with { Training = Asked.Training with { Precision = Precision.Bf16 } }, done));
    }

    [Fact]
    public void Whatever_changes_a_number_makes_another_run()
    {
        Assert.False(RecipeIdentity.Same(Asked with { Seed = 2 }, Asked));
        Assert.False(RecipeIdentity.Same(Asked with { Data = Asked.Data with { Hash = "other" } }, Asked));
        Assert.False(RecipeIdentity.Same(Asked with { Training = Asked.Training with { Epochs = 11 } }, Asked));
        Assert.False(RecipeIdentity.Same(Asked with { Evaluation = new() { Threshold = EcgPeft.Core.Evaluation.ThresholdRule.F1 } }, Asked));
    }
}

using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Caching;

namespace EcgPeft.Tests.Runs;

/// <summary>A recipe gives the same run with an empty cache, a full one and none that is kept by others, in both precisions.</summary>
public sealed class PrecisionAndCacheTests
{
    private readonly DataRoot root = new(TestData.TemporaryFolder());

    [Theory]
    [InlineData("fp32")]
    [InlineData("bf16")]
    public void Cold_and_warm_cache_give_the_same_predictions(string precision)
    {
        var cold = Run(precision, "cold");
        var warm = Run(precision, "warm");
        Assert.Contains(Events(warm).OfType<LogEvent>(), log => log.Message.Contains("in the cache already", StringComparison.Ordinal));
        new FrameCache(root, 100).Clear();
        var again = Run(precision, "again");
        Assert.Equal(File.ReadAllText(cold.PredictionsFile), File.ReadAllText(warm.PredictionsFile));
        Assert.Equal(File.ReadAllText(cold.PredictionsFile), File.ReadAllText(again.PredictionsFile));
        Assert.Contains($"\"precision\": \"{precision}\"", File.ReadAllText(cold.EnvironmentFile), StringComparison.Ordinal);
    }

    [Fact]
    public void The_chosen_precision_stands_in_the_recipe_and_auto_leaves_small_models_in_float32() =>
        Assert.Equal(Precision.Fp32, Run("auto", "auto").ReadRecipe().Training.Precision);

    private RunFolder Run(string precision, string name)
    {
        var csv = Path.Combine(root.Path, "segments.csv");
        if (!File.Exists(csv)) SegmentCsv.Write(csv, SyntheticEcg.Generate(40, 4, 5), cancel: TestContext.Current.CancellationToken);
        var recipe = RecipeFile.Read(Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json"), ["training.epochs=1", $"training.precision={precision}", "preprocessing.inputLength=2400"]);
        var folder = RunFolder.CreateAt(Path.Combine(root.Runs, name), recipe with { Data = new DataRecipe { Path = csv } });
        Assert.Equal(0, RunWorker.Run(folder, new TrainRecipe(root, 100).Execute, TestContext.Current.CancellationToken));
        return folder;
    }

    private static IReadOnlyList<RunEvent> Events(RunFolder run) => Core.Runs.EventLog.Read(run.EventsFile, 0).Events;
}

using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs;

/// <summary>The six recipes of the repository, run as they are but for their length, with the demo models of the catalogue.</summary>
public sealed class RecipesOutOfTheBoxTests
{
    [Theory]
    [InlineData("wav2vec2-lora")]
    [InlineData("wav2vec2-adapter")]
    [InlineData("hubert-lora")]
    [InlineData("hubert-adapter")]
    [InlineData("ecg-fm-lora")]
    [InlineData("ecg-fm-adapter")]
    public void A_recipe_runs_to_its_metrics(string name)
    {
        var root = new DataRoot(TestData.TemporaryFolder());
        var csv = Path.Combine(root.Path, "segments.csv");
        SegmentCsv.Write(csv, SyntheticEcg.Generate(40, 4, 5), cancel: TestContext.Current.CancellationToken);
        var recipe = RecipeFile.Read(Path.Combine(TestData.RepositoryRoot(), "recipes", $"{name}.json"), ["training.epochs=1"]);
        var folder = RunFolder.Create(root.Runs, recipe with { Data = new DataRecipe { Path = csv } });

        Assert.Equal(0, RunWorker.Run(folder, new TrainRecipe(root).Execute, TestContext.Current.CancellationToken));
        Assert.Equal(1, RunMetrics.ReadFrom(folder).Resources.EpochsTrained);
        Assert.True(File.Exists(Path.Combine(folder.AdapterFolder, "adapter_model.safetensors")));
    }
}

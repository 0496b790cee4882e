using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Catalogue;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Backbones;

public sealed class DemoBackboneTests
{
    private readonly ModelCatalogue catalogue = new(new DataRoot(TestData.TemporaryFolder()));

    [Theory]
    [InlineData("demo/wav2vec2", "wav2vec2", 1, 16_000)]
    [InlineData("demo/hubert", "hubert", 1, 16_000)]
    [InlineData("demo/ecg-fm", "ecg-fm", 12, 2_500)]
    public void A_small_pre_trained_model_of_each_family_comes_with_the_product(string id, string family, int leads, int length)
    {
        var card = Assert.Single(catalogue.Models, card => card.Id == id);
        Assert.Equal(family, card.Family);
        Assert.Contains("16,000 synthetic", card.PreTraining, StringComparison.Ordinal);
        var folder = catalogue.FolderOf(id);
        Assert.True(Directory.EnumerateFiles(folder).Sum(f => new FileInfo(f).Length) < 6_000_000);
        using var classifier = ModelFolder.Load(folder, new SeededWeights(1));
        Assert.Equal((leads, length), (classifier.Backbone.Contract.Leads, classifier.Backbone.Contract.Length));
        Assert.Equal(ModelStateKind.Ready, catalogue.StateOf(id).Kind);
        // Not the weights that pre-training began with.
        using var random = ModelFolder.Build(folder, new SeededWeights(1), new SeededWeights(1));
        Assert.NotEqual(random.Backbone.parameters().Select(Sum), classifier.Backbone.parameters().Select(Sum));
    }

    [Theory]
    [InlineData("wav2vec2")]
    [InlineData("hubert")]
    [InlineData("ecg-fm")]
    public void Its_recipe_is_the_one_in_the_repository_on_the_segments_that_its_card_names(string family)
    {
        var kept = RecipeFile.Read(Path.Combine(catalogue.FolderOf($"demo/{family}"), "pretraining.json"), []);
        var recipe = RecipeFile.Read(Path.Combine(TestData.RepositoryRoot(), "recipes", "pretrain", $"{family}.json"), []);
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(recipe, ProductJson.Line), System.Text.Json.JsonSerializer.Serialize(kept with { Data = recipe.Data }, ProductJson.Line));
        Assert.Equal(SyntheticEcg.Generate(16_000, 160, 11).Hash, kept.Data.Hash);
    }

    private static float Sum(TorchSharp.Modules.Parameter parameter) => parameter.sum().item<float>();
}

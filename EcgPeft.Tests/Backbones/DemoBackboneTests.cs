using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;

namespace EcgPeft.Tests.Backbones;

public sealed class DemoBackboneTests
{
    private readonly ModelCatalogue catalogue = new(new DataRoot(TestData.TemporaryFolder()));

    [Theory]
    [InlineData("demo/wav2vec2", "wav2vec2", 1, 16_000)]
    [InlineData("demo/hubert", "hubert", 1, 16_000)]
    [InlineData("demo/ecg-fm", "ecg-fm", 12, 2_500)]
    public void A_small_model_of_each_family_is_in_the_catalogue(string id, string family, int leads, int length)
    {
        Assert.Equal(family, Assert.Single(catalogue.Models, card => card.Id == id).Family);
        var folder = catalogue.FolderOf(id);
        Assert.True(Directory.EnumerateFiles(folder).Sum(f => new FileInfo(f).Length) < 6_000_000);
        using var classifier = ModelFolder.Load(folder, new SeededWeights(1), out var ignored);
        Assert.Empty(ignored);
        Assert.Equal((leads, length), (classifier.Backbone.Contract.Leads, classifier.Backbone.Contract.Length));
        Assert.Equal(ModelFolder.Hash(folder), ModelFolder.Hash(new ModelCatalogue(new DataRoot(TestData.TemporaryFolder())).FolderOf(id)));
    }
}

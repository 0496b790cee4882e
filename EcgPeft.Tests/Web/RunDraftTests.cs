using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Training;
using EcgPeft.Web.Components.Pages.NewRun;

namespace EcgPeft.Tests.Web;

public sealed class RunDraftTests
{
    private readonly DataSetLibrary _library = new(new DataRoot("/data-root"));

    [Fact]
    public void Its_defaults_are_the_recipes()
    {
        var recipe = Draft().ToRecipe(_library);
        var expected = new Recipe { Name = "wav2vec2-lora", Data = new() { Path = _library.FolderOf("set"), Hash = "abc" } };
        Assert.Equal(JsonSerializer.Serialize(expected, ProductJson.Indented), JsonSerializer.Serialize(recipe, ProductJson.Indented));
    }

    [Fact]
    public void What_is_shown_as_json_reads_back_as_the_same_recipe()
    {
        var draft = Draft();
        (draft.Method, draft.BottleneckSize, draft.Normalization, draft.LearningRate) = ("adapter", 24, NormalizationKind.Global, 3e-4);
        var json = JsonSerializer.Serialize(draft.ToRecipe(_library), ProductJson.Indented);
        Assert.Equal(draft.ToRecipe(_library), JsonSerializer.Deserialize<Recipe>(json, ProductJson.Indented));
    }

    [Fact]
    public void Each_problem_stands_at_its_field()
    {
        var draft = Draft();
        Assert.Empty(draft.Problems(_library));
        (draft.Rank, draft.BatchSize, draft.LearningRate, draft.TestShare, draft.Split) = (0, 0, double.NaN, 0.9, SplitKind.Grouped);
        Assert.Equal(["peft.rank", "split", "split.kind", "training.batchSize", "training.learningRate"], draft.Problems(_library).Keys.Order(StringComparer.Ordinal));
        draft.Data = null;
        Assert.Contains("data.path", draft.Problems(_library).Keys);
    }

    private static RunDraft Draft() => new() { Data = new("set", "Set", 100, 600, 30, null, null, "abc", DateTime.UtcNow, false, "", []) };
}

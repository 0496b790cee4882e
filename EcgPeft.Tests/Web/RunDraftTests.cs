using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft.Lora;
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
        draft.Choose("adapter");
        draft.Peft.Set("bottleneckSize", "24");
        (draft.Normalization, draft.LearningRate) = (NormalizationKind.Global, 3e-4);
        var json = JsonSerializer.Serialize(draft.ToRecipe(_library), ProductJson.Indented);
        Assert.Equal(draft.ToRecipe(_library), JsonSerializer.Deserialize<Recipe>(json, ProductJson.Indented));
    }

    [Fact]
    public void Each_problem_stands_at_its_field()
    {
        var draft = Draft();
        Assert.Empty(draft.Problems(_library));
        (draft.BatchSize, draft.LearningRate, draft.TestShare, draft.Split) = (0, double.NaN, 0.9, SplitKind.Grouped);
        draft.Peft.Set("rank", "0");
        draft.Peft.Set("alpha", "0,5");
        Assert.Equal(["peft.alpha", "peft.rank", "split", "split.kind", "training.batchSize", "training.learningRate"], draft.Problems(_library).Keys.Order(StringComparer.Ordinal));
        draft.Data = null;
        Assert.Contains("data.path", draft.Problems(_library).Keys);
    }

    [Fact]
    public void A_draft_that_begins_as_a_recipe_keeps_what_the_page_has_no_field_for()
    {
        var recipe = new Recipe
        {
            Name = "mine", Data = new() { Path = "/elsewhere/a.csv", Groups = "/elsewhere/g.csv" }, Backbone = new() { Model = "/models/x", Hash = "h" },
            Peft = new LoraConfig { Rank = 4, TargetModules = ["fc1"], RankPattern = new Dictionary<string, int> { ["fc1"] = 2 }, LayersToTransform = [0, 2] },
            Preprocessing = new() { InputLength = 900 }, Training = new() { Epochs = 3 }, Seed = 7,
        };
        var draft = new RunDraft(recipe) { Name = "mine" };
        Assert.Equal(JsonSerializer.Serialize(recipe, ProductJson.Line), JsonSerializer.Serialize(draft.ToRecipe(_library), ProductJson.Line));
        Assert.Empty(draft.Problems(_library));
    }

    [Fact]
    public void A_copy_of_a_run_on_the_same_data_set_keeps_what_the_run_said_of_it()
    {
        var recipe = new Recipe { Name = "mine", Data = new() { Path = _library.FolderOf("set"), SamplingRateHz = 1000, Hash = "abc" } };
        Assert.Equal(recipe, new RunDraft(recipe) { Name = "mine", Data = Draft().Data }.ToRecipe(_library));
    }

    private static RunDraft Draft() => new() { Data = new("set", "Set", 100, 600, 30, null, null, "abc", DateTime.UtcNow, false, "", []) };
}

using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Training;
using EcgPeft.Web.Components.Pages.NewRun;

namespace EcgPeft.Tests.Web;

public sealed class RunDraftTests
{
    // What the form has other controls for, or what a run writes itself.
    private static readonly string[] Elsewhere = ["name", "data.path", "data.groups", "data.labelled", "data.hash", "backbone.model", "backbone.hash"];

    private readonly DataSetLibrary _library = new(new DataRoot("/data-root"));

    [Fact]
    public void Every_setting_of_a_recipe_has_a_field()
    {
        var settings = RecipeSettings.Of(new Recipe { Execution = new() }).Keys.Where(path => !path.StartsWith("peft.", StringComparison.Ordinal)).Except(Elsewhere);
        Assert.Equal(settings.Order(StringComparer.Ordinal), RecipeFields.All.Select(field => field.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_choice_of_a_setting_is_in_its_field_and_every_field_reads_back_what_it_shows()
    {
        var draft = Draft();
        foreach (var field in RecipeFields.All)
        {
            Assert.NotEmpty(field.Setting.Sentence);
            draft.Set(field.Path, draft.Text(field));
            foreach (var choice in field.Setting.Choices)
            {
                var one = Draft();
                one.Set(field.Path, choice);
                Assert.Equal(choice, RecipeSettings.Of(one.ToRecipe(_library))[field.Path]);
            }
        }
        Assert.Equal(Json(Draft().ToRecipe(_library)), Json(draft.ToRecipe(_library)));
        Assert.Equal(Enum.GetValues<SplitKind>().Length, Choices("split.kind"));
        Assert.Equal(Enum.GetValues<NormalizationKind>().Length, Choices("preprocessing.normalization"));
        Assert.Equal(Enum.GetValues<SelectionMetric>().Length, Choices("training.selectionMetric"));
        Assert.Equal(Enum.GetValues<EcgPeft.Core.Evaluation.ThresholdRule>().Length, Choices("evaluation.threshold"));
    }

    [Fact]
    public void Its_defaults_are_the_recipes()
    {
        var recipe = Draft().ToRecipe(_library);
        var expected = new Recipe { Name = "wav2vec2-lora", Data = new() { Path = _library.FolderOf("set"), Hash = "abc" } };
        Assert.Equal(Json(expected), Json(recipe));
    }

    [Fact]
    public void What_is_shown_as_json_reads_back_as_the_same_recipe()
    {
        var draft = Draft();
        draft.Choose("adapter");
        draft.Peft.Set("bottleneckSize", "24");
        foreach (var (path, text) in new[] { ("preprocessing.normalization", "global"), ("training.learningRate", "3e-4"), ("preprocessing.bandPassLowHz", "0.5"), ("preprocessing.bandPassHighHz", "40"), ("training.loss", "focal"), ("augmentation.noise", "0.05"), ("split.seed", "7") })
            draft.Set(path, text);
        var recipe = draft.ToRecipe(_library);
        Assert.Equal((3e-4, 40, LossKind.Focal, 7), (recipe.Training.LearningRate, recipe.Preprocessing.BandPassHighHz, recipe.Training.Loss, recipe.Split.Seed));
        Assert.Equal(recipe, RecipeFile.Parse("recipe.json", JsonSerializer.Serialize(recipe, ProductJson.Indented), []));
    }

    [Fact]
    public void Each_problem_stands_at_its_field()
    {
        var draft = Draft();
        Assert.Empty(draft.Problems(_library));
        foreach (var (path, text) in new[] { ("training.batchSize", "0"), ("training.learningRate", "0,1"), ("split.test", "0.9"), ("split.kind", "grouped"), ("preprocessing.notchHz", "50"), ("training.epochs", "2.5") }) draft.Set(path, text);
        draft.Peft.Set("rank", "0");
        draft.Peft.Set("alpha", "0,5");
        Assert.Equal(
            ["data.samplingRateHz", "peft.alpha", "peft.rank", "split", "split.kind", "training.batchSize", "training.epochs", "training.learningRate"],
            draft.Problems(_library).Keys.Order(StringComparer.Ordinal));
        draft.Set("data.samplingRateHz", "80");
        Assert.Contains("must be below 40", draft.Problems(_library)["preprocessing.notchHz"], StringComparison.Ordinal);
        draft.Data = null;
        Assert.Contains("data.path", draft.Problems(_library).Keys);
    }

    [Fact]
    public void The_range_that_a_field_says_is_the_one_that_is_held_to()
    {
        foreach (var field in RecipeFields.All.Where(field => field.Setting.Kind is PeftSettingKind.Whole or PeftSettingKind.Number))
        {
            var setting = field.Setting;
            Assert.NotEqual("", SettingText.Range(setting));
            IEnumerable<string> Problems(double value)
            {
                var draft = Draft();
                if (field.Path.StartsWith("execution.", StringComparison.Ordinal)) draft.Set("execution.executor", "slurm");
                if (field.Path == "split.fold") draft.Set("split.kind", "kFold");
                if (field.Path == "preprocessing.bandPassLowHz") draft.Set("preprocessing.bandPassHighHz", "40");
                if (field.Path == "preprocessing.bandPassHighHz") draft.Set("preprocessing.bandPassLowHz", "1e-7");
                draft.Set(field.Path, value.ToString(System.Globalization.CultureInfo.InvariantCulture));
                // What two fields make up together is said at one place.
                var place = field.Path switch { "split.validation" or "split.test" => "split", "preprocessing.bandPassHighHz" => "preprocessing.bandPassLowHz", _ => field.Path };
                return draft.Problems(_library).Keys.Where(path => path == place);
            }
            const double tiny = 1e-6;
            var step = setting.Kind == PeftSettingKind.Whole ? 1 : tiny;
            if (setting.Min is { } low)
            {
                Assert.True(Problems(setting.AboveMin ? low : low - step).Any(), $"{field.Path} takes less than it says.");
                Assert.False(Problems(setting.AboveMin ? low + step : low).Any(), $"{field.Path} does not take the least that it says.");
            }
            if (setting.Max is { } high)
            {
                Assert.True(Problems(setting.BelowMax ? high : high + step).Any(), $"{field.Path} takes more than it says.");
                if (field.Path is not ("split.validation" or "split.test")) Assert.False(Problems(setting.BelowMax ? high - step : high).Any(), $"{field.Path} does not take the most that it says."); // those share what there is
            }
        }
    }

    [Fact]
    public void An_emptied_field_is_the_default_again()
    {
        var draft = new RunDraft(new Recipe { Training = new() { Epochs = 3 }, Preprocessing = new() { NotchHz = 50 } }) { Data = Draft().Data };
        draft.Set("training.epochs", "");
        draft.Set("preprocessing.notchHz", "");
        Assert.Equal((10, null), (draft.Settings.Training.Epochs, draft.Settings.Preprocessing.NotchHz));
        Assert.Empty(draft.Problems(_library));
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
        Assert.Equal(Json(recipe), Json(draft.ToRecipe(_library)));
        Assert.Empty(draft.Problems(_library));
    }

    [Fact]
    public void A_copy_of_a_run_on_the_same_data_set_keeps_what_the_run_said_of_it()
    {
        var recipe = new Recipe { Name = "mine", Data = new() { Path = _library.FolderOf("set"), SamplingRateHz = 1000, Hash = "abc" } };
        Assert.Equal(recipe, new RunDraft(recipe) { Name = "mine", Data = Draft().Data }.ToRecipe(_library));
    }

    [Fact]
    public void A_draft_that_was_kept_comes_back_with_what_cannot_be_read()
    {
        var draft = Draft();
        draft.Set("training.epochs", "many");
        draft.Peft.Set("rank", "x");
        var saved = new SavedDraft(draft.ToRecipe(_library), "mine", null, new Dictionary<string, string>(draft.Peft.Texts), new Dictionary<string, string>(draft.Texts), null);
        var back = JsonSerializer.Deserialize<SavedDraft>(JsonSerializer.Serialize(saved, ProductJson.Line), ProductJson.Line)!.ToDraft(new DataSetLibrary(new DataRoot(TestData.TemporaryFolder())));
        Assert.Equal("many", back.Texts["training.epochs"]);
        Assert.Equal(["peft.rank", "training.epochs"], back.Problems(_library).Keys.Order(StringComparer.Ordinal));
    }

    private static int Choices(string path) => RecipeFields.All.Single(field => field.Path == path).Setting.Choices.Count;

    private static string Json(Recipe recipe) => JsonSerializer.Serialize(recipe, ProductJson.Line);

    private static RunDraft Draft() => new() { Data = new("set", "Set", 100, 600, 30, null, null, "abc", DateTime.UtcNow, false, "", []) };
}

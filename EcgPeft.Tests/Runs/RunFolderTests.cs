using EcgPeft.Core;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs;

public class RunFolderTests
{
    private readonly string _runs = Path.Combine(TestData.TemporaryFolder(), "runs");

    [Fact]
    public void A_new_run_is_named_by_time_model_and_method_and_holds_its_recipe()
    {
        var recipe = new Recipe { Peft = new AdapterConfig { BottleneckSize = 4 }, Seed = 9 };
        var folder = RunFolder.Create(_runs, recipe);
        Assert.Matches(@"^\d{8}-\d{6}-wav2vec2-adapter-[a-z0-9]{4}$", folder.Id);
        Assert.Equal(recipe, folder.ReadRecipe());
        Assert.Equal([folder.Path], Directory.GetDirectories(_runs));
        Assert.NotEqual(folder.Id, RunFolder.Create(_runs, recipe).Id);
    }

    [Theory]
    [InlineData("Mein Lauf: ECG/5 µV!", "mein-lauf-ecg-5-v")]
    [InlineData("../../etc", "etc")]
    [InlineData("°°°", "run")]
    public void A_name_for_people_becomes_a_safe_folder_name(string name, string slug)
    {
        var folder = RunFolder.Create(_runs, new Recipe { Name = name });
        Assert.Matches($@"^\d{{8}}-\d{{6}}-{slug}-[a-z0-9]{{4}}$", folder.Id);
        Assert.Equal(_runs, Path.GetDirectoryName(folder.Path));
    }

    [Fact]
    public void A_chosen_place_must_be_empty()
    {
        var place = Path.Combine(_runs, "here");
        Assert.Equal("here", RunFolder.CreateAt(place + "/", new Recipe()).Id);
        var error = Assert.Throws<UserInputException>(() => RunFolder.CreateAt(place, new Recipe()));
        Assert.Contains("is not empty", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../runs")]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("absent")]
    public void Only_plain_names_of_present_folders_are_found(string id)
    {
        Directory.CreateDirectory(Path.Combine(_runs, ".hidden"));
        Assert.Null(RunFolder.Find(_runs, id));
    }

    [Fact]
    public void A_recipe_that_is_missing_or_unreadable_is_said_in_a_sentence()
    {
        var folder = RunFolder.Create(_runs, new Recipe());
        File.WriteAllText(folder.RecipeFile, """{ "trainin": {} }""");
        Assert.Contains("trainin", Assert.Throws<UserInputException>(folder.ReadRecipe).Message, StringComparison.Ordinal);
        File.Delete(folder.RecipeFile);
        Assert.Contains("recipe.json is missing", Assert.Throws<UserInputException>(folder.ReadRecipe).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Metrics_read_back_to_the_same_doubles()
    {
        var folder = RunFolder.Create(_runs, new Recipe());
        Assert.Contains("is missing", Assert.Throws<UserInputException>(() => RunMetrics.ReadFrom(folder)).Message, StringComparison.Ordinal);
        RunSamples.Metrics.WriteTo(folder);
        Assert.Equal(RunSamples.Metrics, RunMetrics.ReadFrom(folder));
        Assert.Contains("\"accuracy\": 0.30000000000000004", File.ReadAllText(folder.MetricsFile), StringComparison.Ordinal);
    }
}

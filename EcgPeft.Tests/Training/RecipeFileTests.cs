using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Training;

public sealed class RecipeFileTests
{
    public static TheoryData<string> Shipped => [.. Directory.EnumerateFiles(Path.Combine(TestData.RepositoryRoot(), "recipes"), "*.json").Where(f => !Path.GetFileName(f).StartsWith("pretrain-", StringComparison.Ordinal)).Select(f => Path.GetFileName(f)!)];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_shipped_recipe_is_read_and_named_like_its_file(string file)
    {
        var recipe = RecipeFile.Read(Path.Combine(TestData.RepositoryRoot(), "recipes", file), []);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), recipe.Name);
    }

    [Fact]
    public void Settings_are_replaced_by_dotted_paths()
    {
        var recipe = RecipeFile.Read(Write("""{ "peft": { "method": "lora" } }"""), ["training.epochs=3", "peft.rank=4", "preprocessing.normalization=global", "seed=9", "training.learningRate=1e-3"]);
        Assert.Equal((3, 4, NormalizationKind.Global, 9, 1e-3), (recipe.Training.Epochs, ((LoraConfig)recipe.Peft).Rank, recipe.Preprocessing.Normalization, recipe.Seed, recipe.Training.LearningRate));
        Assert.Equal(12, ((AdapterConfig)RecipeFile.Read(Write("""{ "peft": { "bottleneckSize": 12, "method": "adapter" } }"""), []).Peft).BottleneckSize);
    }

    [Theory]
    [InlineData("{}", "training.epoch=3", "there is no setting 'training.epoch'; did you mean training.epochs?")]
    [InlineData("{}", "training.lerningRate=3", "there is no setting 'training.lerningRate'; did you mean training.learningRate?")]
    [InlineData("{}", "learningRate=3", "there is no setting 'learningRate'; did you mean training.learningRate?")]
    [InlineData("{}", "trainign.epochs=3", "there is no setting 'trainign'; did you mean training?")]
    [InlineData("{}", "quite.another=3", "there is no setting 'quite'; they are in docs/recipes.md")]
    [InlineData("{}", "peft.rnak=3", "does not belong to the method lora; did you mean peft.rank?")]
    [InlineData("{}", "training.epochs=many", "the setting 'training.epochs' has a value of the wrong kind; it must be a whole number")]
    [InlineData("{}", "preprocessing.normalization=globl", "wrong kind; it must be one of segment, global, globalTraining, none")]
    [InlineData("{}", "training.epochs=0", "training.epochs is 0; it must be at least 1")]
    [InlineData("{}", "training.learningRate=-1", "training.learningRate is -1")]
    [InlineData("{}", "peft.rank=0", "peft.rank is 0; it must be at least 1")]
    [InlineData("{}", "split.test=0.9", "split.validation and split.test")]
    [InlineData("{}", "epochs", "is not of the form path=value")]
    [InlineData("{", "seed=1", "not valid JSON")]
    public void What_is_wrong_is_said_in_one_sentence(string json, string setting, string sentence)
    {
        var error = Assert.Throws<UserInputException>(() => RecipeFile.Read(Write(json), setting.StartsWith("peft", StringComparison.Ordinal) ? ["peft.method=lora", setting] : [setting]));
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("bitfit")]
    [InlineData("prefix")]
    [InlineData("linear-probe")]
    public void Another_method_by_set_begins_with_its_own_defaults(string method)
    {
        var recipe = RecipeFile.Read(Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json"), [$"peft.method={method}"]);
        Assert.Equal(method, recipe.Peft.Method);
        Assert.Equal(8, ((LoraConfig)RecipeFile.Read(Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json"), ["peft.method=lora", "peft.useDora=true"]).Peft).Rank);
    }

    [Theory]
    [InlineData("bitfit", "peft.rank=4", "The setting peft.rank does not belong to the method bitfit, which has scope, modulesToSave")]
    [InlineData("adapter", "peft.targetModules=[\"q_proj\"]", "The setting peft.targetModules does not belong to the method adapter")]
    [InlineData("lorra", "seed=1", "peft.method is 'lorra'; did you mean lora? It must be one of lora, adapter")]
    public void A_setting_of_another_method_is_refused(string method, string setting, string sentence)
    {
        var error = Assert.Throws<UserInputException>(() => RecipeFile.Read(Write("{}"), [$"peft.method={method}", setting]));
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Target_modules_are_a_list_of_names_or_one_expression()
    {
        Assert.Equal(["q_proj"], ((LoraConfig)RecipeFile.Read(Write("{}"), ["peft.method=lora", "peft.targetModules=[\"q_proj\"]"]).Peft).TargetModules!.Names);
        Assert.Equal("all-linear", ((LoraConfig)RecipeFile.Read(Write("{}"), ["peft.method=lora", "peft.targetModules=all-linear"]).Peft).TargetModules!.Pattern);
    }

    private static string Write(string json)
    {
        var path = Path.Combine(TestData.TemporaryFolder(), "recipe.json");
        File.WriteAllText(path, json);
        return path;
    }
}

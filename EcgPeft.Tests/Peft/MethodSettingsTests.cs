using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.AdaLora;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Peft.FullFineTuning;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Peft.Targets;

namespace EcgPeft.Tests.Peft;

/// <summary>What forms and recipes are told about methods, and what settings are refused.</summary>
public sealed class MethodSettingsTests
{
    public static TheoryData<string> Methods => [.. PeftMethod.All.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_method_says_what_a_form_needs(string name)
    {
        var method = PeftMethod.Find(name)!;
        Assert.NotEmpty(method.Title);
        Assert.EndsWith(".", method.Sentence, StringComparison.Ordinal);
        Assert.NotEmpty(method.Places);
        Assert.Empty(method.Defaults.Problems());
        Assert.All(method.Settings, setting => Assert.Matches("^[A-Za-z][^_]+$", setting.Label));
        // What a recipe can hold is what a form can offer.
        var written = JsonSerializer.SerializeToElement<PeftConfig>(method.Defaults, ProductJson.Line).EnumerateObject().Select(p => p.Name).Where(p => p != "method");
        Assert.Equal(written.Order(), method.Settings.Select(s => s.Name).Order());
        Assert.All(method.Settings, setting =>
        {
            Assert.EndsWith(".", setting.Sentence, StringComparison.Ordinal);
            if (setting.Kind == PeftSettingKind.Choice) Assert.Contains(setting.Default!.Value.GetString(), setting.Choices);
        });
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_number_below_its_range_is_refused_with_the_setting_s_name(string name)
    {
        foreach (var setting in PeftMethod.Find(name)!.Settings.Where(s => s.Min is not null))
        {
            var config = JsonSerializer.Deserialize<PeftConfig>($$"""{"method":"{{name}}","{{setting.Name}}":{{setting.Min - 1}}}""", ProductJson.Line)!;
            Assert.StartsWith($"peft.{setting.Name} is ", Assert.Single(config.Problems()), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Settings_that_do_not_fit_are_refused_in_one_sentence(string config, string sentence)
    {
        var folder = Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First());
        var read = JsonSerializer.Deserialize<PeftConfig>(config, ProductJson.Line)!;
        var error = Assert.Throws<UserInputException>(() => PeftModel.Inject(ModelFolder.Describe(folder), read, new MetaWeights()));
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Refused => new()
    {
        { Json(new LoraConfig { TargetModules = ["nothing"] }), "peft.targetModules names 'nothing'" },
        { Json(new LoraConfig { TargetModules = ModuleTargets.Matching("q_proj") }), "matches no linear layer" },
        { Json(new LoraConfig { TargetModules = ModuleTargets.Matching("(") }), "which is no regular expression" },
        { Json(new LoraConfig { LayersToTransform = [7] }), "peft.layersToTransform names layer 7" },
        { Json(new LoraConfig { Init = LoraInit.Pissa, Rank = 100 }), "needs a rank no larger than both" },
        { Json(new LoraConfig { ModulesToSave = ["nothing"] }), "peft.modulesToSave names 'nothing'" },
        { Json(new AdapterConfig { Activation = "step" }), "peft.activation is 'step'; it must be one of relu" },
        { Json(new AdapterConfig { Kind = AdapterKind.AttnAdapter, LayerNorm = true }), "peft.layerNorm does not belong to the kind attn-adapter" },
        { Json(new AdaLoraConfig { InitRank = 2, TargetRank = 4 }), "peft.targetRank is 4" },
        { Json(new FullConfig { ModulesToSave = ["encoder"] }), "peft.modulesToSave does not belong to full fine-tuning" },
    };

    [Fact]
    public void Roles_and_any_backbone_s_names_find_the_same_layers_on_each_backbone()
    {
        foreach (var backbone in new[] { "wav2vec2", "ecg-fm" })
        {
            using var classifier = ModelFolder.Describe(Path.Combine(TestData.Golden, TestData.GoldenCases(backbone).First()));
            var roles = TargetSelection.Find(classifier, ["feed_forward_in", "query"]).Select(t => t.Path).ToList();
            Assert.Equal(2 * classifier.Backbone.Layers.Count, roles.Count);
            Assert.Equal(roles, TargetSelection.Find(classifier, ["fc1", "q_proj"]).Select(t => t.Path));
            Assert.Equal(roles, TargetSelection.Find(classifier, ["intermediate_dense", "query"]).Select(t => t.Path));
        }
    }

    private static string Json(PeftConfig config) => JsonSerializer.Serialize(config, ProductJson.Line);
}

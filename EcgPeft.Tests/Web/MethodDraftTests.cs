using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Peft.Targets;
using EcgPeft.Web.Components.Pages.NewRun;

namespace EcgPeft.Tests.Web;

/// <summary>What is typed into a method's fields becomes the method, or an error beside the field.</summary>
public sealed class MethodDraftTests
{
    public static TheoryData<string> Methods => [.. PeftMethod.All.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Methods))]
    public void What_stands_in_the_fields_of_a_method_is_the_method(string name)
    {
        var method = PeftMethod.Find(name)!;
        var draft = new MethodDraft(method);
        Assert.Equal(Json(method.Defaults), Json(draft.Config));
        foreach (var setting in method.Settings) draft.Set(setting.Name, draft.Text(setting));
        Assert.Equal(Json(method.Defaults), Json(draft.Config));
        Assert.Empty(draft.Problems);
    }

    [Fact]
    public void Lists_ranges_pairs_and_expressions_are_read()
    {
        var draft = new MethodDraft(PeftMethod.Find("lora")!);
        draft.Set("targetModules", "query, fc1");
        draft.Set("layersToTransform", "0, 2-4");
        draft.Set("rankPattern", @".*\.0\..* = 4, fc1=2");
        draft.Set("alphaPattern", "fc1 = 0.5");
        draft.Set("useDora", "true");
        draft.Set("init", "pissa");
        Assert.Empty(draft.Problems);
        var expected = new LoraConfig
        {
            TargetModules = ["query", "fc1"], LayersToTransform = [0, 2, 3, 4], UseDora = true, Init = LoraInit.Pissa,
            RankPattern = new Dictionary<string, int> { [@".*\.0\..*"] = 4, ["fc1"] = 2 }, AlphaPattern = new Dictionary<string, double> { ["fc1"] = 0.5 },
        };
        Assert.Equal(Json(expected), Json(draft.Config));
        Assert.Equal(Json(expected), Json(MethodDraft.Of(expected).Config));

        draft.Set("targetModules", @"/.*\.(q|v)_proj/");
        Assert.Equal(ModuleTargets.Matching(@".*\.(q|v)_proj"), ((LoraConfig)draft.Config).TargetModules);
        draft.Set("targetModules", "all-linear");
        Assert.Equal(ModuleTargets.AllLinear, ((LoraConfig)draft.Config).TargetModules!.Pattern);
        draft.Set("targetModules", "");
        Assert.Null(((LoraConfig)draft.Config).TargetModules);
    }

    [Theory]
    [InlineData("rank", "x", "'x' is not a whole number.")]
    [InlineData("rank", "8.5", "'8.5' is not a whole number.")]
    [InlineData("rank", "99999999999", "'99999999999' is not a whole number.")]
    [InlineData("alpha", "0,5", "'0,5' is not a number; write 0.5.")]
    [InlineData("alpha", "NaN", "'NaN' is not a number.")]
    [InlineData("layersToTransform", "3-1", "'3-1' is not a range such as 0-3.")]
    [InlineData("rankPattern", "fc1", "'fc1' is not a name = number pair, such as q_proj = 4.")]
    [InlineData("rankPattern", "fc1 = 2.5", "This value is of the wrong kind.")]
    public void What_cannot_be_read_is_said_at_the_field(string setting, string text, string sentence)
    {
        var draft = new MethodDraft(PeftMethod.Find("lora")!);
        draft.Set(setting, text);
        Assert.Equal([KeyValuePair.Create($"peft.{setting}", sentence)], draft.Problems);
        draft.Set(setting, "");
        Assert.Empty(draft.Problems);
    }

    private static string Json(PeftConfig config) => JsonSerializer.Serialize(config, ProductJson.Line);
}

using Bunit;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Training;
using EcgPeft.Web.Components.Pages.NewRun;
using EcgPeft.Core.Runs;
using MudBlazor.Services;

namespace EcgPeft.Tests.Web;

/// <summary>The method section of the page for a new run, for every method that is registered.</summary>
public sealed class NewRunComponentsTests
{
    public static TheoryData<string> Methods => [.. PeftMethod.All.Select(m => m.Name)];

    [Fact]
    public async Task Every_method_is_there_with_its_sentence_and_a_drawing_in_words()
    {
        await using var context = Context();
        var chosen = "";
        var picker = context.Render<MethodPicker>(p => p.Add(m => m.Chosen, "lora").Add(m => m.ChosenChanged, name => chosen = name));
        Assert.All(PeftMethod.All, method =>
        {
            var card = picker.Find($"[data-method={method.Name}]");
            Assert.Contains(method.Sentence, card.TextContent, StringComparison.Ordinal);
            Assert.StartsWith("In colour, in a transformer layer: ", card.QuerySelector("svg")!.GetAttribute("aria-label"), StringComparison.Ordinal);
        });
        picker.Find("[data-method=ia3] input").Change("ia3");
        Assert.Equal("ia3", chosen);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Every_setting_has_a_field_with_its_sentence(string name)
    {
        await using var context = Context();
        var method = PeftMethod.Find(name)!;
        var fields = context.Render<MethodFields>(p => p.Add(f => f.Draft, new MethodDraft(method)));
        Assert.All(method.Settings, setting =>
        {
            Assert.Contains(fields.FindAll("label"), label => label.TextContent.Trim() == setting.Label);
            Assert.Contains(setting.Sentence[..20], fields.Find("*").ParentElement!.TextContent, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Every_field_of_a_recipe_has_its_sentence_its_range_and_its_error_beside_it()
    {
        await using var context = Context();
        foreach (var field in RecipeFields.All)
        {
            var form = new RunForm(new RunDraft(), new Dictionary<string, string> { [field.Path] = $"{field.Path} is wrong." }, new Dictionary<string, string>(), default);
            var shown = context.Render<FieldGroup>(p => p.Add(g => g.Fields, [field]).Add(g => g.Form, form)).Find(".setting");
            Assert.Contains(field.Setting.Label, shown.QuerySelectorAll("label").Select(label => label.TextContent.Trim()));
            Assert.Contains($"{field.Path} is wrong.", shown.QuerySelector(".mud-input-error")!.ParentElement!.TextContent, StringComparison.Ordinal);
            var right = context.Render<SettingInput>(p => p.Add(f => f.Setting, field.Setting).Add(f => f.Text, ""));
            Assert.Contains(field.Setting.Sentence, right.Find(".setting").TextContent, StringComparison.Ordinal);
            Assert.Contains(SettingText.Range(field.Setting), right.Find(".setting").TextContent, StringComparison.Ordinal);
        }
        Assert.Contains("0 (excluded) to 1 (excluded).", context.Render<SettingInput>(p => p.Add(f => f.Setting, RecipeFields.All.Single(f => f.Path == "split.test").Setting).Add(f => f.Text, "")).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_typed_is_the_method_and_an_error_stands_beside_its_field()
    {
        await using var context = Context();
        var draft = new MethodDraft(PeftMethod.Find("lora")!);
        var changes = 0;
        var fields = context.Render<MethodFields>(p => p.Add(f => f.Draft, draft).Add(f => f.Changed, () => changes++).Add(f => f.Problems, new Dictionary<string, string> { ["peft.rank"] = "peft.rank is 0." }));
        Assert.Contains("peft.rank is 0.", fields.Find(".mud-input-error").ParentElement!.TextContent, StringComparison.Ordinal);
        fields.Find("#peft-rank").Input("4");
        fields.FindAll(".roles button").First(button => button.TextContent == "feed forward in").Click();
        Assert.Equal(2, changes);
        Assert.Equal("4", draft.Texts["rank"]);
        Assert.Equal("query, key, value, attention_output, feed_forward_in", draft.Texts["targetModules"]);
        Assert.Contains("the first feed-forward layer", context.Render<LayerDrawing>(p => p.Add(d => d.Places, draft.Config.Places)).Find("svg").GetAttribute("aria-label"), StringComparison.Ordinal);
    }

    [Fact]
    public void Recipes_that_cost_the_same_share_their_measurement()
    {
        var recipe = new Recipe();
        Assert.Equal(RunEstimates.KeyOf(recipe), RunEstimates.KeyOf(recipe with { Name = "x", Training = recipe.Training with { LearningRate = 1e-4, Patience = 1 } }));
        Assert.NotEqual(RunEstimates.KeyOf(recipe), RunEstimates.KeyOf(recipe with { Training = recipe.Training with { BatchSize = 8 } }));
        Assert.NotEqual(RunEstimates.KeyOf(recipe), RunEstimates.KeyOf(recipe with { Peft = PeftMethod.Find("ia3")!.Defaults }));
    }

    private static BunitContext Context()
    {
        var context = new BunitContext();
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        context.Services.AddMudServices();
        return context;
    }
}

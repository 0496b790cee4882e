using Bunit;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Web.Components.Layout;
using EcgPeft.Web.Components.Pages.Help;

namespace EcgPeft.Tests.Web;

public sealed class HelpPageTests
{
    [Fact]
    public async Task It_draws_every_method_and_has_a_glossary_and_every_key()
    {
        await using var context = new BunitContext();
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        var page = context.Render<HelpPage>();
        Assert.All(PeftMethod.All, method =>
        {
            var figure = page.Find($"#method-{method.Name}");
            Assert.StartsWith("In colour, in a transformer layer: ", figure.QuerySelector("svg")!.GetAttribute("aria-label"), StringComparison.Ordinal);
            Assert.Contains(method.Sentence, figure.TextContent, StringComparison.Ordinal);
        });
        var words = page.FindAll(".glossary dt").Select(term => term.TextContent).ToList();
        Assert.All(new[] { "LoRA", "AUROC", "Recipe", "Seed" }, term => Assert.Contains(term, words));
        Assert.Equal(words.Count, page.FindAll(".glossary dd").Count(meaning => meaning.TextContent.Length > 20));
        var keys = page.Find("section[aria-labelledby=keys-title]");
        Assert.Equal(ShortcutList.Groups.Sum(group => group.Keys.Count), keys.QuerySelectorAll("dt").Length);
        Assert.Contains(keys.QuerySelectorAll("dt"), key => key.TextContent.Trim() == "g r");
    }
}

using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>Models in a real browser: what is here, and one of a person's own.</summary>
public sealed class ModelsTests(Site site) : IClassFixture<Site>
{
    [Fact]
    public async Task A_folder_becomes_a_model_for_runs_and_is_taken_off_the_list_again()
    {
        await using var browser = await site.OpenAsync();
        var page = browser.Page;
        var folder = Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First());
        await page.VisitAsync("/models");
        await Expect(page.Locator("[data-model='demo/wav2vec2'] [data-state]")).ToHaveTextAsync("Ready");
        await Expect(page.Locator("[data-model='facebook/hubert-base-ls960'] [data-state]")).ToBeVisibleAsync();
        var name = page.GetByLabel("Id on the hub, or folder on this machine");
        var add = page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true });
        await name.FillAsync(Path.Combine(site.Web.Root.Path, "nothing here"));
        await add.ClickAsync();
        await Expect(page.Locator("#add-error")).ToContainTextAsync("nothing here");
        await name.FillAsync(folder);
        await add.ClickAsync();
        var card = page.Locator("[data-model]").Filter(new() { HasText = folder });
        await Expect(card.Locator("[data-state]")).ToHaveTextAsync("Ready");
        var id = await card.GetAttributeAsync("data-model");
        await card.GetByRole(AriaRole.Link).Filter(new() { HasText = "New run with it" }).ClickAsync();
        await Expect(page.GetByLabel("Recipe", new() { Exact = true })).ToContainTextAsync($"\"model\": \"{id}\"");

        await page.VisitAsync("/models");
        await card.GetByRole(AriaRole.Button, new() { Name = "Take off the list" }).ClickAsync();
        await Expect(card).ToHaveCountAsync(0);
        Assert.Empty(browser.Troubles);
    }
}

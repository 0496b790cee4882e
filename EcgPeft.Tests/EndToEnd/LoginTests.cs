using EcgPeft.Tests.Runs;
using EcgPeft.Tests.Web;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>A dashboard with an access token, as a person meets it.</summary>
public sealed class LoginTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task The_token_is_asked_for_once_and_leads_to_the_page_that_was_wanted()
    {
        var root = RunSamples.Root();
        var run = RunSamples.Completed(root);
        await using var web = await WebProcess.StartAsync(root, settings: ("EcgPeft__AccessToken", GuardedWeb.Token));
        await using var browser = await chromium.OpenAsync(web.Address);
        var page = browser.Page;
        await page.GotoAsync($"/runs/{run.Id}");
        await page.GetByLabel("Access token").FillAsync("not-the-token-at-all");
        await page.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("This token is wrong.");
        await page.GetByLabel("Access token").FillAsync(GuardedWeb.Token);
        await page.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
        await page.UntilPoints(3); // the circuit and the hub are open too
        await page.GotoAsync("/no-such-page");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("There is no such page");
    }
}

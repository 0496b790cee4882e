using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>How a page is opened before something is done on it.</summary>
internal static class Visits
{
    /// <summary>Opens a page of the dashboard and waits until it is at rest.</summary>
    public static async Task VisitAsync(this IPage page, string path)
    {
        await page.GotoAsync(path);
        await page.AtRestAsync();
    }

    /// <summary>Waits until a page that has come has given its heading the focus: from then on it takes the focus away from nothing.</summary>
    public static Task AtRestAsync(this IPage page) => Expect(page.Locator("main h1")).ToBeFocusedAsync();
}

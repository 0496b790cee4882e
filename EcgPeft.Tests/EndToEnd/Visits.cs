using System.Text.RegularExpressions;
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

    /// <summary>Waits for an address, in which ** stands for anything and * for anything but a slash. It looks at the address itself: Playwright's own wait misses a page that has come already when it begins.</summary>
    public static Task HasAddressAsync(this IPage page, string pattern) => page.HasAddressAsync(new Regex($"^{Regex.Escape(pattern).Replace(@"\*\*", ".*", StringComparison.Ordinal).Replace(@"\*", "[^/]*", StringComparison.Ordinal)}$"));

    /// <summary>Waits for an address.</summary>
    public static Task HasAddressAsync(this IPage page, Regex pattern) => Expect(page).ToHaveURLAsync(pattern);
}

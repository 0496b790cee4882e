using System.Text.Json;
using Microsoft.Playwright;

namespace EcgPeft.Tests.EndToEnd;

/// <summary>axe-core, which the front end's npm packages bring along for these tests alone.</summary>
internal static class Axe
{
    private static readonly Lazy<string> Script = new(() => File.ReadAllText(Path.Combine(Repository(), "wwwroot-assets", "node_modules", "axe-core", "axe.min.js")));

    /// <summary>What axe has to say against the page as it stands: rule, what is wrong, where.</summary>
    public static async Task<IReadOnlyList<string>> AxeAsync(this IPage page)
    {
        await page.EvaluateAsync(Script.Value);
        var found = await page.EvaluateAsync<JsonElement>(
            """
            async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations
                .flatMap(v => v.nodes.map(n => `${v.id} (${v.help}): ${n.target.join(' ')} in ${location.pathname}: ${n.html.slice(0, 200)}`))
            """);
        return [.. found.EnumerateArray().Select(sentence => sentence.GetString()!)];
    }

    public static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "EcgPeft.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException("EcgPeft.sln was not found above the tests.");
    }
}

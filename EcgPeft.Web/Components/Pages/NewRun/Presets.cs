using EcgPeft.Core.Training;

namespace EcgPeft.Web.Components.Pages.NewRun;

/// <summary>The recipes that come with the product, to begin with: one for each model and method of the comparison.</summary>
internal static class Presets
{
    /// <summary>By name.</summary>
    public static IReadOnlyList<Recipe> All { get; } = Read(Path.Combine(AppContext.BaseDirectory, "recipes"));

    private static List<Recipe> Read(string folder) =>
        [.. Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(file => RecipeFile.Read(file, [])) : []];
}

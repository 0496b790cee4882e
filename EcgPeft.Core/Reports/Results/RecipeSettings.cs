using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Reports.Results;

/// <summary>A recipe as dotted paths and values, to be compared with others.</summary>
public static class RecipeSettings
{
    /// <summary>Every setting by its dotted path, in the order of the file; null is an empty text.</summary>
    /// <param name="recipe">The recipe.</param>
    public static IReadOnlyDictionary<string, string> Of(Recipe recipe)
    {
        var settings = new Dictionary<string, string>();
        Flatten(JsonSerializer.SerializeToNode(recipe, ProductJson.Indented), "", settings);
        return settings;
    }

    /// <summary>Every path of any of the recipes with its value in each (empty where a recipe has no such setting).</summary>
    /// <param name="recipes">The recipes.</param>
    public static IReadOnlyList<SettingRow> Compare(IReadOnlyList<Recipe> recipes)
    {
        ArgumentNullException.ThrowIfNull(recipes);
        var all = recipes.Select(Of).ToList();
        return [.. all.SelectMany(settings => settings.Keys).Distinct().Select(path => new SettingRow(path, [.. all.Select(settings => settings.GetValueOrDefault(path, ""))]))];
    }

    private static void Flatten(JsonNode? node, string path, Dictionary<string, string> settings)
    {
        if (node is JsonObject members)
        {
            foreach (var (name, value) in members) Flatten(value, path.Length == 0 ? name : $"{path}.{name}", settings);
            return;
        }
        settings[path] = node switch
        {
            null => "",
            JsonArray items => string.Join(", ", items.Select(item => item?.ToString() ?? "")),
            _ => node.ToString(),
        };
    }
}

/// <summary>One setting of several recipes.</summary>
/// <param name="Path">Dotted path.</param>
/// <param name="Values">Its value in each recipe, in their order.</param>
public sealed record SettingRow(string Path, IReadOnlyList<string> Values)
{
    /// <summary>Whether it is not the same in all.</summary>
    public bool Differs => Values.Distinct().Count() > 1;
}

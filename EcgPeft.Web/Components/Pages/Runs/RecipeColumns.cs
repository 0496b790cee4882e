using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EcgPeft.Core;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Training;
using EcgPeft.Web.Components.Shared;

namespace EcgPeft.Web.Components.Pages.Runs;

/// <summary>A column for every setting that a recipe can have, by its dotted path.</summary>
internal static class RecipeColumns
{
    private static readonly JsonSerializerOptions Json = new(ProductJson.Indented) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    // Recipes never change; of 2,000 runs each is flattened once.
    private static readonly ConditionalWeakTable<Recipe, IReadOnlyDictionary<string, string>> Settings = [];

    /// <summary>The columns, in the order of a recipe file.</summary>
    /// <param name="others">Paths that have a column of their own.</param>
    public static IEnumerable<RunColumn> Except(IReadOnlySet<string> others) =>
        Paths(typeof(Recipe), "").DistinctBy(setting => setting.Path).Where(setting => !others.Contains(setting.Path)).Select(setting => setting.IsNumber ? Number(setting.Path) : Words(setting.Path));

    private static RunColumn Words(string path) => new()
    {
        Id = path, Title = path, Help = "A setting of the recipe", Text = run => ValueOf(run.Recipe, path) is { Length: > 0 } value ? value : Show.Nothing, Key = run => ValueOf(run.Recipe, path),
    };

    private static RunColumn Number(string path)
    {
        double? Value(Recipe? recipe) => double.TryParse(ValueOf(recipe, path), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
        return new()
        {
            Id = path, Title = path, Help = "A setting of the recipe", Number = run => Value(run.Recipe), Key = run => Value(run.Recipe),
            Text = run => Value(run.Recipe)?.ToString("G6", Show.Culture) ?? Show.Nothing, Format = number => number.ToString("G6", Show.Culture),
        };
    }

    private static string? ValueOf(Recipe? recipe, string path) => recipe is null ? null : Settings.GetValue(recipe, RecipeSettings.Of).GetValueOrDefault(path);

    /// <summary>Every path below a type as the recipe file has it; a method's settings are those of any method.</summary>
    private static IEnumerable<(string Path, bool IsNumber)> Paths(Type type, string prefix)
    {
        var info = Json.GetTypeInfo(type);
        if (type == typeof(Core.Peft.PeftConfig)) return PeftMethod.All.SelectMany(method => Paths(method.Defaults.GetType(), prefix));
        return info.Properties.SelectMany(property => Of(property, prefix.Length == 0 ? property.Name : $"{prefix}.{property.Name}"));
    }

    private static IEnumerable<(string Path, bool IsNumber)> Of(JsonPropertyInfo property, string path)
    {
        if (property.Get is null) return [];
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return Json.GetTypeInfo(type).Kind == JsonTypeInfoKind.Object ? Paths(type, path) : [(path, type == typeof(double) || type == typeof(int) || type == typeof(long))];
    }
}

using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using EcgPeft.Core.Peft.Settings;

namespace EcgPeft.Core.Training;

/// <summary>The dotted paths that a recipe knows, for sentences on those that it does not know.</summary>
internal static class RecipeSettingNames
{
    private static readonly Dictionary<string, Type> Known = Of(typeof(Recipe), "").ToDictionary(pair => pair.Path, pair => pair.Type, StringComparer.OrdinalIgnoreCase);

    /// <summary>The path that was probably meant: one of the same last name, or a near one; null where there is none.</summary>
    public static string? Nearest(string path)
    {
        IReadOnlyList<string> all = [.. Known.Keys, .. Known.Keys.Where(name => name.Contains('.', StringComparison.Ordinal)).Select(name => name[..name.IndexOf('.', StringComparison.Ordinal)]).Distinct(), .. PeftMethod.All.SelectMany(method => method.Settings).Select(setting => "peft." + setting.Name).Distinct()];
        var last = path[(path.LastIndexOf('.') + 1)..];
        return NearestName.Of(path, all) ?? all.FirstOrDefault(name => name.EndsWith("." + last, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What a setting takes, in words; null where that is not one kind of value.</summary>
    public static string? Kind(string path)
    {
        if (!Known.TryGetValue(path, out var type)) return null;
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))}"
            : type == typeof(bool) ? "true or false"
            : type == typeof(int) || type == typeof(long) ? "a whole number"
            : type == typeof(double) ? "a number"
            : type == typeof(string) ? "a text"
            : null;
    }

    private static IEnumerable<(string Path, Type Type)> Of(Type type, string before)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p is { CanWrite: true } && p.GetCustomAttribute<JsonIgnoreAttribute>() is null or { Condition: not JsonIgnoreCondition.Always }))
        {
            var path = before + JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            var inner = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (inner is { IsClass: true, IsAbstract: false } && inner.Namespace?.StartsWith("EcgPeft.Core", StringComparison.Ordinal) == true)
                foreach (var nested in Of(inner, path + ".")) yield return nested;
            else yield return (path, property.PropertyType);
        }
    }
}

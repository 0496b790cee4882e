using System.Globalization;
using System.Reflection;
using System.Text.Json;
using EcgPeft.Core.Peft.Targets;

namespace EcgPeft.Core.Peft.Settings;

/// <summary>What kind of control a setting needs.</summary>
public enum PeftSettingKind
{
    /// <summary>A whole number.</summary>
    Whole,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>One of <see cref="PeftSetting.Choices"/>.</summary>
    Choice,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A list of texts.</summary>
    Names,

    /// <summary>Modules: a list of names, or one text that is a regular expression or <c>all-linear</c>.</summary>
    Targets,

    /// <summary>A list of whole numbers.</summary>
    WholeNumbers,

    /// <summary>A number for each of some names.</summary>
    NumberByName,
}

/// <summary>One setting of a method, as a form needs it.</summary>
/// <param name="Name">Name in recipes, below <c>peft.</c>.</param>
/// <param name="Label">Name for people.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Sentence">What it means.</param>
/// <param name="Default">Its value when a recipe leaves it out, as JSON; null where that means the method's own choice.</param>
/// <param name="Min">Lowest value, or null.</param>
/// <param name="Max">Highest value, or null.</param>
/// <param name="AboveMin">Whether <paramref name="Min"/> itself is not allowed.</param>
/// <param name="BelowMax">Whether <paramref name="Max"/> itself is not allowed.</param>
/// <param name="Choices">Allowed texts of a <see cref="PeftSettingKind.Choice"/>.</param>
/// <param name="Advanced">Whether most people leave it as it is.</param>
public sealed record PeftSetting(
    string Name, string Label, PeftSettingKind Kind, string Sentence, JsonElement? Default, double? Min, double? Max, bool AboveMin, bool BelowMax,
    IReadOnlyList<string> Choices, bool Advanced)
{
    /// <summary>The settings of a method with their defaults, in the order of its record.</summary>
    /// <param name="config">The method with its default settings.</param>
    public static IReadOnlyList<PeftSetting> Of(PeftConfig config) => [.. Properties(config).Select(p => Of(config, p.Property, p.Attribute))];

    /// <summary>A sentence for each value outside its range.</summary>
    /// <param name="config">The method with a person's settings.</param>
    internal static IEnumerable<string> Problems(PeftConfig config)
    {
        foreach (var (property, attribute) in Properties(config))
        {
            var (name, value) = (JsonName(property), property.GetValue(config));
            if (value is string text && attribute.Choices.Length > 0 && !attribute.Choices.Contains(text))
                yield return $"peft.{name} is '{text}'; it must be one of {string.Join(", ", attribute.Choices)}.";
            if (value is not (int or double)) continue;
            var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
            var low = double.IsNaN(attribute.Min) || (attribute.AboveMin ? number > attribute.Min : number >= attribute.Min);
            var high = double.IsNaN(attribute.Max) || (attribute.BelowMax ? number < attribute.Max : number <= attribute.Max);
            if (!double.IsFinite(number) || !low || !high)
                yield return string.Create(CultureInfo.InvariantCulture, $"peft.{name} is {value}; it must be {Range(attribute)}.");
        }
    }

    private static IEnumerable<(PropertyInfo Property, PeftSettingAttribute Attribute)> Properties(PeftConfig config) =>
        config.GetType().GetProperties()
            .Select(property => (property, attribute: property.GetCustomAttribute<PeftSettingAttribute>()))
            .Where(p => p.attribute is not null)
            .OrderBy(p => p.property.DeclaringType == typeof(PeftConfig))
            .Select(p => (p.property, p.attribute!));

    private static PeftSetting Of(PeftConfig config, PropertyInfo property, PeftSettingAttribute attribute)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var choices = type.IsEnum ? [.. Enum.GetValues(type).Cast<object>().Select(v => JsonSerializer.SerializeToElement(v, type, ProductJson.Line).GetString()!)] : attribute.Choices;
        var value = property.GetValue(config);
        return new PeftSetting(
            JsonName(property), attribute.Label ?? Words(property.Name), KindOf(type, choices.Length > 0), attribute.Sentence,
            value is null ? null : JsonSerializer.SerializeToElement(value, property.PropertyType, ProductJson.Line),
            double.IsNaN(attribute.Min) ? null : attribute.Min, double.IsNaN(attribute.Max) ? null : attribute.Max, attribute.AboveMin, attribute.BelowMax,
            choices, attribute.Advanced);
    }

    private static PeftSettingKind KindOf(Type type, bool choices) =>
        choices ? PeftSettingKind.Choice
        : type == typeof(int) ? PeftSettingKind.Whole
        : type == typeof(double) ? PeftSettingKind.Number
        : type == typeof(bool) ? PeftSettingKind.Flag
        : type == typeof(ModuleTargets) ? PeftSettingKind.Targets
        : typeof(IEnumerable<int>).IsAssignableFrom(type) ? PeftSettingKind.WholeNumbers
        : typeof(IEnumerable<string>).IsAssignableFrom(type) ? PeftSettingKind.Names
        : PeftSettingKind.NumberByName;

    private static string Range(PeftSettingAttribute a)
    {
        var low = double.IsNaN(a.Min) ? null : string.Create(CultureInfo.InvariantCulture, $"{(a.AboveMin ? "above" : "at least")} {a.Min}");
        var high = double.IsNaN(a.Max) ? null : string.Create(CultureInfo.InvariantCulture, $"{(a.BelowMax ? "below" : "at most")} {a.Max}");
        return (low, high) switch { (null, null) => "a finite number", (null, _) => high!, (_, null) => low!, _ => $"{low} and {high}" };
    }

    /// <summary>BottleneckSize as Bottleneck size.</summary>
    private static string Words(string name) => name[..1] + string.Concat(name.Skip(1).Select(c => char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : c.ToString()));

    private static string JsonName(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core.Peft.Settings;

namespace EcgPeft.Web.Components.Pages.NewRun;

/// <summary>
/// A method's settings as people type them: lists with commas, 0-3 for a range of layers, name = number pairs, and a regular
/// expression between slashes. An empty field means the default.
/// </summary>
internal static class SettingText
{
    /// <summary>What is typed, as the recipe's JSON; null for an empty field.</summary>
    /// <exception cref="FormatException">It cannot be read; the message says why.</exception>
    public static JsonNode? Parse(PeftSetting setting, string? text)
    {
        text = text?.Trim() ?? "";
        if (text.Length == 0) return null;
        return setting.Kind switch
        {
            PeftSettingKind.Whole => Whole(text),
            PeftSettingKind.Number => Number(text),
            PeftSettingKind.Flag => bool.Parse(text),
            PeftSettingKind.Choice or PeftSettingKind.Text => text,
            PeftSettingKind.Names => List(text),
            PeftSettingKind.Targets => Targets(text),
            PeftSettingKind.WholeNumbers => new JsonArray([.. Parts(text).SelectMany(WholeRange).Select(n => (JsonNode)n)]),
            PeftSettingKind.NumberByName => Pairs(text),
            _ => throw new InvalidOperationException($"Unknown kind {setting.Kind}."),
        };
    }

    /// <summary>A value of a recipe as it would be typed.</summary>
    public static string Write(PeftSetting setting, JsonElement? value) => value is not { } known || known.ValueKind == JsonValueKind.Null ? "" : known.ValueKind switch
    {
        JsonValueKind.String when setting.Kind == PeftSettingKind.Targets => known.GetString() is { } pattern && pattern != AllLinear ? $"/{pattern}/" : AllLinear,
        JsonValueKind.String => known.GetString()!,
        JsonValueKind.Array => string.Join(", ", known.EnumerateArray().Select(e => e.ToString())),
        JsonValueKind.Object => string.Join(", ", known.EnumerateObject().Select(p => $"{p.Name} = {p.Value}")),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => known.GetRawText(),
    };

    /// <summary>Which values a setting takes, as a sentence; empty where that is no matter of a range.</summary>
    public static string Range(PeftSetting setting) => (setting.Min, setting.Max) switch
    {
        ({ } low, { } high) => string.Create(CultureInfo.InvariantCulture, $"{low}{(setting.AboveMin ? " (excluded)" : "")} to {high}{(setting.BelowMax ? " (excluded)" : "")}."),
        ({ } low, null) => string.Create(CultureInfo.InvariantCulture, $"{(setting.AboveMin ? "Above" : "At least")} {low}."),
        (null, { } high) => string.Create(CultureInfo.InvariantCulture, $"{(setting.BelowMax ? "Below" : "At most")} {high}."),
        _ => setting.Kind == PeftSettingKind.Whole ? "Any whole number." : "",
    };

    /// <summary>The names that a text lists.</summary>
    public static IEnumerable<string> Parts(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The word for every linear layer.</summary>
    public const string AllLinear = Core.Peft.Targets.ModuleTargets.AllLinear;

    private static JsonNode Targets(string text) =>
        text == AllLinear ? AllLinear
        : text.Length > 2 && text[0] == '/' && text[^1] == '/' ? text[1..^1]
        : List(text);

    private static JsonArray List(string text) => new([.. Parts(text).Select(name => (JsonNode)name)]);

    private static int Whole(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : throw new FormatException($"'{text}' is not a whole number.");

    private static double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value
        : throw new FormatException(text.Contains(',', StringComparison.Ordinal) ? $"'{text}' is not a number; write {text.Replace(',', '.')}." : $"'{text}' is not a number.");

    private static IEnumerable<int> WholeRange(string text)
    {
        const int most = 10_000;
        var dash = text.IndexOf('-', 1);
        if (dash < 0) return [Whole(text)];
        var (first, last) = (Whole(text[..dash].TrimEnd()), Whole(text[(dash + 1)..].TrimStart()));
        return first <= last && last - first < most ? Enumerable.Range(first, last - first + 1) : throw new FormatException($"'{text}' is not a range such as 0-3.");
    }

    private static JsonObject Pairs(string text)
    {
        var pairs = new JsonObject();
        foreach (var pair in Parts(text))
        {
            var equals = pair.LastIndexOf('=');
            if (equals < 1) throw new FormatException($"'{pair}' is not a name = number pair, such as q_proj = 4.");
            var value = Number(pair[(equals + 1)..].Trim());
            pairs[pair[..equals].Trim()] = value == Math.Floor(value) && Math.Abs(value) < int.MaxValue ? (int)value : value;
        }
        return pairs;
    }
}

using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Training;

namespace EcgPeft.Web.Components.Pages.NewRun;

/// <summary>One setting of a recipe as the form shows it.</summary>
/// <param name="Setting">Dotted path, label, sentence, range, choices and default.</param>
/// <param name="Titles">What people read for each choice.</param>
public sealed record RecipeField(PeftSetting Setting, IReadOnlyDictionary<string, string> Titles)
{
    private static readonly JsonElement Defaults = JsonSerializer.SerializeToElement(new Recipe(), ProductJson.Line);

    /// <summary>Dotted path in recipes.</summary>
    public string Path => Setting.Name;

    /// <summary>Id of its control.</summary>
    public string Id => $"f-{Path.Replace('.', '-')}";

    public static RecipeField Whole(string path, string label, string sentence, double? min = null, double? max = null) => Of(path, label, PeftSettingKind.Whole, sentence, min, max);

    public static RecipeField Number(string path, string label, string sentence, double? min = null, double? max = null, bool aboveMin = false, bool belowMax = false) =>
        Of(path, label, PeftSettingKind.Number, sentence, min, max, aboveMin, belowMax);

    public static RecipeField Flag(string path, string label, string sentence) => Of(path, label, PeftSettingKind.Flag, sentence);

    public static RecipeField Words(string path, string label, string sentence) => Of(path, label, PeftSettingKind.Text, sentence);

    public static RecipeField Choice(string path, string label, string sentence, params (string Value, string Title)[] choices) =>
        new(Of(path, label, PeftSettingKind.Choice, sentence).Setting with { Choices = [.. choices.Select(c => c.Value)] }, choices.ToDictionary(c => c.Value, c => c.Title));

    /// <summary>The value at a dotted path; null where there is none.</summary>
    public static JsonElement? At(JsonElement recipe, string path)
    {
        foreach (var name in path.Split('.'))
            if (recipe.ValueKind != JsonValueKind.Object || !recipe.TryGetProperty(name, out recipe)) return null;
        return recipe.ValueKind == JsonValueKind.Null ? null : recipe;
    }

    private static RecipeField Of(string path, string label, PeftSettingKind kind, string sentence, double? min = null, double? max = null, bool aboveMin = false, bool belowMax = false) =>
        new(new PeftSetting(path, label, kind, sentence, At(Defaults, path), min, max, aboveMin, belowMax, [], false), new Dictionary<string, string>());
}

using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Settings;

namespace EcgPeft.Web.Components.Pages.NewRun;

/// <summary>The settings of one method as they are typed at present, and the method that they make.</summary>
public sealed class MethodDraft
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _problems = new(StringComparer.Ordinal);

    /// <summary>A method with its defaults.</summary>
    public MethodDraft(PeftMethod method) => (Method, Config) = (method, method.Defaults);

    /// <summary>The settings of a recipe.</summary>
    public static MethodDraft Of(PeftConfig config)
    {
        var draft = new MethodDraft(PeftMethod.Find(config.Method)!);
        var json = JsonSerializer.SerializeToElement(config, ProductJson.Line);
        foreach (var setting in draft.Method.Settings)
            if (json.TryGetProperty(setting.Name, out var value) && SettingText.Write(setting, value) is var text && text != SettingText.Write(setting, setting.Default)) draft._texts[setting.Name] = text;
        draft.Read();
        return draft;
    }

    /// <summary>The method.</summary>
    public PeftMethod Method { get; }

    /// <summary>The method with what could be read; see <see cref="Problems"/> for what could not.</summary>
    public PeftConfig Config { get; private set; }

    /// <summary>What is wrong, by the setting's dotted path.</summary>
    public IReadOnlyDictionary<string, string> Problems => _problems;

    /// <summary>What has been typed where it is not the default, by the setting's name.</summary>
    public IReadOnlyDictionary<string, string> Texts => _texts;

    /// <summary>What stands in the field: what has been typed, else the default.</summary>
    public string Text(PeftSetting setting) => _texts.TryGetValue(setting.Name, out var text) ? text : SettingText.Write(setting, setting.Default);

    /// <summary>Takes what has been typed.</summary>
    /// <param name="name">The setting's name.</param>
    /// <param name="text">What stands in the field now; null for the default.</param>
    public void Set(string name, string? text)
    {
        if (text is null) _texts.Remove(name);
        else _texts[name] = text;
        Read();
    }

    private void Read()
    {
        _problems.Clear();
        var json = new JsonObject { ["method"] = Method.Name };
        foreach (var setting in Method.Settings)
        {
            if (!_texts.TryGetValue(setting.Name, out var text)) continue;
            try
            {
                if (SettingText.Parse(setting, text) is { } value) json[setting.Name] = value;
            }
            catch (FormatException e)
            {
                _problems[$"peft.{setting.Name}"] = e.Message;
            }
        }
        try
        {
            Config = json.Deserialize<PeftConfig>(ProductJson.Line)!;
        }
        catch (JsonException e)
        {
            _problems[$"peft.{e.Path?.TrimStart('$', '.').Split('.')[0]}"] = "This value is of the wrong kind.";
        }
    }
}

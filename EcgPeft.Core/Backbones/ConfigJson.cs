using System.Text.Json;

namespace EcgPeft.Core.Backbones;

/// <summary>Reads a model's <c>config.json</c>: every size comes from there, and what is missing is named.</summary>
public sealed class ConfigJson
{
    private const int Largest = 1_000_000; // of any size in a config; what no model has would only cost memory
    private const int MostLayers = 1_000;

    private readonly string path;
    private readonly JsonElement root;

    private ConfigJson(string path, JsonElement root)
    {
        this.path = path;
        this.root = root;
    }

    /// <summary>Reads the file.</summary>
    /// <param name="path">Path of <c>config.json</c>.</param>
    /// <exception cref="UserInputException">The file is missing or not a JSON object.</exception>
    public static ConfigJson Read(string path)
    {
        if (!File.Exists(path)) throw new UserInputException($"{path} is missing; a model folder holds config.json and its weights.");
        return Parse(path, File.ReadAllBytes(path));
    }

    /// <summary>Reads a configuration that is no file of its own.</summary>
    /// <param name="path">What messages call it.</param>
    /// <param name="json">The text, in UTF-8.</param>
    /// <exception cref="UserInputException">It is not a JSON object.</exception>
    public static ConfigJson Parse(string path, ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new UserInputException($"{path} is not a JSON object.");
            CheckText(document.RootElement);
            return new ConfigJson(path, document.RootElement.Clone());
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{path} is not valid JSON (line {e.LineNumber + 1}).", e);
        }
        catch (InvalidOperationException e)
        {
            throw new UserInputException($"{path} holds text that is not valid UTF-8.", e);
        }
    }

    /// <summary>The parser leaves text as it is until it is asked for, and fails then.</summary>
    private static void CheckText(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String) element.GetString();
        else if (element.ValueKind == JsonValueKind.Array) foreach (var item in element.EnumerateArray()) CheckText(item);
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                _ = property.Name;
                CheckText(property.Value);
            }
        }
    }

    /// <summary>Settings that came from elsewhere, for example out of a checkpoint.</summary>
    /// <param name="source">What messages call it.</param>
    /// <param name="settings">Plain values by name.</param>
    public static ConfigJson Of(string source, IReadOnlyDictionary<string, object?> settings) => new(source, JsonSerializer.SerializeToElement(settings));

    /// <summary>A text; the fallback is the reference library's own default, where it has one.</summary>
    public string Text(string name, string? fallback = null) => Find(name, fallback, JsonValueKind.String, e => e.GetString()!);

    /// <summary>A whole number from 1, as every size in a config is.</summary>
    public int Whole(string name, int? fallback = null) => Size(name, Largest, FindValue(name, fallback, e => e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out var v) ? v : null));

    /// <summary>A number of layers.</summary>
    public int Layers(string name, int? fallback = null) => Size(name, MostLayers, Whole(name, fallback));

    /// <summary>A number.</summary>
    public double Number(string name, double? fallback = null) => FindValue(name, fallback, e => e.ValueKind == JsonValueKind.Number ? e.GetDouble() : null);

    /// <summary>A number above 0, such as what is added to a variance.</summary>
    public double Positive(string name, double? fallback = null) => InRange(name, Number(name, fallback), v => v > 0 && double.IsFinite(v), "above 0");

    /// <summary>A probability below 1, such as a dropout.</summary>
    public double Probability(string name, double? fallback = null) => InRange(name, Number(name, fallback), v => v is >= 0 and < 1, "between 0 and below 1");

    /// <summary>True or false.</summary>
    public bool Flag(string name, bool? fallback = null) =>
        FindValue(name, fallback, e => e.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => (bool?)null });

    /// <summary>A list of whole numbers from 1.</summary>
    public IReadOnlyList<int> WholeNumbers(string name) =>
        Find(name, null, JsonValueKind.Array, e => e.GetArrayLength() > MostLayers ? throw Wrong(name) : e.EnumerateArray().Select(v => Size(name, Largest, v.ValueKind == JsonValueKind.Number && v.TryGetInt32(out var n) ? n : throw Wrong(name))).ToArray());

    private double InRange(string name, double value, Func<double, bool> holds, string range) =>
        holds(value) ? value : throw new UserInputException(FormattableString.Invariant($"{path}: '{name}' is {value}; it must be {range}."));

    private int Size(string name, int largest, int value) =>
        value >= 1 && value <= largest ? value : throw new UserInputException($"{path}: '{name}' is {value}; it must be between 1 and {largest}.");

    private T Find<T>(string name, T? fallback, JsonValueKind kind, Func<JsonElement, T> read) where T : class
    {
        if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return fallback ?? throw Missing(name);
        return value.ValueKind == kind ? read(value) : throw Wrong(name);
    }

    private T FindValue<T>(string name, T? fallback, Func<JsonElement, T?> read) where T : struct
    {
        if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return fallback ?? throw Missing(name);
        return read(value) ?? throw Wrong(name);
    }

    private UserInputException Missing(string name) => new($"{path} has no '{name}', which the model needs.");

    private UserInputException Wrong(string name) => new($"{path}: '{name}' has a value of the wrong kind.");
}

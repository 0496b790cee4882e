using System.Text.Json;
using System.Text.Json.Nodes;

namespace EcgPeft.Core.Peft.Files;

/// <summary>Reads <c>adapter_config.json</c>; what is missing or of the wrong kind is named.</summary>
public sealed class AdapterConfigJson
{
    private AdapterConfigJson(string path, JsonObject root)
    {
        FilePath = path;
        Root = root;
    }

    /// <summary>Path of the file.</summary>
    public string FilePath { get; }

    /// <summary>All of its content, known here or not.</summary>
    public JsonObject Root { get; }

    /// <summary>Reads the file of an adapter folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="UserInputException">It is missing or no JSON object.</exception>
    public static AdapterConfigJson Read(string folder)
    {
        var path = Path.Combine(folder, PeftModel.ConfigFile);
        if (!File.Exists(path)) throw new UserInputException($"{path} is missing; an adapter folder holds {PeftModel.ConfigFile} and {PeftModel.WeightsFile}.");
        try
        {
            return new AdapterConfigJson(path, JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject ?? throw new UserInputException($"{path} is not a JSON object."));
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{path} is not valid JSON (line {e.LineNumber + 1}).", e);
        }
    }

    /// <summary>The method that the file names (<c>peft_type</c>), or null.</summary>
    public string? Type => Has("peft_type") ? Text("peft_type") : null;

    /// <summary>Whether a key is there with a value.</summary>
    /// <param name="name">The key.</param>
    public bool Has(string name) => Root[name] is not null;

    /// <summary>Refuses settings that change what the adapter computes and that a method has not here.</summary>
    /// <param name="method">The method's name for people.</param>
    /// <param name="names">The keys.</param>
    /// <exception cref="UserInputException">One of them says something.</exception>
    public void Refuse(string method, params IReadOnlyList<string> names)
    {
        if (names.FirstOrDefault(name => Says(Root[name])) is { } unsupported)
            throw new UserInputException($"{FilePath} sets '{unsupported}', which {method} has not here; save the adapter without it, or merge it into its base model in Python.");
    }

    // The library writes what is not in use as null, false, empty or none.
    private static bool Says(JsonNode? value) => value switch
    {
        null => false,
        JsonArray { Count: 0 } or JsonObject { Count: 0 } => false,
        JsonValue flag when flag.TryGetValue<bool>(out var on) => on,
        JsonValue word when word.TryGetValue<string>(out var text) => text != "none",
        _ => true,
    };

    /// <summary>A text.</summary>
    /// <param name="name">The key.</param>
    /// <param name="fallback">The library's default.</param>
    public string Text(string name, string? fallback = null) => Value(name, fallback);

    /// <summary>A whole number.</summary>
    /// <param name="name">The key.</param>
    /// <param name="fallback">The library's default.</param>
    public int Whole(string name, int? fallback = null) => Has(name) || fallback is null ? Value<int>(name, 0, required: true) : fallback.Value;

    /// <summary>A number.</summary>
    /// <param name="name">The key.</param>
    /// <param name="fallback">The library's default.</param>
    public double Number(string name, double? fallback = null) => Has(name) || fallback is null ? Value<double>(name, 0, required: true) : fallback.Value;

    /// <summary>True or false.</summary>
    /// <param name="name">The key.</param>
    /// <param name="fallback">The library's default.</param>
    public bool Flag(string name, bool fallback) => Has(name) ? Value<bool>(name, fallback, required: true) : fallback;

    /// <summary>Any value, through the product's JSON rules; null where the key is absent.</summary>
    /// <typeparam name="T">What it is read as.</typeparam>
    /// <param name="name">The key.</param>
    public T? Read<T>(string name) where T : class
    {
        if (Root[name] is not { } node) return null;
        try
        {
            return node.Deserialize<T>(ProductJson.Indented);
        }
        catch (JsonException e)
        {
            throw Wrong(name, e);
        }
    }

    private string Value(string name, string? fallback) => Has(name) || fallback is null ? Value<string>(name, "", required: true) : fallback;

    private T Value<T>(string name, T fallback, bool required)
    {
        if (Root[name] is not { } node) return required ? throw new UserInputException($"{FilePath} has no '{name}'.") : fallback;
        return node is JsonValue value && value.TryGetValue<T>(out var read) ? read : throw Wrong(name, null);
    }

    private UserInputException Wrong(string name, Exception? inner)
    {
        var sentence = $"{FilePath}: '{name}' has a value of the wrong kind.";
        return inner is null ? new UserInputException(sentence) : new UserInputException(sentence, inner);
    }
}

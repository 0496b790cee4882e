using System.Text.Json;
using System.Text.Json.Serialization;

namespace EcgPeft.Core;

/// <summary>How every JSON file of the product is written and read: camel case, enum names in words, unknown keys refused.</summary>
public static class ProductJson
{
    /// <summary>Indented, for files that people read (<c>recipe.json</c>, <c>metrics.json</c>, <c>environment.json</c>).</summary>
    public static JsonSerializerOptions Indented { get; } = Create(indented: true);

    /// <summary>One line a document, for <c>events.jsonl</c> and messages.</summary>
    public static JsonSerializerOptions Line { get; } = Create(indented: false);

    /// <summary>For reading what people may have written or changed: null where nothing may be missing is refused like any other wrong value.</summary>
    public static JsonSerializerOptions Strict { get; } = new(Indented) { RespectNullableAnnotations = true };

    private static JsonSerializerOptions Create(bool indented)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            WriteIndented = indented,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            AllowOutOfOrderMetadataProperties = true,
            ReadCommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        return options;
    }
}

using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EcgPeft.Core.Peft.Targets;

/// <summary>
/// Which modules a method changes, as the PEFT library takes it: a list of names and path suffixes, or one text: a regular
/// expression that matches the whole path, or <c>all-linear</c>.
/// </summary>
[JsonConverter(typeof(ModuleTargetsConverter))]
[CollectionBuilder(typeof(ModuleTargets), nameof(Of))]
public sealed record ModuleTargets : IEnumerable<string>
{
    /// <summary>The word for every linear layer of the backbone.</summary>
    public const string AllLinear = "all-linear";

    private ModuleTargets(IReadOnlyList<string>? names, string? pattern)
    {
        Names = names;
        Pattern = pattern;
    }

    /// <summary>Names and suffixes, or null.</summary>
    public IReadOnlyList<string>? Names { get; }

    /// <summary>A regular expression or <see cref="AllLinear"/>, or null.</summary>
    public string? Pattern { get; }

    /// <summary>Targets by names and suffixes.</summary>
    /// <param name="names">For example <c>q_proj</c>, <c>attention.out_proj</c>, or a role such as <c>feed_forward_in</c>.</param>
    public static ModuleTargets Of(ReadOnlySpan<string> names) => new(names.ToArray(), null);

    /// <summary>Targets by one text.</summary>
    /// <param name="pattern">A regular expression for the whole path, or <see cref="AllLinear"/>.</param>
    public static ModuleTargets Matching(string pattern) => new(null, pattern);

    /// <inheritdoc/>
    public bool Equals(ModuleTargets? other) =>
        other is not null && Pattern == other.Pattern && (Names, other.Names) switch { (null, null) => true, ({ } a, { } b) => a.SequenceEqual(b), _ => false };

    /// <inheritdoc/>
    public override int GetHashCode() => Pattern?.GetHashCode(StringComparison.Ordinal) ?? Names!.Count;

    /// <inheritdoc/>
    public override string ToString() => Pattern ?? string.Join(", ", Names!);

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => (Names ?? [Pattern!]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>A list of texts or one text in JSON.</summary>
internal sealed class ModuleTargetsConverter : JsonConverter<ModuleTargets>
{
    public override ModuleTargets Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            ? ModuleTargets.Matching(reader.GetString()!)
            : ModuleTargets.Of(JsonSerializer.Deserialize<string[]>(ref reader, options));

    public override void Write(Utf8JsonWriter writer, ModuleTargets value, JsonSerializerOptions options)
    {
        if (value.Pattern is { } pattern) writer.WriteStringValue(pattern);
        else JsonSerializer.Serialize(writer, value.Names, options);
    }
}

using System.Text.Json;
using static TorchSharp.torch;

namespace EcgPeft.Core.Checkpoints;

/// <summary>The JSON header of a safetensors file, read without building a document, and checked against the bytes that follow.</summary>
internal sealed class SafetensorsHeader
{
    private readonly Dictionary<string, TensorEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _starts = new(StringComparer.Ordinal);
    private readonly string _file;

    private SafetensorsHeader(string file) => _file = file;

    public IReadOnlyDictionary<string, TensorEntry> Entries => _entries;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>First byte of every tensor, counted from the end of the header.</summary>
    public IReadOnlyDictionary<string, long> Starts => _starts;

    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength, string file)
    {
        var header = new SafetensorsHeader(file);
        try
        {
            header.ReadDocument(json);
        }
        // GetString says "invalid operation" of bytes that are not UTF-8 and of lone surrogates.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CheckpointException(file, "the safetensors header is not valid JSON; the file is damaged or of another format", e);
        }
        header.CheckLayout(dataLength);
        return header;
    }

    private void ReadDocument(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (json.IsEmpty || json[0] != '{' || !reader.Read()) throw Error("the safetensors header does not start with '{'");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) throw Error($"the header's entry '{name}' is not a JSON object");
            if (name == "__metadata__") ReadMetadata(ref reader);
            else ReadTensor(ref reader, name);
        }
        reader.Read(); // fails on anything but white space after the object
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (_metadata.Count > 0) throw Error("the header has '__metadata__' twice");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String) throw Error($"the metadata value of '{key}' is not a string");
            if (!_metadata.TryAdd(key, reader.GetString()!)) throw Error($"the metadata key '{key}' stands twice");
        }
    }

    private void ReadTensor(ref Utf8JsonReader reader, string name)
    {
        ScalarType? type = null;
        List<long>? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString();
            reader.Read();
            switch (key)
            {
                case "dtype" when type is null && reader.TokenType == JsonTokenType.String: type = SafetensorsTypes.Parse(reader.GetString()!) ?? throw Error($"the element type {reader.GetString()} of tensor '{name}' is not supported"); break;
                case "shape" when shape is null: shape = ReadNumbers(ref reader, name, TensorSize.MaxRank); break;
                case "data_offsets" when offsets is null: offsets = ReadNumbers(ref reader, name, 2); break;
                case "dtype" or "shape" or "data_offsets": throw Error($"'{key}' of tensor '{name}' stands twice or is not of the right kind");
                default: reader.Skip(); break;
            }
        }
        if (type is null || shape is null || offsets is not { Count: 2 }) throw Error($"tensor '{name}' lacks dtype, shape or the two data_offsets");
        if (offsets[1] < offsets[0]) throw Error($"the data_offsets of tensor '{name}' run backwards");
        if (!TensorSize.TryCount(shape, out var count) || count * TensorSize.Of(type.Value) != offsets[1] - offsets[0])
        {
            throw Error($"tensor '{name}' has {offsets[1] - offsets[0]} bytes, not what its shape [{string.Join(", ", shape)}] needs");
        }
        if (!_entries.TryAdd(name, new TensorEntry(name, type.Value, shape, offsets[1] - offsets[0]))) throw Error($"tensor '{name}' stands twice in the header");
        _starts.Add(name, offsets[0]);
    }

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string name, int most)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw Error($"shape or data_offsets of tensor '{name}' is not a list");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0 || numbers.Count == most)
            {
                throw Error($"shape or data_offsets of tensor '{name}' is not a list of at most {most} whole numbers from 0");
            }
            numbers.Add(number);
        }
        return numbers;
    }

    private void CheckLayout(long dataLength)
    {
        long end = 0;
        foreach (var entry in _entries.Values.OrderBy(e => _starts[e.Name]).ThenBy(e => e.ByteLength))
        {
            if (_starts[entry.Name] != end) throw Error($"tensor '{entry.Name}' starts at byte {_starts[entry.Name]} and not at {end}, where the one before ends");
            end += entry.ByteLength;
        }
        if (end != dataLength) throw Error($"the tensors need {end} bytes but the file holds {dataLength} after the header; it was cut short or damaged");
    }

    private CheckpointException Error(string problem) => new(_file, problem);
}

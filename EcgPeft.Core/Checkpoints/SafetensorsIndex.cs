using System.Text.Json;
using static TorchSharp.torch;

namespace EcgPeft.Core.Checkpoints;

/// <summary>A sharded checkpoint: <c>model.safetensors.index.json</c> says which shard holds which tensor; all shards are presented as one file.</summary>
public sealed class SafetensorsIndex : TensorFile
{
    private const long MaxIndexLength = 100_000_000;

    private readonly Dictionary<string, SafetensorsFile> _shards = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafetensorsFile> _shardOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafetensorsIndex(string path) => Path = path;

    /// <inheritdoc/>
    public override string Path { get; }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, TensorEntry> Entries => _entries;

    /// <summary>The index's own remarks, such as <c>total_size</c>.</summary>
    public override IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The shards' file names, in the order of their first mention.</summary>
    /// <param name="path">The index file.</param>
    /// <exception cref="CheckpointException">The file is not an index, or a shard's name would leave the folder.</exception>
    public static IReadOnlyList<string> ShardNames(string path)
    {
        using var document = Parse(path);
        try
        {
            return [.. WeightMap(document, path).Select(w => w.Shard).Distinct(StringComparer.Ordinal)];
        }
        catch (InvalidOperationException e)
        {
            throw NotText(path, e);
        }
    }

    /// <summary>Opens the index and all its shards and checks that each holds exactly the tensors that the index lists in it.</summary>
    /// <param name="path">The index file; the shards are in its folder.</param>
    /// <exception cref="CheckpointException">The index or a shard is absent or invalid, or a tensor is not where the index says.</exception>
    public static SafetensorsIndex Open(string path)
    {
        var index = new SafetensorsIndex(path);
        try
        {
            index.Load();
            return index;
        }
        catch (Exception e)
        {
            index.Dispose();
            // The parser leaves text as it is until it is asked for, and fails then.
            if (e is InvalidOperationException) throw NotText(path, e);
            throw;
        }
    }

    private static CheckpointException NotText(string path, Exception e) => new(path, "the shard index holds text that is not valid UTF-8; download it again", e);

    private void Load()
    {
        using var document = Parse(Path);
        foreach (var (name, shardName) in WeightMap(document, Path))
        {
            if (!_shards.TryGetValue(shardName, out var shard))
            {
                shard = SafetensorsFile.Open(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!, shardName));
                _shards.Add(shardName, shard);
            }
            if (!shard.Entries.TryGetValue(name, out var entry)) throw new CheckpointException(Path, $"tensor '{name}' is listed in shard {shardName}, but that file does not hold it; download the folder again");
            if (!_entries.TryAdd(name, entry)) throw new CheckpointException(Path, $"tensor '{name}' stands twice in the weight map");
            _shardOf.Add(name, shard);
        }
        foreach (var (shardName, shard) in _shards)
        {
            var stray = shard.Entries.Keys.FirstOrDefault(n => !_shardOf.TryGetValue(n, out var owner) || owner != shard);
            if (stray is not null) throw new CheckpointException(Path, $"shard {shardName} holds tensor '{stray}', which the index does not list in it; download the folder again");
        }
        if (document.RootElement.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object)
        {
            foreach (var remark in metadata.EnumerateObject()) _metadata[remark.Name] = remark.Value.ToString();
        }
    }

    private static JsonDocument Parse(string path)
    {
        using var bytes = FileBytes.Map(path);
        if (bytes.Length > MaxIndexLength) throw new CheckpointException(path, $"the index has {bytes.Length} bytes, more than any real one");
        try
        {
            return JsonDocument.Parse(bytes.Bytes(0, (int)bytes.Length));
        }
        catch (JsonException e)
        {
            throw new CheckpointException(path, "the shard index is not valid JSON; download it again", e);
        }
    }

    private static IEnumerable<(string Name, string Shard)> WeightMap(JsonDocument document, string path)
    {
        if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
        {
            throw new CheckpointException(path, "the shard index has no 'weight_map'");
        }
        foreach (var weight in map.EnumerateObject())
        {
            if (weight.Value.ValueKind != JsonValueKind.String) throw new CheckpointException(path, $"the shard of tensor '{weight.Name}' is not a file name");
            var shard = weight.Value.GetString()!;
            if (shard is "" or "." or ".." || shard.AsSpan().ContainsAny("/\\:\0")) throw new CheckpointException(path, $"the shard name '{shard}' of tensor '{weight.Name}' would leave the folder");
            yield return (weight.Name, shard);
        }
    }

    /// <inheritdoc/>
    protected override Tensor ReadStored(TensorEntry entry) => _shardOf[entry.Name].Read(entry.Name);

    /// <inheritdoc/>
    protected internal override Tensor? Mapped(TensorEntry entry) => _shardOf[entry.Name].Mapped(entry);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        foreach (var shard in _shards.Values) shard.Dispose();
    }
}

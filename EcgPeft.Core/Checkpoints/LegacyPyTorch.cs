using System.Buffers.Binary;
using EcgPeft.Core.Checkpoints.Pickle;

namespace EcgPeft.Core.Checkpoints;

/// <summary>
/// The format of <c>torch.save</c> before PyTorch 1.6: five pickles (magic number, protocol, machine, the object, the storages'
/// keys), then each storage as an element count and its elements (torch/serialization.py, <c>_legacy_load</c>).
/// </summary>
internal static class LegacyPyTorch
{
    private const int MaxPickles = 64 << 20;
    private const int MaxPrefix = 2; // opcodes PROTO 2, before the LONG1 of the magic number

    private static ReadOnlySpan<byte> Magic => [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];

    public static bool IsLegacy(FileBytes bytes) =>
        bytes.Length >= MaxPrefix + Magic.Length && bytes.Bytes(0, MaxPrefix + Magic.Length) is [0x80, _, .. var rest] && rest.AsSpan().SequenceEqual(Magic);

    public static PyTorchCheckpoint Open(FileBytes bytes, string? section)
    {
        var head = bytes.Bytes(0, (int)Math.Min(bytes.Length, MaxPickles)).AsMemory();
        var types = new Dictionary<string, PickleStorage>(StringComparer.Ordinal);
        var at = MaxPrefix + Magic.Length;
        object? Next()
        {
            var reader = new PickleReader(head[at..], bytes.Name, id =>
            {
                var storage = PickleTensors.Storage(id, bytes.Name);
                if (!types.TryAdd(storage.Key, storage) && types[storage.Key] != storage) throw new CheckpointException(bytes.Name, $"storage '{storage.Key}' is described in two ways");
                return storage;
            });
            var value = reader.Read();
            at += reader.Position;
            return value;
        }

        if (Next() is not 1001L) throw new CheckpointException(bytes.Name, "it is in an unknown version of PyTorch's old format");
        if (Next() is not PickleDictionary machine || !machine.TryGet("little_endian", out var little) || little is not true)
        {
            throw new CheckpointException(bytes.Name, "it was written on a big-endian machine; load it there and save it as safetensors");
        }
        var root = Next();
        if (Next() is not PickleSequence keys) throw new CheckpointException(bytes.Name, "the list of its storages is missing");
        var places = Places(bytes, keys, types, at);
        return new PyTorchCheckpoint(bytes, root, key => places.TryGetValue(key, out var place) ? place : null, section);
    }

    private static Dictionary<string, (long Offset, long Length)> Places(FileBytes bytes, PickleSequence keys, Dictionary<string, PickleStorage> types, long at)
    {
        var places = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        foreach (var item in keys.Items)
        {
            if (item is not string key || !types.TryGetValue(key, out var storage)) throw new CheckpointException(bytes.Name, "it lists a storage that no tensor uses");
            var count = BinaryPrimitives.ReadInt64LittleEndian(bytes.Bytes(at, 8));
            if (count != storage.Count) throw new CheckpointException(bytes.Name, $"storage '{key}' has {count} elements where {storage.Count} were announced");
            var length = count * TensorSize.Of(storage.Type);
            if (!places.TryAdd(key, (at + 8, length)) || length > bytes.Length - at - 8) throw new CheckpointException(bytes.Name, $"storage '{key}' stands twice or runs past the end of the file");
            at += 8 + length;
        }
        return places;
    }
}

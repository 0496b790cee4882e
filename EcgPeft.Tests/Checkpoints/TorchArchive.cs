using System.IO.Compression;
using static EcgPeft.Tests.Checkpoints.TorchBytes;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Checkpoints;

/// <summary>Writes tensors as <c>torch.save</c> does: a zip with a pickle and one storage a tensor.</summary>
internal static class TorchArchive
{
    /// <summary>Writes a state dict.</summary>
    /// <param name="path">The file.</param>
    /// <param name="weights">Its tensors.</param>
    /// <param name="under">Key of the outer dictionary that holds them, or null.</param>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> weights, string? under = null)
    {
        var named = weights.ToArray();
        using var file = new FileStream(path, FileMode.CreateNew);
        using var zip = new ZipArchive(file, ZipArchiveMode.Create);
        Add(zip, "archive/data.pkl", PickleOf([.. named.Select(tensor => (tensor.Key, tensor.Value.shape, StorageOf(tensor.Value.dtype)))], under));
        for (var i = 0; i < named.Length; i++) Add(zip, $"archive/data/{i}", named[i].Value.contiguous().reshape(-1).bytes);
        Add(zip, "archive/byteorder", "little"u8);
    }

    /// <summary>The pickle of a state dict whose tensor i lies whole in storage i.</summary>
    /// <param name="tensors">Names, shapes and types of storages.</param>
    /// <param name="under">Key of the outer dictionary that holds them, or null.</param>
    public static byte[] PickleOf(IReadOnlyList<(string Name, long[] Shape, string Storage)> tensors, string? under)
    {
        var state = Dictionary([.. tensors.Select((t, i) => (t.Name, Describe(t.Shape, t.Storage, i)))]);
        return Pickle(under is null ? state : Dictionary(("args", Op("N")), (under, state)));
    }

    private static string StorageOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => "FloatStorage",
        ScalarType.Float16 => "HalfStorage",
        ScalarType.BFloat16 => "BFloat16Storage",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static byte[] Describe(long[] shape, string storage, int key)
    {
        var sizes = shape.Select(size => (int)size).ToArray();
        var strides = new int[sizes.Length];
        var count = 1;
        for (var i = sizes.Length - 1; i >= 0; count *= sizes[i--]) strides[i] = count;
        return Tensor(Storage(storage, $"{key}", count), 0, sizes, strides);
    }

    private static void Add(ZipArchive zip, string name, ReadOnlySpan<byte> bytes)
    {
        using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
        entry.Write(bytes);
    }
}

using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using static TorchSharp.torch;

namespace EcgPeft.Core.Training.Caching;

/// <summary>
/// The bfloat16 copies of a backbone's weights in the data folder's <c>cache/weights</c>: one file a backbone, named by its content hash, written once
/// under another name and then put in place, checked by its checksum whenever it is opened, and mapped, so that all workers share its pages.
/// </summary>
/// <param name="root">The product's data folder.</param>
/// <param name="megabytes">Most that the whole cache may take; 0 keeps nothing (<c>EcgPeft:CacheMegabytes</c>).</param>
public sealed class WeightCache(DataRoot root, int megabytes)
{
    private const string Checksum = "crc32c";
    private const int CacheLine = 64;

    private readonly CacheFolder cache = new(root, megabytes);

    /// <summary>Where the files are.</summary>
    public string Folder => cache.Weights;

    /// <summary>Puts a backbone into bfloat16 with the copies of the cache, which are made where they are not there; where they cannot be kept, with copies of its own.</summary>
    /// <param name="backbone">The backbone, with its method in it.</param>
    /// <param name="modelFolder">The model that it was loaded from.</param>
    /// <param name="hash">The model's content hash.</param>
    /// <param name="log">Receives level and sentence: what is kept, or why not; what was damaged.</param>
    public void UseBf16(Backbone backbone, string modelFolder, string hash, Action<string, string> log)
    {
        using var file = CanShare(backbone) ? Open(modelFolder, hash, log) : null;
        backbone.UseBf16(file is null ? null : new SharedCopies(file));
    }

    /// <summary>Puts a backbone into bfloat16 with the copies of the cache if they are there, else with copies of its own.</summary>
    /// <param name="root">The product's data folder.</param>
    /// <param name="backbone">The backbone, with its method in it.</param>
    /// <param name="hash">The content hash of its model.</param>
    public static void UseKnownBf16(DataRoot root, Backbone backbone, string? hash)
    {
        using var file = hash is null || !CanShare(backbone) ? null : Sound(PathOf(new CacheFolder(root, 0), hash), damage => { });
        backbone.UseBf16(file is null ? null : new SharedCopies(file));
    }

    /// <summary>A mapped file cannot be replaced on Windows, and another device has memory of its own.</summary>
    private static bool CanShare(Backbone backbone) => !OperatingSystem.IsWindows() && backbone.Device.type == TorchSharp.DeviceType.CPU;

    private static string PathOf(CacheFolder cache, string hash) => Path.Combine(cache.Weights, CacheFolder.NameOf($"bf16 weights 1|{hash}") + ".safetensors");

    private SafetensorsFile? Open(string modelFolder, string hash, Action<string, string> log)
    {
        var path = PathOf(cache, hash);
        if (cache.Refuses(0) is not null) return null;
        try
        {
            return Sound(path, damage => log("warning", $"The bfloat16 weights in the cache were damaged ({damage}); they are made again.")) ?? Made(path, modelFolder, log);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CheckpointException)
        {
            log("warning", $"The bfloat16 weights cannot be shared with other workers, since the cache in {Folder} cannot be used ({e.Message.TrimEnd('.')}).");
            return null;
        }
    }

    /// <summary>The file, if it is there and as it was written.</summary>
    private static SafetensorsFile? Sound(string path, Action<string> damaged)
    {
        if (!File.Exists(path)) return null;
        SafetensorsFile? file = null;
        try
        {
            file = SafetensorsFile.Open(path);
            var (recorded, found) = (file.Metadata.GetValueOrDefault(Checksum), ChecksumOf(file.Entries.Keys.Order(StringComparer.Ordinal).Select(name => file.Take(name, ScalarType.BFloat16))));
            if (recorded == found)
            {
                File.SetLastWriteTimeUtc(path, DateTime.UtcNow); // when it was last used
                return file;
            }
            damaged("its checksum is another one");
        }
        catch (Exception e) when (e is CheckpointException or IOException or UnauthorizedAccessException)
        {
            damaged(e.Message.TrimEnd('.'));
        }
        file?.Dispose();
        return null;
    }

    /// <summary>The file, made from the model's own weights: those of a model at work may be changed by its method.</summary>
    private SafetensorsFile? Made(string path, string modelFolder, Action<string, string> log)
    {
        using var pristine = ModelFolder.Load(modelFolder, new MetaWeights());
        var copies = new CollectedCopies();
        pristine.Backbone.UseBf16(copies);
        var size = copies.All.Sum(c => c.Value.numel() * c.Value.element_size());
        if (cache.Refuses(size) is { } why)
        {
            log("warning", $"The bfloat16 weights are not shared with other workers, since {why}.");
            return null;
        }
        cache.MakeRoom(path, size);
        var checksum = ChecksumOf(copies.All.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => c.Value.alias()));
        SafetensorsWriter.Write(path, copies.All, new Dictionary<string, string> { [Checksum] = checksum }, CacheLine);
        log("info", $"The bfloat16 copies of the frozen weights are kept in the cache ({size / 1e6:F0} MB), for every run with this backbone.");
        return SafetensorsFile.Open(path);
    }

    /// <summary>Over the tensors' bytes one after the other; disposes them.</summary>
    private static string ChecksumOf(IEnumerable<Tensor> tensors)
    {
        var crc = 0u;
        foreach (var tensor in tensors)
        {
            using (tensor) crc = Crc32.Of(tensor.bytes, crc);
        }
        return crc.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed class SharedCopies(SafetensorsFile file) : Bf16Copies
    {
        public override Tensor Take(string name, Func<Tensor> make, bool changed = false) =>
            !changed && file.Entries.ContainsKey(name) ? file.Take(name, ScalarType.BFloat16) : make();
    }

    private sealed class CollectedCopies : Bf16Copies
    {
        public List<KeyValuePair<string, Tensor>> All { get; } = [];

        public override Tensor Take(string name, Func<Tensor> make, bool changed = false)
        {
            var copy = make();
            All.Add(new(name, copy));
            return copy;
        }
    }
}

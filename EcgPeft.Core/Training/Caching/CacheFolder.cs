using System.Security.Cryptography;
using System.Text;

namespace EcgPeft.Core.Training.Caching;

/// <summary>
/// What the data folder's <c>cache</c> holds for all runs together: frames and bfloat16 weights. Files are named by a hash of all that decides
/// their content. Those that were not used for longest go when a new one needs their room. Any file may be deleted at any time.
/// </summary>
/// <param name="root">The product's data folder.</param>
/// <param name="megabytes">Most that the files may take together; 0 keeps none (<c>EcgPeft:CacheMegabytes</c>).</param>
internal sealed class CacheFolder(DataRoot root, int megabytes)
{
    private const string Temporary = ".tmp";

    /// <summary>A file that is still being written is younger than this; an older one was left by a process that was killed.</summary>
    private static readonly TimeSpan LeftBehind = TimeSpan.FromHours(1);

    /// <summary>Frozen outputs.</summary>
    public string Frames { get; } = Path.Combine(root.Cache, "frames");

    /// <summary>bfloat16 copies of frozen weights.</summary>
    public string Weights { get; } = Path.Combine(root.Cache, "weights");

    /// <summary>Bytes that the files take at present, and how many they are.</summary>
    public (long Bytes, int Files) Used => Files() is var files ? (files.Sum(f => f.Length), files.Count) : default;

    /// <summary>Name of a file without its ending.</summary>
    /// <param name="content">Names everything that decides the content.</param>
    public static string NameOf(string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))[..32];

    /// <summary>Deletes all files. Runs at work go on with what they have open.</summary>
    public void Clear()
    {
        foreach (var file in Files()) TryDelete(file);
    }

    /// <summary>Why a file may not be kept, as the end of a sentence; null where it may.</summary>
    /// <param name="size">Its bytes.</param>
    public string? Refuses(long size) =>
        megabytes <= 0 ? "the cache is switched off (EcgPeft:CacheMegabytes is 0)"
        : size > megabytes * 1_000_000L ? $"it takes {size / 1_000_000} MB and the cache may have {megabytes} (EcgPeft:CacheMegabytes)" : null;

    /// <summary>Deletes what was not used for longest until a file fits.</summary>
    /// <param name="path">The file.</param>
    /// <param name="size">Its bytes.</param>
    public void MakeRoom(string path, long size)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        foreach (var left in Existing("*" + Temporary).Where(f => DateTime.UtcNow - f.LastWriteTimeUtc > LeftBehind)) TryDelete(left);
        var others = Files().Where(f => f.FullName != path).OrderBy(f => f.LastWriteTimeUtc).ToList();
        var used = others.Sum(f => f.Length);
        foreach (var file in others)
        {
            if (used + size <= megabytes * 1_000_000L) break;
            if (TryDelete(file)) used -= file.Length;
        }
    }

    private List<FileInfo> Files() => [.. Existing("*").Where(f => f.Extension != Temporary)];

    private IEnumerable<FileInfo> Existing(string pattern) =>
        new[] { Frames, Weights }.Where(Directory.Exists).SelectMany(folder => new DirectoryInfo(folder).EnumerateFiles(pattern)).Where(f => f.Exists);

    private static bool TryDelete(FileInfo file)
    {
        try
        {
            file.Delete();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // in use, on systems that care
        }
    }
}

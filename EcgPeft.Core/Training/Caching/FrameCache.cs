using System.Security.Cryptography;
using System.Text;

namespace EcgPeft.Core.Training.Caching;

/// <summary>
/// Files of frames in the data folder's <c>cache/frames</c>, named by a hash of all that decides their content, shared by all
/// runs. The files that were not used for longest go when a new one needs their room. Any file may be deleted at any time.
/// </summary>
/// <param name="root">The product's data folder.</param>
/// <param name="megabytes">Most that the files may take together; 0 keeps none (<c>EcgPeft:CacheMegabytes</c>).</param>
public sealed class FrameCache(DataRoot root, int megabytes)
{
    /// <summary>Value of <c>EcgPeft:CacheMegabytes</c> where the user sets none.</summary>
    public const int DefaultMegabytes = 20_000;

    private const string Extension = ".frames";

    /// <summary>Where the files are.</summary>
    public string Folder { get; } = Path.Combine(root.Cache, "frames");

    /// <summary>Bytes that the files take at present, and how many they are.</summary>
    public (long Bytes, int Files) Used => (Files().Sum(f => f.Length), Files().Count);

    /// <summary>Deletes all files. Runs at work go on with what they have open.</summary>
    public void Clear()
    {
        foreach (var file in Files()) TryDelete(file);
    }

    /// <summary>Opens or makes the file of some content.</summary>
    /// <param name="content">Names everything that decides the content.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="rowBytes">Bytes of a row.</param>
    /// <param name="why">Why it is null, as the end of a sentence.</param>
    /// <returns>The file, or null where it may not or cannot be kept.</returns>
    internal FrameFile? Open(string content, long rows, long rowBytes, out string? why)
    {
        var size = FrameFile.Size(rows, rowBytes);
        var path = Path.Combine(Folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))[..32] + Extension);
        why = null;
        if (megabytes <= 0) why = "the cache is switched off (EcgPeft:CacheMegabytes is 0)";
        else if (size > megabytes * 1_000_000L) why = $"it takes {size / 1_000_000} MB and the cache may have {megabytes} (EcgPeft:CacheMegabytes)";
        if (why is not null) return null;
        try
        {
            Directory.CreateDirectory(Folder);
            MakeRoom(path, size);
            return FrameFile.Open(path, rows, rowBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = $"the cache in {Folder} cannot be used ({e.Message})";
            return null;
        }
    }

    private void MakeRoom(string path, long size)
    {
        var others = Files().Where(f => f.FullName != path).OrderBy(f => f.LastWriteTimeUtc).ToList();
        var used = others.Sum(f => f.Length);
        foreach (var file in others)
        {
            if (used + size <= megabytes * 1_000_000L) break;
            if (TryDelete(file)) used -= file.Length;
        }
    }

    private List<FileInfo> Files() => Directory.Exists(Folder) ? [.. new DirectoryInfo(Folder).EnumerateFiles("*" + Extension).Where(f => f.Exists)] : [];

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

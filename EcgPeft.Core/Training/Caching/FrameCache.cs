namespace EcgPeft.Core.Training.Caching;

/// <summary>Files of frames in the data folder's <c>cache/frames</c>, shared by all runs.</summary>
/// <param name="root">The product's data folder.</param>
/// <param name="megabytes">Most that the whole cache may take; 0 keeps nothing (<c>EcgPeft:CacheMegabytes</c>).</param>
public sealed class FrameCache(DataRoot root, int megabytes)
{
    /// <summary>Value of <c>EcgPeft:CacheMegabytes</c> where the user sets none.</summary>
    public const int DefaultMegabytes = 20_000;

    private readonly CacheFolder cache = new(root, megabytes);

    /// <summary>Where the files are.</summary>
    public string Folder => cache.Frames;

    /// <summary>Bytes that the files of the whole cache take at present, and how many they are.</summary>
    public (long Bytes, int Files) Used => cache.Used;

    /// <summary>Deletes all files. Runs at work go on with what they have open.</summary>
    public void Clear() => cache.Clear();

    /// <summary>Opens or makes the file of some content.</summary>
    /// <param name="content">Names everything that decides the content.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="rowBytes">Bytes of a row.</param>
    /// <param name="why">Why it is null, as the end of a sentence.</param>
    /// <returns>The file, or null where it may not or cannot be kept.</returns>
    internal FrameFile? Open(string content, long rows, long rowBytes, out string? why)
    {
        var size = FrameFile.Size(rows, rowBytes);
        var path = Path.Combine(Folder, CacheFolder.NameOf(content) + ".frames");
        why = cache.Refuses(size);
        if (why is not null) return null;
        try
        {
            cache.MakeRoom(path, size);
            return FrameFile.Open(path, rows, rowBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = $"the cache in {Folder} cannot be used ({e.Message})";
            return null;
        }
    }
}

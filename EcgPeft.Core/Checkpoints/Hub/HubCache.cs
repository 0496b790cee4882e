using System.Security.Cryptography;

namespace EcgPeft.Core.Checkpoints.Hub;

/// <summary>
/// One repository's folder in the cache that the Python tools use too: contents in <c>blobs/</c> under their ETag, <c>refs/</c>
/// from branch to commit, and <c>snapshots/&lt;commit&gt;/</c> with links to the blobs.
/// </summary>
internal sealed class HubCache(string cacheFolder, string repository)
{
    private readonly string _name = "models--" + repository.Replace("/", "--", StringComparison.Ordinal);

    private string Folder => Path.Combine(cacheFolder, _name);

    public string Blob(string etag) => Path.Combine(Folder, "blobs", etag);

    public string Snapshot(string commit) => Path.Combine(Folder, "snapshots", commit);

    public string Pointer(string commit, string file) => Path.Combine([Snapshot(commit), .. file.Split('/')]);

    /// <summary>The commit that a revision was when last seen; null if never.</summary>
    public string? Commit(string revision)
    {
        if (HubNames.IsCommit(revision)) return revision;
        var path = Ref(revision);
        return File.Exists(path) && File.ReadAllText(path).Trim() is var commit && HubNames.IsPlain(commit) ? commit : null;
    }

    public void WriteRef(string revision, string commit)
    {
        if (revision == commit || Commit(revision) == commit) return;
        var path = Ref(revision);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        File.WriteAllText(temporary, commit);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Makes the snapshot's entry for a blob: a relative link, or a copy where links are not allowed.</summary>
    public string Link(string commit, string file, string etag)
    {
        var pointer = Pointer(commit, file);
        var blob = Blob(etag);
        Directory.CreateDirectory(Path.GetDirectoryName(pointer)!);
        var temporary = $"{pointer}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.CreateSymbolicLink(temporary, Path.GetRelativePath(Path.GetDirectoryName(pointer)!, blob));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            // Windows without developer mode, and some network drives, have no links.
            File.Copy(blob, temporary);
        }
        File.Move(temporary, pointer, overwrite: true);
        return pointer;
    }

    /// <summary>Waits until no other process or thread downloads this blob; the lock is the one that the Python tools take (flock).</summary>
    public async Task<IDisposable> LockAsync(string etag, CancellationToken cancel)
    {
        var path = Path.Combine(cacheFolder, ".locks", _name, etag + ".lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsHeldByAnother(e))
            {
                await Task.Delay(100, cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The file itself, or what a link leads to; null if either is absent.</summary>
    public static FileInfo? Find(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null) file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
        return file is { Exists: true } ? file : null;
    }

    /// <summary>Whether a file is a blob of a cache that is named by its SHA-256 but has other content; false where the name says nothing.</summary>
    public static bool IsCorrupt(string path)
    {
        if (Find(path) is not { } blob || !HubNames.IsSha256(blob.Name)) return false;
        using var stream = new FileStream(blob.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 20);
        return !Convert.ToHexStringLower(SHA256.HashData(stream)).Equals(blob.Name, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The code is errno's EWOULDBLOCK (Linux, macOS) or Windows' sharing or lock violation.</summary>
    private static bool IsHeldByAnother(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021);

    private string Ref(string revision) => Path.Combine([Folder, "refs", .. revision.Split('/')]);
}

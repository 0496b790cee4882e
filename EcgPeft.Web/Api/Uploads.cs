using EcgPeft.Core;
using EcgPeft.Web.Hosting;

namespace EcgPeft.Web.Api;

/// <summary>The upload is larger than the setting allows.</summary>
internal sealed class UploadTooLargeException(string message) : UserInputException(message);

/// <summary>
/// Files on their way in: one folder an upload, each file appended to piece by piece, so that a broken connection or a reloaded page
/// goes on where it was. What nobody came back for is deleted after two days.
/// </summary>
internal sealed class Uploads(DataRoot root, WebSettings settings)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(2);

    private string Root => Path.Combine(root.Cache, "uploads");

    /// <summary>Where a file of an upload lies, whether it is there or not.</summary>
    /// <exception cref="UserInputException">The name is no plain file name.</exception>
    public string PathOf(Guid upload, string name)
    {
        if (name.Length is 0 or > 120 || name[0] == '.' || name != Path.GetFileName(name) || name.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0 || name.Contains('\\', StringComparison.Ordinal))
            throw new UserInputException("The file's name cannot be used here; rename it to letters, digits, hyphens and dots.");
        return Path.Combine(Root, upload.ToString("n"), name);
    }

    /// <summary>Bytes that have arrived.</summary>
    public long Arrived(Guid upload, string name) => new FileInfo(PathOf(upload, name)) is { Exists: true } file ? file.Length : 0;

    /// <summary>Appends a piece.</summary>
    /// <returns>Bytes that have arrived now; the piece was not taken where they differ from offset and length.</returns>
    /// <exception cref="UserInputException">The upload is too large.</exception>
    public async Task<long> AppendAsync(Guid upload, string name, long offset, Stream piece, CancellationToken cancel)
    {
        var path = PathOf(upload, name);
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            Forget(DateTime.UtcNow - Kept);
            Directory.CreateDirectory(folder);
        }
        if (Arrived(upload, name) != offset) return Arrived(upload, name);
        await using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        var room = settings.MaxUploadBytes - Directory.EnumerateFiles(folder).Sum(f => new FileInfo(f).Length);
        var buffer = new byte[1 << 16];
        for (int got; (got = await piece.ReadAsync(buffer, cancel)) > 0;)
        {
            room -= got;
            if (room < 0)
            {
                // Nobody can go on with it.
                await file.DisposeAsync();
                Delete(upload);
                throw TooLarge();
            }
            await file.WriteAsync(buffer.AsMemory(0, got), cancel);
        }
        await file.FlushAsync(cancel);
        return file.Length;
    }

    /// <summary>Deletes an upload.</summary>
    public void Delete(Guid upload)
    {
        var folder = Path.Combine(Root, upload.ToString("n"));
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>The sentence for an upload that is larger than the setting allows.</summary>
    public UserInputException TooLarge() =>
        new UploadTooLargeException($"The upload is larger than {settings.MaxUploadMegabytes:N0} MB; give the file's path on this machine instead, or raise EcgPeft:MaxUploadMegabytes.");

    private void Forget(DateTime before)
    {
        if (!Directory.Exists(Root)) return;
        foreach (var folder in new DirectoryInfo(Root).EnumerateDirectories())
            if (folder.EnumerateFiles().Select(f => f.LastWriteTimeUtc).Append(folder.LastWriteTimeUtc).Max() < before) folder.Delete(recursive: true);
    }
}

namespace EcgPeft.Core.Runs;

/// <summary>An exclusive lock on a file that the operating system releases when its process ends, however it ends.</summary>
internal static class FileLock
{
    /// <summary>Opens <paramref name="path"/> exclusively (created where absent), or returns null while somebody else has it.</summary>
    /// <exception cref="IOException">The file cannot be opened for another reason.</exception>
    public static FileStream? TryTake(string path) => TryOpen(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    /// <summary>Opens <paramref name="path"/> together with others who do the same (created where absent), or returns null while somebody has it exclusively.</summary>
    /// <exception cref="IOException">The file cannot be opened for another reason.</exception>
    public static FileStream? TryShare(string path) => TryOpen(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);

    /// <summary>Whether somebody holds <paramref name="path"/>. Looking takes a shared lock for an instant.</summary>
    public static bool IsHeld(string path)
    {
        if (!File.Exists(path)) return false;
        using var probe = TryOpen(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return probe is null;
    }

    private static FileStream? TryOpen(string path, FileMode mode, FileAccess access, FileShare share)
    {
        try
        {
            return new FileStream(path, mode, access, share, bufferSize: 0);
        }
        catch (IOException e) when (IsSharingViolation(e))
        {
            return null;
        }
    }

    // ERROR_SHARING_VIOLATION on Windows; EWOULDBLOCK of flock on Linux (11) and macOS (35).
    private static bool IsSharingViolation(IOException e) => OperatingSystem.IsWindows() ? e.HResult == unchecked((int)0x80070020) : e.HResult is 11 or 35;
}

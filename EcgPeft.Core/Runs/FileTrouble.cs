namespace EcgPeft.Core.Runs;

/// <summary>What it means that files of the data folder cannot be written or read, in one sentence with a way out.</summary>
public static class FileTrouble
{
    // ENOSPC, EDQUOT and EFBIG of Linux and macOS; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows, as HResults carry them.
    private static readonly HashSet<int> DiskFull = OperatingSystem.IsWindows() ? [0x70, 0x27] : [28, 122, 69, 27];

    /// <summary>Whether the disk is full, or a file may grow no further.</summary>
    /// <param name="error">What was thrown.</param>
    public static bool IsDiskFull(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        // .NET reports a file that may grow no further (EFBIG: a quota, a limit of the process or of the file system) as a wrong argument.
        return (error is IOException && DiskFull.Contains(error.HResult & 0xFFFF))
            || (error is ArgumentOutOfRangeException && error.Message.StartsWith("Specified file length was too large", StringComparison.Ordinal))
            || (error.InnerException is { } inner && IsDiskFull(inner));
    }

    /// <summary>The sentence for whoever asked for something; null where the error is none of a person's or of files.</summary>
    /// <param name="error">What was thrown.</param>
    public static string? Explain(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return IsDiskFull(error) ? $"The disk is full ({Cause(error)}); nothing was changed. Make room, then try again."
            : error is UserInputException ? error.Message
            : error is IOException or UnauthorizedAccessException ? $"A file of the data folder cannot be used ({Cause(error)}); look after it, then try again."
            : null;
    }

    private static string Cause(Exception error) => (error is UserInputException && error.InnerException is { } inner ? inner : error).Message.Split('\n')[0].Trim().TrimEnd('.');
}

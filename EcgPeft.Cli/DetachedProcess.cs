using System.ComponentModel;
using System.Runtime.InteropServices;

namespace EcgPeft.Cli;

/// <summary>Makes this process independent of the one that started it: a session of its own, output to a file.</summary>
internal static partial class DetachedProcess
{
    private const int WriteOnly = 1;
    private const int LinuxCreateAppend = 0x40 | 0x400;
    private const int MacCreateAppend = 0x200 | 0x8;

    /// <summary>
    /// On Unix a terminal's Ctrl+C reaches every process of its session, and native libraries write to the file descriptors
    /// themselves; so the session is left and the descriptors are replaced. On Windows only .NET's own output is redirected.
    /// </summary>
    public static void Detach(string logFile)
    {
        if (OperatingSystem.IsWindows())
        {
            var writer = new StreamWriter(logFile, append: true) { AutoFlush = true };
            Console.SetOut(writer);
            Console.SetError(writer);
            return;
        }
        // Fails only for the leader of a process group, which then has no terminal of a parent to leave.
        _ = NewSession();
        var log = Open(logFile, WriteOnly | (OperatingSystem.IsMacOS() ? MacCreateAppend : LinuxCreateAppend), 0b110_100_100);
        if (log < 0 || Duplicate(log, 1) < 0 || Duplicate(log, 2) < 0) throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{logFile} cannot be opened for the worker's output");
    }

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    private static partial int NewSession();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Duplicate(int from, int to);
}

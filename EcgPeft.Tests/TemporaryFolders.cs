using System.Collections.Concurrent;

[assembly: AssemblyFixture(typeof(EcgPeft.Tests.TemporaryFolders))]

namespace EcgPeft.Tests;

/// <summary>
/// Takes away the folders of the tests when all have ended. A fixture of the test run, not a handler of the process: a stub worker is this assembly as well,
/// ends inside its module initializer, and would wait there for ever for a handler of that module.
/// </summary>
public sealed class TemporaryFolders : IDisposable
{
    private static readonly ConcurrentBag<string> Folders = [];

    /// <summary>A new empty folder.</summary>
    public static string New()
    {
        var folder = Directory.CreateTempSubdirectory("ecgpeft-test-").FullName;
        Folders.Add(folder);
        return folder;
    }

    public void Dispose()
    {
        foreach (var folder in Folders)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Already gone, or made unwritable by a test: the operating system has rules of its own for what is temporary.
            }
        }
    }
}

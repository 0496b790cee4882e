namespace EcgPeft.Core.Runs.Studies;

/// <summary>
/// The right to work on a study's folder: a command has it alone, dashboards have it together (they agree among themselves). Two that decide what
/// is trained next would undo each other's work. The operating system releases it when its holder ends, however it ends.
/// </summary>
public sealed class StudyLock : IDisposable
{
    /// <summary>Name of the file in a study's folder; it stays when the lock is released.</summary>
    public const string FileName = "study.lock";

    private readonly FileStream _file;

    private StudyLock(FileStream file) => _file = file;

    /// <summary>Takes it for this process alone.</summary>
    /// <param name="folder">The study's folder; made if needed.</param>
    /// <exception cref="UserInputException">Another process works on the study.</exception>
    public static StudyLock Take(string folder) => FileLock.TryTake(FileIn(folder)) is { } file ? new StudyLock(file) : throw InUse(folder);

    /// <summary>Takes it as a dashboard, beside others.</summary>
    /// <param name="folder">The study's folder; made if needed.</param>
    /// <exception cref="UserInputException">A command works on the study.</exception>
    internal static StudyLock Share(string folder) => TryShare(folder) ?? throw InUse(folder);

    /// <summary>Takes it as a dashboard, or returns null while a command works on the study.</summary>
    /// <param name="folder">The study's folder; made if needed.</param>
    internal static StudyLock? TryShare(string folder) => FileLock.TryShare(FileIn(folder)) is { } file ? new StudyLock(file) : null;

    /// <summary>Releases it.</summary>
    public void Dispose() => _file.Dispose();

    private static string FileIn(string folder)
    {
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, FileName);
    }

    private static UserInputException InUse(string folder) => new($"Another EcgPeft is at work on the study in {folder}: an `ecgpeft study` or a dashboard; wait for its end or stop the study there.");
}

namespace EcgPeft.Core.Runs.Studies;

/// <summary>
/// The exclusive right to work on a study's folder: two processes that decide what is trained next would undo each other's work. The operating
/// system releases it when its holder ends, however it ends.
/// </summary>
public sealed class StudyLock : IDisposable
{
    /// <summary>Name of the file in a study's folder; it stays when the lock is released.</summary>
    public const string FileName = "study.lock";

    private readonly FileStream _file;

    private StudyLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <param name="folder">The study's folder; made if needed.</param>
    /// <exception cref="UserInputException">Another process works on the study.</exception>
    public static StudyLock Take(string folder) => TryTake(folder)
        ?? throw new UserInputException($"Another EcgPeft is at work on the study in {folder}: an `ecgpeft study` or a dashboard; wait for its end or stop the study there.");

    /// <summary>Takes the lock, or returns null while another process works on the study.</summary>
    /// <param name="folder">The study's folder; made if needed.</param>
    public static StudyLock? TryTake(string folder)
    {
        Directory.CreateDirectory(folder);
        return FileLock.TryTake(Path.Combine(folder, FileName)) is { } file ? new StudyLock(file) : null;
    }

    /// <summary>Releases it.</summary>
    public void Dispose() => _file.Dispose();
}

using System.Text.Json;

namespace EcgPeft.Core.Runs;

/// <summary>Who holds a run's lock.</summary>
/// <param name="ProcessId">The operating system's process id.</param>
/// <param name="StartedUtc">When the lock was taken, UTC.</param>
/// <param name="Host">The machine that the process is on; a process id means nothing on another.</param>
public sealed record WorkerOwner(int ProcessId, DateTime StartedUtc, string? Host = null);

/// <summary>
/// The exclusive right to write a run folder. A worker is alive exactly while the lock is held: the operating system releases it
/// when the process ends, so neither a reused process id nor a restart of the web can deceive.
/// </summary>
public sealed class WorkerLock : IDisposable
{
    private readonly RunFolder _folder;
    private readonly FileStream _file;

    private WorkerLock(RunFolder folder, FileStream file) => (_folder, _file) = (folder, file);

    /// <summary>Whether somebody holds the lock of <paramref name="folder"/>.</summary>
    /// <param name="folder">The run.</param>
    public static bool IsHeld(RunFolder folder) => FileLock.IsHeld(folder.WorkerLockFile);

    /// <summary>Takes the lock, or returns null while somebody else has it.</summary>
    /// <param name="folder">The run.</param>
    public static WorkerLock? TryTake(RunFolder folder)
    {
        // IsHeld of another process, or a fork in this one, holds the file for an instant: one refusal is no proof.
        for (var attempt = 0; ; attempt++)
        {
            if (FileLock.TryTake(folder.WorkerLockFile) is { } file)
            {
                AtomicFile.WriteAllText(folder.WorkerOwnerFile, JsonSerializer.Serialize(new WorkerOwner(Environment.ProcessId, DateTime.UtcNow, Environment.MachineName), ProductJson.Indented));
                return new WorkerLock(folder, file);
            }
            if (attempt == 10) return null;
            Thread.Sleep(20);
        }
    }

    /// <summary>Who holds the lock, or null where nobody does.</summary>
    /// <param name="folder">The run.</param>
    public static WorkerOwner? Owner(RunFolder folder)
    {
        if (!IsHeld(folder) || !File.Exists(folder.WorkerOwnerFile)) return null;
        return JsonSerializer.Deserialize<WorkerOwner>(File.ReadAllText(folder.WorkerOwnerFile), ProductJson.Indented);
    }

    /// <summary>Releases the lock. The lock file stays: deleting it would let two holders each have their own.</summary>
    public void Dispose()
    {
        // The folder may have been moved to the trash meanwhile.
        if (Directory.Exists(_folder.Path)) File.Delete(_folder.WorkerOwnerFile);
        _file.Dispose();
    }
}

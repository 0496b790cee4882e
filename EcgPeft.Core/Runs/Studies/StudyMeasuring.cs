using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>
/// Lets the yardsticks of studies be computed by a process of their own, one study at a time, in the place of a worker. What is to be computed
/// has <c>yardsticks.active</c> in its study's folder, also after a restart. One command at a time: its caller is
/// inside the queue's gate.
/// </summary>
/// <param name="queue">Keeps a worker's place free for it.</param>
/// <param name="root">The data folder.</param>
/// <param name="command">Computes the yardsticks of the study whose folder is appended; null where this process computes none.</param>
/// <param name="log">For what a person at the console should know.</param>
internal sealed class StudyMeasuring(RunQueue queue, DataRoot root, WorkerCommand? command, ILogger? log)
{
    private const string ActiveFile = "yardsticks.active", TroubleFile = "yardsticks.failed";

    private Process? _process;
    private string? _measured, _lastWord;

    public static bool IsActive(string folder) => File.Exists(Path.Combine(folder, ActiveFile));

    /// <summary>Why the yardsticks of a study could not be computed the last time; null where nothing is wrong.</summary>
    public static string? TroubleOf(string folder) => Path.Combine(folder, TroubleFile) is var file && File.Exists(file) ? File.ReadAllText(file) : null;

    public static void Activate(string folder)
    {
        File.Delete(Path.Combine(folder, TroubleFile));
        File.WriteAllText(Path.Combine(folder, ActiveFile), "");
    }

    /// <summary>Stops; what has been computed stays.</summary>
    public static void Deactivate(string folder) => File.Delete(Path.Combine(folder, ActiveFile));

    /// <summary>Looks after the process, and starts the next one where a place is free.</summary>
    /// <param name="folders">The studies that go on and are this process's to work on.</param>
    /// <returns>The folder of a study whose yardsticks have just ended, or null.</returns>
    public string? Tick(IEnumerable<string> folders)
    {
        if (command is null) return null;
        if (_process is { HasExited: false })
        {
            if (!IsActive(_measured!)) _process.Kill(); // stopped; each result is written at once, so nothing is lost but the one under way
            return null;
        }
        if (_process is not null) return End();
        var next = folders.FirstOrDefault(folder => IsActive(folder) && YardstickWork.MayBegin(folder, Study.Read(folder)));
        queue.Reserved = next is null ? 0 : 1;
        // Begun before a restart of the dashboard: it goes on, and what it leaves is looked at when it has ended.
        if (next is null || YardstickWork.IsAtWork(next)) return null;
        if (YardstickWork.Missing(next, Study.Read(next)).Count == 0)
        {
            Deactivate(next);
            return next;
        }
        if (queue.Busy < queue.Concurrency) Start(next);
        return null;
    }

    private void Start(string folder)
    {
        (_measured, _lastWord) = (folder, null);
        try
        {
            _process = command!.Start(new RunFolder(folder), root, queue.Concurrency, line => _lastWord = line);
        }
        catch (Win32Exception e)
        {
            Fail(folder, $"{command!.FileName} could not be started ({e.Message}); check the installation, then resume the study.");
        }
    }

    private string? End()
    {
        var (folder, code) = (_measured!, _process!.ExitCode);
        _process.WaitForExit(); // for its last words
        _process.Dispose();
        (_process, _measured) = (null, null);
        queue.Reserved = 0;
        if (!Study.Is(folder) || !IsActive(folder)) return folder; // stopped
        if (code != 0) Fail(folder, _lastWord ?? $"The process ended with exit code {code} and left no word.");
        Deactivate(folder);
        return folder;
    }

    private void Fail(string folder, string sentence)
    {
        log?.LogWarning("The yardsticks of study {Study} were not computed: {Reason}", Path.GetFileName(folder), sentence);
        AtomicFile.WriteAllText(Path.Combine(folder, TroubleFile), sentence);
        Deactivate(folder);
    }
}

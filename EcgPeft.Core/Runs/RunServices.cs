using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Runs.Store;
using EcgPeft.Core.Runs.Studies;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Core.Runs;

/// <summary>
/// Store, feed, monitor, queue and library of one data folder, and the thread that drives them. One process at a time has it. Workers
/// outlive it; the next one takes them up again.
/// </summary>
public sealed class RunServices : IDisposable
{
    private const string LockName = "ecgpeft.lock";

    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(200);

    private readonly FileStream _lock;
    private readonly ManualResetEventSlim _stop = new();
    private readonly ILogger? _log;
    private Thread? _thread;

    private RunServices(FileStream held, DataRoot root, WorkerCommand worker, int concurrency, ILogger? log, SlurmSettings? slurm)
    {
        (_lock, _log) = (held, log);
        Store = OpenStore(root, log);
        Feed = new RunFeed(root.Runs, log);
        Monitor = new RunMonitor(root.Runs, Store, Feed, log);
        Library = new RunLibrary(root, Monitor);
        Queue = new RunQueue(root, Monitor, Library, worker, concurrency, log, slurm);
        Studies = new StudyService(root, Monitor, Queue, log);
    }

    /// <summary>The table of runs.</summary>
    public RunStore Store { get; }

    /// <summary>What happens, live.</summary>
    public RunFeed Feed { get; }

    /// <summary>Keeps store and feed true.</summary>
    public RunMonitor Monitor { get; }

    /// <summary>What runs do.</summary>
    public RunQueue Queue { get; }

    /// <summary>What people say of them; archive and trash.</summary>
    public RunLibrary Library { get; }

    /// <summary>Studies and searches.</summary>
    public StudyService Studies { get; }

    /// <summary>When monitor and queue had their last whole round, UTC; null before the first.</summary>
    public DateTime? LastRoundUtc { get; private set; }

    /// <summary>Takes the data folder for this process and opens its database.</summary>
    /// <param name="root">The data folder.</param>
    /// <param name="worker">How a worker is started.</param>
    /// <param name="concurrency">How many workers may be at work at once.</param>
    /// <param name="log">For what a person at the console should know.</param>
    /// <param name="slurm">How runs go to a Slurm cluster; null for no Slurm.</param>
    /// <exception cref="UserInputException">Another process has the data folder, or its database is damaged.</exception>
    public static RunServices Open(DataRoot root, WorkerCommand worker, int concurrency = 1, ILogger? log = null, SlurmSettings? slurm = null)
    {
        var held = FileLock.TryTake(Path.Combine(root.Path, LockName)) ?? throw InUse(root);
        try
        {
            return new RunServices(held, root, worker, concurrency, log, slurm);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Renames a database that is damaged, so that a new one can be filled from the run folders.</summary>
    /// <param name="root">The data folder.</param>
    /// <returns>Its new path, or null where nothing is damaged.</returns>
    /// <exception cref="UserInputException">Another process has the data folder.</exception>
    public static string? PutDamagedDatabaseAside(DataRoot root)
    {
        ArgumentNullException.ThrowIfNull(root);
        using var held = FileLock.TryTake(Path.Combine(root.Path, LockName)) ?? throw InUse(root);
        try
        {
            RunStore.Open(root.Database).Dispose();
            return null;
        }
        catch (DamagedDatabaseException)
        {
            return RunStore.PutAside(root.Database);
        }
    }

    /// <summary>Looks at all runs once, so that the table is true when this returns, then goes on in a thread of its own.</summary>
    public void Start()
    {
        Monitor.Tick();
        _thread = new Thread(Drive) { IsBackground = true, Name = "runs" };
        _thread.Start();
    }

    /// <summary>Ends the thread and gives the data folder free. Workers go on.</summary>
    public void Dispose()
    {
        _stop.Set();
        _thread?.Join();
        Feed.Dispose();
        Store.Dispose();
        _stop.Dispose();
        _lock.Dispose();
    }

    /// <summary>The table is only an index: a damaged one is put aside and filled again from the folders in the first round.</summary>
    private static RunStore OpenStore(DataRoot root, ILogger? log)
    {
        try
        {
            return RunStore.Open(root.Database);
        }
        catch (DamagedDatabaseException)
        {
            var aside = RunStore.PutAside(root.Database);
            log?.LogWarning("The database was damaged and is now {File}; a new one is filled from the run folders.", aside);
            return RunStore.Open(root.Database);
        }
    }

    private static UserInputException InUse(DataRoot root) =>
        new($"Another EcgPeft is already using the data folder {root.Path}; close it, or set EcgPeft:DataRoot to another folder.");

    private void Drive()
    {
        while (!_stop.Wait(Round))
        {
            try
            {
                Monitor.Tick();
                Queue.Tick();
                Studies.Tick();
                LastRoundUtc = DateTime.UtcNow;
            }
            catch (Exception e)
            {
                // A full disk or a locked database may pass; the next round tries again.
                _log?.LogError(e, "A round of the run monitor failed.");
            }
        }
    }
}

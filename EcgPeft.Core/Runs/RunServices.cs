using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Runs.Store;
using EcgPeft.Core.Runs.Studies;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Core.Runs;

/// <summary>
/// Store, feed, monitor, queue and library of one data folder, and the thread that drives them. With a SQLite store one process at a time
/// has the folder. With a PostgreSQL store several have it: each follows all runs for its own pages and takes commands, and one of them, the
/// driver, starts workers; when it ends, however it ends, another goes on. Workers outlive them all.
/// </summary>
public sealed class RunServices : IDisposable
{
    private const string LockName = "ecgpeft.lock", DriverName = "driver.lock";

    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(200);

    private readonly FileStream _lock;
    private readonly string _driverFile;
    private readonly ManualResetEventSlim _stop = new();
    private readonly ILogger? _log;
    private Thread? _thread;
    private FileStream? _driver;

    private RunServices(FileStream held, DataRoot root, WorkerCommand worker, int concurrency, ILogger? log, WorkerCommand? yardsticks, SlurmSettings? slurm)
    {
        (_lock, _driverFile, _log) = (held, Path.Combine(root.Path, DriverName), log);
        Store = OpenStore(root, log);
        Store.Claim(root);
        Feed = new RunFeed(root.Runs, log);
        Monitor = new RunMonitor(root.Runs, Store, Feed, log);
        Library = new RunLibrary(root, Monitor);
        Queue = new RunQueue(root, Monitor, Library, worker, concurrency, log, slurm);
        Studies = new StudyService(root, Monitor, Queue, Feed, yardsticks, log);
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
    /// <param name="yardsticks">How a process is started that computes the yardsticks of a study; null where none are computed.</param>
    /// <param name="slurm">How runs go to a Slurm cluster; null for no Slurm.</param>
    /// <exception cref="UserInputException">Another process has the data folder, it cannot be written, or its database cannot be used.</exception>
    public static RunServices Open(DataRoot root, WorkerCommand worker, int concurrency = 1, ILogger? log = null, WorkerCommand? yardsticks = null, SlurmSettings? slurm = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        var held = Take(root);
        try
        {
            return new RunServices(held, root, worker, concurrency, log, yardsticks, slurm);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Puts a database that is damaged aside, so that a new one can be filled from the run folders.</summary>
    /// <param name="root">The data folder.</param>
    /// <returns>What was done, or null where nothing is damaged.</returns>
    /// <exception cref="UserInputException">Another process has the data folder, or its database cannot be used.</exception>
    public static string? PutDamagedDatabaseAside(DataRoot root)
    {
        ArgumentNullException.ThrowIfNull(root);
        using var held = Take(root);
        try
        {
            RunStore.Open(root.Store).Dispose();
            return null;
        }
        catch (DamagedDatabaseException)
        {
            return RunStore.PutAside(root.Store);
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
        Studies.Dispose();
        Feed.Dispose();
        Store.Dispose();
        _stop.Dispose();
        _driver?.Dispose();
        _lock.Dispose();
    }

    private static FileStream Take(DataRoot root)
    {
        root.CheckWritable();
        var path = Path.Combine(root.Path, LockName);
        return (root.Store.IsPostgres ? FileLock.TryShare(path) : FileLock.TryTake(path)) ?? throw InUse(root);
    }

    /// <summary>The table is only an index: a damaged one is put aside and filled again from the folders in the first round.</summary>
    private static RunStore OpenStore(DataRoot root, ILogger? log)
    {
        try
        {
            return RunStore.Open(root.Store);
        }
        catch (DamagedDatabaseException) when (!root.Store.IsPostgres)
        {
            var done = RunStore.PutAside(root.Store);
            log?.LogWarning("{WhatWasDone} A new one is filled from the run folders.", done);
            return RunStore.Open(root.Store);
        }
    }

    private static UserInputException InUse(DataRoot root) => new(root.Store.IsPostgres
        ? $"An EcgPeft with another store is already using the data folder {root.Path}; close it: all that share a data folder need the same PostgreSQL database (EcgPeft:Store)."
        : $"Another EcgPeft is already using the data folder {root.Path}; close it, or set EcgPeft:DataRoot to another folder.");

    private void Drive()
    {
        while (!_stop.Wait(Round))
        {
            try
            {
                Monitor.Tick();
                Queue.Follow();
                // The operating system frees the lock when its holder ends, however it ends.
                if ((_driver ??= FileLock.TryTake(_driverFile)) is not null)
                {
                    Queue.Tick();
                    Studies.Tick();
                }
                else
                {
                    Studies.LeaveToDriver();
                }
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

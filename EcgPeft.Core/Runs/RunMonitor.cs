using System.Collections.Concurrent;
using EcgPeft.Core.Runs.Store;
using EcgPeft.Core.Training;
using Microsoft.Extensions.Logging;

namespace EcgPeft.Core.Runs;

/// <summary>
/// Keeps store and feed true to the run folders: follows the events of runs at work, finds runs that somebody else put there,
/// and calls a run interrupted whose worker is gone. A folder that cannot be read is reported in its own row only.
/// </summary>
public sealed class RunMonitor
{
    private const int TicksPerScan = 5, ScansPerComparison = 60, ScansPerSecondLook = 10;

    private readonly string _runsRoot;
    private readonly RunStore _store;
    private readonly RunFeed _feed;
    private readonly ILogger? _log;
    private readonly Lock _gate = new();

    // Read outside the gate, so that no page waits for a database that does not answer; written outside it only where the feed tells a new row.
    private readonly ConcurrentDictionary<string, Known> _known;
    private int _tick, _scan;
    private long _spareStoreUntil;
    private bool _storeFails;

    /// <summary>Creates the monitor; nothing is read before the first <see cref="Tick"/>.</summary>
    /// <param name="runsRoot">The folder of all runs; created where absent.</param>
    /// <param name="store">The index card to keep.</param>
    /// <param name="feed">Whom to tell.</param>
    /// <param name="log">Where broken folders are reported.</param>
    public RunMonitor(string runsRoot, RunStore store, RunFeed feed, ILogger? log = null)
    {
        Directory.CreateDirectory(runsRoot);
        (_runsRoot, _store, _feed, _log) = (runsRoot, store, feed, log);
        _known = new(store.Cards().Select(card => KeyValuePair.Create(card.Summary.Id, new Known(card.Summary, card.Summary, card.Fingerprint))), StringComparer.Ordinal);
        feed.Keep = summary => _known.AddOrUpdate(summary.Id, _ => new Known(summary, null, ""), (_, known) => known with { Summary = summary });
    }

    /// <summary>How long a folder may have no status before it counts as never started.</summary>
    public static TimeSpan StartGrace { get; } = TimeSpan.FromSeconds(30);

    /// <summary>The folder of all runs.</summary>
    internal string RunsRoot => _runsRoot;

    /// <summary>All runs as last seen, also those whose progress is not in the store yet.</summary>
    public IReadOnlyList<RunSummary> Runs => [.. _known.Values.Select(known => known.Summary)];

    /// <summary>
    /// One round, about five times a second: reads what is new of runs queued or at work; every fifth round, and in the first, looks at all
    /// folders and at the locks of runs at work.
    /// </summary>
    public void Tick()
    {
        lock (_gate)
        {
            if (_tick++ % TicksPerScan == 0) Scan();
            else foreach (var id in _known.Where(known => known.Value.IsActive && !known.Value.WaitsAtSlurm).Select(known => known.Key).ToList()) Look(id, thorough: false);
        }
    }

    /// <summary>Looks at one run now, for example because a command has just changed it.</summary>
    /// <param name="id">The run.</param>
    public void Refresh(string id)
    {
        // Two commands within the clock's grain leave files of the same age and perhaps the same size.
        lock (_gate) Look(id, thorough: true, always: true);
    }

    /// <summary>Empties the store and fills it from the run folders; a damaged database is put aside, one that is gone is made anew.</summary>
    /// <exception cref="UserInputException">The database cannot be written now.</exception>
    public void Rebuild()
    {
        lock (_gate)
        {
            try
            {
                _store.Renew();
            }
            catch (Exception e) when (_store.Explain(e) is { } sentence)
            {
                throw sentence;
            }
            _spareStoreUntil = 0;
            // Each is read and written anew; meanwhile pages still have what was known.
            foreach (var (id, known) in _known.ToList()) _known[id] = known with { Stored = null, Fingerprint = "" };
            Scan();
        }
    }

    private void Scan()
    {
        var present = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateDirectories(_runsRoot))
        {
            var id = Path.GetFileName(path);
            if (id.StartsWith('.')) continue;
            present.Add(id);
            Look(id, thorough: true);
        }
        foreach (var gone in _known.Keys.Where(id => !present.Contains(id)).ToList()) Forget(gone);
        _scan++;
        if (_store.IsShared && _scan % ScansPerComparison == 0) Compare();
    }

    /// <summary>
    /// Others write to a shared table too: a dashboard that was ended between reading and writing, a reindex, a restored backup may leave it
    /// behind the folders. Once a minute, what differs is written again.
    /// </summary>
    private void Compare() => TryStore(() =>
    {
        var rows = _store.Fingerprints();
        foreach (var id in rows.Keys.Where(id => !_known.ContainsKey(id) && RunFolder.Find(_runsRoot, id) is null)) _store.Remove(id);
        foreach (var (id, known) in _known.Where(known => !known.Value.IsActive && rows.GetValueOrDefault(known.Key) != known.Value.Fingerprint).ToList())
        {
            _store.Upsert(known.Summary, known.Fingerprint);
            _known[id] = known with { Stored = known.Summary };
        }
    });

    private void Look(string id, bool thorough, bool always = false)
    {
        if (RunFolder.Find(_runsRoot, id) is not { } folder)
        {
            Forget(id);
            return;
        }
        var known = _known.GetValueOrDefault(id);
        var fingerprint = Fingerprint(folder, onSlurm: known?.Summary.Recipe?.OnSlurm == true);
        // What kept a folder from being read may have passed without a change of its files: a mount, a full disk.
        var again = known?.Summary.Broken is not null && thorough && _scan % ScansPerSecondLook == 0;
        if (known is not null && known.Fingerprint == fingerprint && !known.IsActive && !always && !again)
        {
            if (!ReferenceEquals(known.Stored, known.Summary)) Remember(id, known.Summary, fingerprint, thorough);
            return;
        }
        try
        {
            var summary = Follow(folder, thorough);
            if (summary is not null) Remember(id, summary, fingerprint, thorough);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever is in it: one folder must not keep the others from being seen.
            var sentence = e is IOException or UnauthorizedAccessException or UserInputException ? e.Message : $"The files of {folder.Path} do not fit together ({e.Message.TrimEnd('.')}); restore them.";
            if (known?.Summary.Broken != sentence) _log?.LogWarning(e, "Run folder {Run} cannot be read.", id);
            var broken = (known?.Summary ?? Unknown(folder)) with { Broken = sentence };
            if (known?.Summary.Broken != sentence) _feed.Publish(broken);
            Remember(id, broken, fingerprint, thorough);
        }
    }

    private RunSummary? Follow(RunFolder folder, bool thorough)
    {
        var tail = _feed.Acquire(folder.Id);
        try
        {
            tail.Advance();
            if (thorough) Reconcile(tail);
            return tail.Summary;
        }
        finally
        {
            _feed.Release(tail);
        }
    }

    /// <summary>A run at work whose lock is free has lost its worker; a folder that stays without a status never had one.</summary>
    private static void Reconcile(RunTail tail)
    {
        var folder = tail.Folder;
        if (!SeemsAbandoned(tail) || WorkerLock.IsHeld(folder)) return;
        using var taken = WorkerLock.TryTake(folder);
        if (taken is null) return;
        tail.Advance(); // the worker may have ended properly since
        if (!SeemsAbandoned(tail)) return;

        File.Delete(folder.StopRequestFile);
        RunLife.Interrupt(folder, tail.Summary);
        tail.Advance();
    }

    // Of a run with a Slurm job Slurm says whether it has a worker: a lock means nothing where another machine's is not seen.
    private static bool SeemsAbandoned(RunTail tail) => tail.Summary is { } summary
        ? RunLife.HasWorker(summary.Status) && summary.Slurm is not { IsOut: true }
        : DateTime.UtcNow - File.GetLastWriteTimeUtc(tail.Folder.RecipeFile) > StartGrace;

    private void Remember(string id, RunSummary summary, string fingerprint, bool thorough)
    {
        var known = _known.GetValueOrDefault(id);
        var stored = known?.Stored;
        // Progress goes to the store once a second, a change of status at once.
        if (!ReferenceEquals(stored, summary) && (thorough || stored?.Status != summary.Status))
        {
            if (TryStore(() => _store.Upsert(summary, fingerprint))) stored = summary;
        }
        _known[id] = new Known(summary, stored, fingerprint);
    }

    private void Forget(string id)
    {
        if (!_known.TryRemove(id, out _)) return;
        TryStore(() => _store.Remove(id));
        _feed.PublishRemoved(id);
    }

    /// <summary>
    /// A database that is locked, full, damaged, gone or out of reach keeps no run from being followed: what it did not take is written again in
    /// a later round, or when the table is rebuilt. After a failure it is spared for a while, the longer, the longer the failure took.
    /// </summary>
    private bool TryStore(Action write)
    {
        var began = Environment.TickCount64;
        if (began < _spareStoreUntil) return false;
        try
        {
            write();
            if (_storeFails) _log?.LogInformation("The table of runs is written again.");
            _storeFails = false;
            return true;
        }
        catch (Exception e) when (_store.Explain(e) is not null)
        {
            var now = Environment.TickCount64;
            _spareStoreUntil = now + 1000 + (now - began) * 3;
            if (!_storeFails) _log?.LogWarning(e, "The table of runs cannot be written now; runs go on, and it is tried again.");
            _storeFails = true; // once is enough: a log that grows would not help a full disk
            return false;
        }
    }

    private static RunSummary Unknown(RunFolder folder)
    {
        var created = Directory.GetCreationTimeUtc(folder.Path);
        return new() { Id = folder.Id, Name = folder.Id, Status = RunStatus.Failed, StatusTime = created, CreatedUtc = created, LastEventUtc = created };
    }

    /// <summary>Changes whenever the files that a row is made from change.</summary>
    private static string Fingerprint(RunFolder folder, bool onSlurm) => string.Join('|', ((string[])[folder.RecipeFile, folder.EventsFile, folder.MetricsFile, folder.NotesFile, folder.LookFile, .. onSlurm ? [folder.SlurmFile] : Array.Empty<string>()]).Select(path =>
        new FileInfo(path) is { Exists: true } file ? $"{file.Length}@{file.LastWriteTimeUtc.Ticks}" : "-"));

    private sealed record Known(RunSummary Summary, RunSummary? Stored, string Fingerprint)
    {
        /// <summary>Hundreds may wait there, and nothing happens that a look once a second would miss.</summary>
        public bool WaitsAtSlurm => Summary is { Status: RunStatus.Queued, Slurm: not null };

        public bool IsActive => Summary.Broken is null && (Summary.Status == RunStatus.Queued || RunLife.HasWorker(Summary.Status));
    }
}

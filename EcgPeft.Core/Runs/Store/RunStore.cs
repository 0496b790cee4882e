using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace EcgPeft.Core.Runs.Store;

/// <summary>
/// The index card of the run folders (SQLite): quick to ask, always rebuildable from them. Thread-safe. One process has it open:
/// the one that holds the data folder's lock (<see cref="RunServices"/>).
/// </summary>
public sealed class RunStore : IDisposable
{
    /// <summary>How long a command waits for somebody who has the file locked; the index is never worth a longer pause of what is live.</summary>
    private const int LockSeconds = 1;

    private readonly string _file;
    private readonly string _connection;
    private readonly PooledDbContextFactory<RunDbContext> _contexts;
    private readonly Lock _writing = new();

    private RunStore(string databaseFile)
    {
        _file = databaseFile;
        _connection = new SqliteConnectionStringBuilder { DataSource = databaseFile, DefaultTimeout = LockSeconds }.ToString();
        _contexts = new(new DbContextOptionsBuilder<RunDbContext>().UseSqlite(_connection).Options);
    }

    /// <summary>Opens the database, creates it where absent, and brings its tables up to date.</summary>
    /// <param name="databaseFile">The SQLite file (<see cref="DataRoot.Database"/>).</param>
    /// <exception cref="UserInputException">The file is no database, or damaged, or another program has it locked.</exception>
    public static RunStore Open(string databaseFile)
    {
        var store = new RunStore(databaseFile);
        try
        {
            store.Migrate();
            store.RemoveUnreadable();
            return store;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 5 or 6) // SQLITE_BUSY, SQLITE_LOCKED
        {
            store.Dispose();
            throw new UserInputException($"Another program has the database {databaseFile} locked (a backup, or a database browser?); close it and start again.", e);
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            store.Dispose();
            throw new DamagedDatabaseException($"The database {databaseFile} is damaged; run: ecgpeft runs reindex. It fills a new one from the run folders.", e);
        }
    }

    /// <summary>All runs, the newest first.</summary>
    public IReadOnlyList<RunSummary> List() => [.. Cards().Select(card => card.Summary)];

    /// <summary>One run, or null.</summary>
    /// <param name="id">The run.</param>
    public RunSummary? Find(string id)
    {
        using var context = _contexts.CreateDbContext();
        var summary = context.Runs.AsNoTracking().Where(row => row.Id == id).Select(row => row.Summary).SingleOrDefault();
        return summary is null ? null : Parse(summary);
    }

    /// <summary>Takes a run out of the index; its folder is not touched.</summary>
    /// <param name="id">The run.</param>
    public void Remove(string id)
    {
        lock (_writing)
        {
            using var context = _contexts.CreateDbContext();
            context.Runs.Where(row => row.Id == id).ExecuteDelete();
        }
    }

    /// <summary>Closes the database's connections.</summary>
    public void Dispose()
    {
        using var connection = new SqliteConnection(_connection);
        SqliteConnection.ClearPool(connection);
    }

    internal IReadOnlyList<(RunSummary Summary, string Fingerprint)> Cards()
    {
        using var context = _contexts.CreateDbContext();
        var rows = context.Runs.AsNoTracking().OrderByDescending(row => row.CreatedUtc).ThenByDescending(row => row.Id).Select(row => new { row.Summary, row.Fingerprint }).ToList();
        return [.. rows.Select(row => (Parse(row.Summary), row.Fingerprint))];
    }

    internal void Upsert(RunSummary summary, string fingerprint)
    {
        lock (_writing)
        {
            using var context = _contexts.CreateDbContext();
            var row = ToRow(summary, fingerprint);
            if (context.Runs.Any(present => present.Id == row.Id)) context.Update(row);
            else context.Add(row);
            context.SaveChanges();
        }
    }

    /// <summary>An empty table, whatever became of the file: one that is gone is made anew, a damaged one is put aside first.</summary>
    /// <exception cref="SqliteException">The file cannot be written now, for example because another program has it locked.</exception>
    internal void Renew()
    {
        lock (_writing)
        {
            // Connections that are kept open may still be those of a file that was deleted.
            Dispose();
            try
            {
                Empty();
            }
            catch (SqliteException e) when (IsDamage(e))
            {
                Dispose();
                PutAside(_file);
                Empty();
            }
        }

        void Empty()
        {
            Migrate();
            using var context = _contexts.CreateDbContext();
            context.Runs.ExecuteDelete();
        }
    }

    /// <summary>Renames a database file, so that a new one can be made in its place.</summary>
    /// <returns>Its new path.</returns>
    internal static string PutAside(string databaseFile)
    {
        var aside = $"{databaseFile}.damaged-{DateTime.UtcNow:yyyyMMddHHmmss}";
        File.Move(databaseFile, aside);
        foreach (var companion in new[] { "-wal", "-shm" }) File.Delete(databaseFile + companion);
        return aside;
    }

    private static bool IsDamage(SqliteException e) => e.SqliteErrorCode is 11 or 26; // SQLITE_CORRUPT, SQLITE_NOTADB

    private void Migrate()
    {
        using var context = _contexts.CreateDbContext();
        // A process that was killed while migrating leaves its lock row, and EF would wait for it for ever. Nobody else is at
        // work on this file: its user holds the data folder's lock.
        if (context.Database.SqlQuery<int>($"SELECT COUNT(*) AS Value FROM sqlite_master WHERE type = 'table' AND name = '__EFMigrationsLock'").Single() > 0)
            context.Database.ExecuteSql($"DELETE FROM __EFMigrationsLock");
        context.Database.Migrate();
        // EF switches this on only in a file that it has made itself; the question above may have made it. It stays in the file.
        context.Database.ExecuteSql($"PRAGMA journal_mode = WAL");
    }

    /// <summary>Rows of another version of the product are indexed anew by the monitor.</summary>
    private void RemoveUnreadable()
    {
        using var context = _contexts.CreateDbContext();
        foreach (var row in context.Runs.ToList())
        {
            try
            {
                Parse(row.Summary);
            }
            catch (JsonException)
            {
                context.Remove(row);
            }
        }
        context.SaveChanges();
    }

    private static RunSummary Parse(string json) => JsonSerializer.Deserialize<RunSummary>(json, ProductJson.Line)!;

    private static RunRow ToRow(RunSummary summary, string fingerprint) => new()
    {
        Id = summary.Id,
        Name = summary.Name,
        Status = summary.Status,
        CreatedUtc = summary.CreatedUtc,
        EndedUtc = summary.EndedUtc,
        Model = summary.Model,
        Method = summary.Method,
        DataSet = summary.DataSet,
        TrainableParameters = summary.TrainableParameters,
        ActiveSeconds = summary.ActiveSeconds,
        TestAccuracy = summary.Test?.Accuracy,
        TestF1 = summary.Test?.F1,
        TestAuroc = summary.Test?.Auroc,
        Fingerprint = fingerprint,
        Summary = JsonSerializer.Serialize(summary, ProductJson.Line),
    };
}

using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace EcgPeft.Core.Runs.Store.Sqlite;

/// <summary>A SQLite file. One process has it open: the one that holds the data folder's lock (<see cref="RunServices"/>).</summary>
internal sealed class SqliteProvider(string file) : StoreProvider
{
    /// <summary>How long a command waits for somebody who has the file locked; the index is never worth a longer pause of what is live.</summary>
    private const int LockSeconds = 1;

    private readonly string _connection = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = LockSeconds }.ToString();
    private PooledDbContextFactory<SqliteRunDbContext>? _contexts;

    public override bool IsShared => false;

    public override RunDbContext Context() => (_contexts ??= new(new DbContextOptionsBuilder<SqliteRunDbContext>().UseSqlite(_connection).Options)).CreateDbContext();

    public override void Migrate()
    {
        using var context = Context();
        // A process that was killed while migrating leaves its lock row, and EF would wait for it for ever. Nobody else is at
        // work on this file: its user holds the data folder's lock.
        if (context.Database.SqlQuery<int>($"SELECT COUNT(*) AS Value FROM sqlite_master WHERE type = 'table' AND name = '__EFMigrationsLock'").Single() > 0)
            context.Database.ExecuteSql($"DELETE FROM __EFMigrationsLock");
        context.Database.Migrate();
        // EF switches this on only in a file that it has made itself; the question above may have made it. It stays in the file.
        context.Database.ExecuteSql($"PRAGMA journal_mode = WAL");
    }

    public override void Discard()
    {
        CloseConnections();
        PutAside(file);
    }

    public override void CloseConnections()
    {
        using var connection = new SqliteConnection(_connection);
        SqliteConnection.ClearPool(connection);
    }

    // SQLITE_CORRUPT, SQLITE_NOTADB; of a file with our migrations also a table or a column that is not there.
    public override bool IsDamage(DbException e) => e is SqliteException { SqliteErrorCode: 11 or 26 } || (e is SqliteException { SqliteErrorCode: 1 } && (e.Message.Contains("no such ", StringComparison.Ordinal) || e.Message.Contains("has no column", StringComparison.Ordinal)));

    public override bool IsConflict(DbException e) => false;

    public override UserInputException? Explain(DbException e)
    {
        if (e is SqliteException { SqliteErrorCode: 5 or 6 }) // SQLITE_BUSY, SQLITE_LOCKED
            return new($"Another program has the database {file} locked (a backup, or a database browser?); close it and start again.", e);
        if (e is SqliteException { SqliteErrorCode: 1 } && e.Message.Contains("already exists", StringComparison.Ordinal))
            return new($"The database {file} holds tables that no version of EcgPeft has made ({e.Message.TrimEnd('.')}); give EcgPeft a file of its own (EcgPeft:Store).", e);
        return IsDamage(e) ? new DamagedDatabaseException($"The database {file} is damaged; run: ecgpeft runs reindex. It fills a new one from the run folders.", e) : null;
    }

    /// <summary>Renames a database file, so that a new one can be made in its place.</summary>
    /// <returns>Its new path.</returns>
    public static string PutAside(string file)
    {
        var aside = $"{file}.damaged-{DateTime.UtcNow:yyyyMMddHHmmss}";
        File.Move(file, aside);
        foreach (var companion in new[] { "-wal", "-shm" }) File.Delete(file + companion);
        return aside;
    }
}

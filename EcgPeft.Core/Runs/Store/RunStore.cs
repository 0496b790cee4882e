using System.Text.Json;
using EcgPeft.Core.Runs.Store.Postgres;
using EcgPeft.Core.Runs.Store.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace EcgPeft.Core.Runs.Store;

/// <summary>The index card of the run folders (SQLite or PostgreSQL): quick to ask, always rebuildable from them. Thread-safe.</summary>
public sealed class RunStore : IDisposable
{
    private readonly StoreProvider _provider;
    private readonly Lock _writing = new();
    private DataRoot? _claimedFor;

    private RunStore(StoreProvider provider) => _provider = provider;

    /// <summary>Whether other processes may write to it too.</summary>
    internal bool IsShared => _provider.IsShared;

    /// <summary>Opens the database, makes its tables where absent (and of SQLite the file), and brings them up to date.</summary>
    /// <param name="address">Where it is (<see cref="DataRoot.Store"/>).</param>
    /// <exception cref="UserInputException">It cannot be reached or used, or a newer version has made it.</exception>
    /// <exception cref="DamagedDatabaseException">It is no database of runs, or damaged.</exception>
    public static RunStore Open(StoreAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var store = new RunStore(address.IsPostgres ? new PostgresProvider(address) : new SqliteProvider(address.Connection));
        try
        {
            store._provider.Migrate();
            store.RefuseNewer(address);
            store.RemoveUnreadable();
            return store;
        }
        catch (Exception e)
        {
            store.Dispose();
            if (StoreProvider.Trouble(e) is { } trouble && store._provider.Explain(trouble) is { } sentence) throw sentence;
            throw;
        }
    }

    /// <summary>Makes a shared database the store of this data folder alone.</summary>
    /// <exception cref="UserInputException">It is another's.</exception>
    internal void Claim(DataRoot root)
    {
        _provider.Claim(root);
        _claimedFor = root;
    }

    /// <summary>All runs, the newest first.</summary>
    public IReadOnlyList<RunSummary> List() => [.. Cards().Select(card => card.Summary)];

    /// <summary>One run, or null.</summary>
    /// <param name="id">The run.</param>
    public RunSummary? Find(string id)
    {
        using var context = _provider.Context();
        var summary = context.Runs.AsNoTracking().Where(row => row.Id == id).Select(row => row.Summary).SingleOrDefault();
        return summary is null ? null : Parse(summary);
    }

    /// <summary>Takes a run out of the index; its folder is not touched.</summary>
    /// <param name="id">The run.</param>
    public void Remove(string id)
    {
        lock (_writing)
        {
            using var context = _provider.Context();
            context.Runs.Where(row => row.Id == id).ExecuteDelete();
        }
    }

    /// <summary>Closes the database's connections.</summary>
    public void Dispose() => _provider.CloseConnections();

    internal IReadOnlyList<(RunSummary Summary, string Fingerprint)> Cards()
    {
        using var context = _provider.Context();
        var rows = context.Runs.AsNoTracking().OrderByDescending(row => row.CreatedUtc).ThenByDescending(row => row.Id).Select(row => new { row.Summary, row.Fingerprint }).ToList();
        return [.. rows.Select(row => (Parse(row.Summary), row.Fingerprint))];
    }

    /// <summary>From which state of its files each row was made.</summary>
    internal IReadOnlyDictionary<string, string> Fingerprints()
    {
        using var context = _provider.Context();
        return context.Runs.AsNoTracking().Select(row => new { row.Id, row.Fingerprint }).ToDictionary(row => row.Id, row => row.Fingerprint, StringComparer.Ordinal);
    }

    internal void Upsert(RunSummary summary, string fingerprint)
    {
        lock (_writing)
        {
            try
            {
                Put(ToRow(summary, fingerprint));
            }
            catch (DbUpdateException e) when (e is DbUpdateConcurrencyException || (StoreProvider.Trouble(e) is { } trouble && _provider.IsConflict(trouble)))
            {
                Put(ToRow(summary, fingerprint)); // another dashboard has made or removed the row between question and answer
            }
        }
    }

    /// <summary>An empty table, whatever became of the database: what is gone is made anew, what is damaged is put aside first.</summary>
    /// <exception cref="UserInputException">It cannot be written now, for example because another program has it locked.</exception>
    internal void Renew()
    {
        lock (_writing)
        {
            // Connections that are kept open may still be those of a file that was deleted.
            _provider.CloseConnections();
            try
            {
                Empty();
            }
            catch (Exception e) when (StoreProvider.Trouble(e) is { } trouble && _provider.IsDamage(trouble))
            {
                _provider.Discard();
                Empty();
                if (_claimedFor is { } root) _provider.Claim(root);
            }
        }

        void Empty()
        {
            _provider.Migrate();
            using var context = _provider.Context();
            context.Runs.ExecuteDelete();
            _ = context.Runs.AsNoTracking().FirstOrDefault(); // a table that lacks a column lets itself be emptied
        }
    }

    /// <summary>Takes a damaged database out of the way.</summary>
    /// <returns>What was done, in a sentence.</returns>
    internal static string PutAside(StoreAddress address)
    {
        if (!address.IsPostgres) return $"The database was damaged and is now {SqliteProvider.PutAside(address.Connection)}.";
        new PostgresProvider(address).Discard();
        return $"The damaged tables of the database {address.Name} were taken away.";
    }

    /// <summary>The sentence for a person of an error of the database, or null where it is something else.</summary>
    internal UserInputException? Explain(Exception e) => StoreProvider.Trouble(e) is { } trouble
        ? _provider.Explain(trouble) ?? new($"The database cannot be written now ({trouble.Message.TrimEnd('.')}); close the program that has it locked, or make room on the disk, and try again.", e)
        : null;

    private void Put(RunRow row)
    {
        using var context = _provider.Context();
        if (context.Runs.Any(present => present.Id == row.Id)) context.Update(row);
        else context.Add(row);
        context.SaveChanges();
    }

    /// <summary>An older version would not fill columns that it does not know.</summary>
    private void RefuseNewer(StoreAddress address)
    {
        using var context = _provider.Context();
        if (context.Database.GetAppliedMigrations().Except(context.Database.GetMigrations()).LastOrDefault() is { } unknown)
            throw new UserInputException($"The database {address.Name} was made by a newer version of EcgPeft ({unknown}); start that version, or give this one another database (EcgPeft:Store).");
    }

    /// <summary>Rows of another version of the product are indexed anew by the monitor.</summary>
    private void RemoveUnreadable()
    {
        using var context = _provider.Context();
        foreach (var row in context.Runs.AsNoTracking().Select(row => new { row.Id, row.Summary }).ToList())
        {
            try
            {
                Parse(row.Summary);
            }
            catch (JsonException)
            {
                context.Runs.Where(unreadable => unreadable.Id == row.Id).ExecuteDelete();
            }
        }
    }

    private static RunSummary Parse(string json) => JsonSerializer.Deserialize<RunSummary>(json, ProductJson.Line)!;

    private static RunRow ToRow(RunSummary summary, string fingerprint) => new()
    {
        Id = summary.Id,
        Name = Plain(summary.Name),
        Status = summary.Status,
        CreatedUtc = summary.CreatedUtc,
        EndedUtc = summary.EndedUtc,
        Model = Plain(summary.Model),
        Method = Plain(summary.Method),
        DataSet = Plain(summary.DataSet),
        Owner = summary.Notes.Owner is { } owner ? Plain(owner) : null,
        TrainableParameters = summary.TrainableParameters,
        ActiveSeconds = summary.ActiveSeconds,
        TestAccuracy = summary.Test?.Accuracy,
        TestF1 = summary.Test?.F1,
        TestAuroc = summary.Test?.Auroc,
        Fingerprint = fingerprint,
        Summary = JsonSerializer.Serialize(summary, ProductJson.Line),
    };

    /// <summary>PostgreSQL has no character 0 in a text; within the JSON it is written as six others.</summary>
    private static string Plain(string text) => text.Replace("\0", "", StringComparison.Ordinal);
}

using System.Data.Common;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;

namespace EcgPeft.Core.Runs.Store.Postgres;

/// <summary>A PostgreSQL database, which several dashboards and command lines use at once.</summary>
internal sealed class PostgresProvider(StoreAddress address) : StoreProvider
{
    /// <summary>Another program that starts at the same time may be at it.</summary>
    private const int MigrationSeconds = 60;

    /// <summary>Names the advisory lock of this database under which tables are made and changed.</summary>
    private const long MigrationLock = 0x4563675065667431;

    private readonly NpgsqlConnectionStringBuilder _settings = new(address.Connection);
    private readonly PooledDbContextFactory<PostgresRunDbContext> _contexts = new(new DbContextOptionsBuilder<PostgresRunDbContext>().UseNpgsql(address.Connection).Options);

    public override bool IsShared => true;

    private string Server => $"{_settings.Host}:{_settings.Port}";

    public override RunDbContext Context() => _contexts.CreateDbContext();

    public override void Migrate()
    {
        // Before EF does, which would make a database that is not there: a mistyped name has to be said.
        using var connection = new NpgsqlConnection(address.Connection);
        connection.Open();
        // Several programs may start at once, and EF's own lock lets the second of them carry out what it found missing before it had to wait.
        Execute("SELECT pg_advisory_lock(@key)");
        try
        {
            using var context = Context();
            context.Database.SetCommandTimeout(MigrationSeconds);
            context.Database.Migrate();
        }
        finally
        {
            Execute("SELECT pg_advisory_unlock(@key)");
        }

        void Execute(string sql)
        {
            using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = MigrationSeconds };
            command.Parameters.AddWithValue("key", MigrationLock);
            command.ExecuteNonQuery();
        }
    }

    public override void Claim(DataRoot root)
    {
        var mark = $"EcgPeft data folder {IdOf(root)}";
        using var context = Context();
        if (context.Database.SqlQuery<string?>($"""SELECT obj_description('"Runs"'::regclass, 'pg_class') AS "Value" """).Single() is { } found)
        {
            if (!found.StartsWith(mark, StringComparison.Ordinal)) throw new UserInputException($"The database {address.Name} is the store of another data folder ({found}); give {root.Path} a database of its own (EcgPeft:Store).");
            return;
        }
        // COMMENT takes no parameters: the server quotes the text.
        var comment = context.Database.SqlQuery<string>($"""SELECT format('COMMENT ON TABLE "Runs" IS %L', {mark + ", first at " + root.Path}) AS "Value" """).Single();
        context.Database.ExecuteSqlRaw(comment.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
    }

    public override void Discard()
    {
        using var context = Context();
        // What another program made stays.
        if (!context.Database.GetAppliedMigrations().Any(context.Database.GetMigrations().Contains)) return;
        context.Database.ExecuteSql($"""DROP TABLE IF EXISTS "Runs"; DROP TABLE "__EFMigrationsHistory";""");
    }

    public override void CloseConnections()
    {
        using var connection = new NpgsqlConnection(address.Connection);
        NpgsqlConnection.ClearPool(connection);
    }

    public override bool IsDamage(DbException e) => e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn;

    public override bool IsConflict(DbException e) => e.SqlState is PostgresErrorCodes.UniqueViolation;

    public override UserInputException? Explain(DbException e) => e.SqlState switch
    {
        _ when IsDamage(e) => new DamagedDatabaseException($"The tables of the database {address.Name} are damaged ({Text(e)}); run: ecgpeft runs reindex. It fills new ones from the run folders.", e),
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => Refused(e),
        null when e.Message.Contains("password", StringComparison.OrdinalIgnoreCase) => Refused(e), // none was given where one is needed
        null => new($"PostgreSQL at {Server} does not answer ({Cause(e)}); start it, or correct Host and Port in EcgPeft:Store.", e),
        PostgresErrorCodes.InvalidCatalogName => new($"There is no database {_settings.Database} on PostgreSQL at {Server}; create it (createdb --owner USER {_settings.Database}), or correct Database in EcgPeft:Store.", e),
        PostgresErrorCodes.InsufficientPrivilege => new($"PostgreSQL at {Server} does not let {User} make or change tables in the database {_settings.Database} ({Text(e)}); make it the database's owner.", e),
        PostgresErrorCodes.DuplicateTable => new($"The database {address.Name} holds tables of another program ({Text(e)}); give EcgPeft a database of its own.", e),
        _ => new($"PostgreSQL at {Server} cannot be used now ({Text(e)}); see the server's log, or correct EcgPeft:Store.", e),
    };

    /// <summary>What a data folder is known by, also when it is moved; made where absent.</summary>
    private static string IdOf(DataRoot root)
    {
        var path = Path.Combine(root.Path, "folder.id");
        try
        {
            using var file = new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None));
            file.Write(Guid.NewGuid().ToString("n"));
        }
        catch (IOException) when (File.Exists(path))
        {
            // It has one.
        }
        return File.ReadAllText(path).Trim();
    }

    private UserInputException Refused(DbException e) => new($"PostgreSQL at {Server} refuses {User} ({Text(e)}); correct Username and Password in EcgPeft:Store.", e);

    private string User => string.IsNullOrEmpty(_settings.Username) ? "this account" : $"the user {_settings.Username}";

    private static string Text(DbException e) => (e is PostgresException { MessageText: var text } ? text : e.Message).Split('\n')[0].TrimEnd('.', '\r');

    private static string Cause(DbException e) => e.GetBaseException() is SocketException or TimeoutException or IOException ? e.GetBaseException().Message.Split('\n')[0].TrimEnd('.', '\r') : Text(e);
}

using EcgPeft.Core;
using EcgPeft.Core.Runs.Store;
using EcgPeft.Tests.Runs.Store;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace EcgPeft.Tests.Runs.Store;

/// <summary>The PostgreSQL server that tests share, and databases in it.</summary>
public sealed class PostgresServer : TestService
{
    private static PostgresServer _only = null!;
    private static readonly List<(string Name, string? Test)> Databases = [];
    private static int _count;

    public PostgresServer() : base("postgres") => _only = this;

    /// <summary>A new data folder whose store is a new database with empty tables.</summary>
    internal static DataRoot Root() => RunSamples.Root() with { Store = Store() };

    /// <summary>A new database with empty tables.</summary>
    internal static StoreAddress Store() => StoreAddress.Parse(Connection(NewDatabase(migrated: true)));

    /// <summary>A new database without tables.</summary>
    internal static StoreAddress EmptyStore() => StoreAddress.Parse(Connection(NewDatabase(migrated: false)));

    /// <summary>The connection string of a database.</summary>
    internal static string Connection(string database)
    {
        Task.Run(_only.NeedAsync).GetAwaiter().GetResult(); // also from constructors
        return new NpgsqlConnectionStringBuilder(File.ReadAllText(Path.Combine(_only.Folder, "connection")).Trim()) { Database = database }.ConnectionString;
    }

    /// <summary>Runs a statement in a database, as its owner would.</summary>
    internal static object? Execute(StoreAddress store, string sql) => Execute(store.Connection, sql);

    /// <summary>Ends the server as an administrator does; its data stay.</summary>
    internal static Task StopAsync() => _only.RunAsync("stop");

    /// <summary>Starts it again, at the same port.</summary>
    internal static Task StartAgainAsync() => _only.RunAsync("start");

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(Folder, recursive: true); // an empty server is large
    }

    private static string NewDatabase(bool migrated)
    {
        const string template = "empty_runs";
        var name = $"test_{++_count}";
        if (migrated && Execute(Connection("postgres"), $"SELECT 1 FROM pg_database WHERE datname = '{template}'") is null)
        {
            Execute(Connection("postgres"), $"CREATE DATABASE {template}");
            RunStore.Open(StoreAddress.Parse(Connection(template))).Dispose(); // making tables is slow: once
        }
        var test = TestContext.Current.Test?.UniqueID;
        foreach (var old in Databases.Where(old => old.Test != test).ToList())
        {
            Execute(Connection("postgres"), $"DROP DATABASE {old.Name} WITH (FORCE)"); // tests come one after the other
            Databases.Remove(old);
        }
        Execute(Connection("postgres"), $"CREATE DATABASE {name} TEMPLATE {(migrated ? template : "template0")} STRATEGY file_copy");
        Databases.Add((name, test));
        return name;
    }

    private static object? Execute(string connection, string sql)
    {
        using var opened = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connection) { Pooling = false }.ConnectionString);
        opened.Open();
        using var command = new NpgsqlCommand(sql, opened);
        return command.ExecuteScalar();
    }
}

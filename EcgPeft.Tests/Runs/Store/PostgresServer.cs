using System.Diagnostics;
using EcgPeft.Core;
using EcgPeft.Core.Runs.Store;
using EcgPeft.Tests.Runs.Store;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace EcgPeft.Tests.Runs.Store;

/// <summary>
/// The PostgreSQL server that tests share (<c>scripts/test-services postgres</c>): started by the first test that needs it, stopped after the
/// last. A machine that cannot have one skips these tests; with <c>CI=true</c> they fail.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    private const int CannotHaveIt = 3;

    private static readonly Lazy<(string? Connection, string Reason, int ExitCode)> Started = new(Start);
    private static readonly string Folder = TestData.TemporaryFolder();
    private static readonly List<(string Name, string? Test)> Databases = [];
    private static int _count;

    /// <summary>A new data folder whose store is a new database with empty tables.</summary>
    internal static DataRoot Root() => RunSamples.Root() with { Store = Store() };

    /// <summary>A new database with empty tables.</summary>
    internal static StoreAddress Store() => StoreAddress.Parse(Connection(NewDatabase(migrated: true)));

    /// <summary>A new database without tables.</summary>
    internal static StoreAddress EmptyStore() => StoreAddress.Parse(Connection(NewDatabase(migrated: false)));

    /// <summary>The connection string of a database.</summary>
    internal static string Connection(string database)
    {
        var (connection, reason, exitCode) = Started.Value;
        if (connection is null && exitCode == CannotHaveIt && Environment.GetEnvironmentVariable("CI") != "true") Assert.Skip(reason);
        return new NpgsqlConnectionStringBuilder(connection ?? throw new InvalidOperationException($"The test's PostgreSQL did not start: {reason}")) { Database = database }.ConnectionString;
    }

    /// <summary>Runs a statement in a database, as its owner would.</summary>
    internal static object? Execute(StoreAddress store, string sql) => Execute(store.Connection, sql);

    /// <summary>Ends the server as an administrator does; its data stay.</summary>
    internal static void Stop() => Script("stop");

    /// <summary>Starts it again, at the same port.</summary>
    internal static void StartAgain() => Script("start");

    /// <summary>Ends the server with the tests.</summary>
    public void Dispose()
    {
        if (Started.IsValueCreated && Started.Value.Connection is not null) Stop();
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    private static string NewDatabase(bool migrated)
    {
        const string template = "empty_runs";
        var name = $"test_{++_count}";
        if (migrated && _count > 0 && Execute(Connection("postgres"), $"SELECT 1 FROM pg_database WHERE datname = '{template}'") is null)
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

    private static (string? Connection, string Reason, int ExitCode) Start()
    {
        if (!OperatingSystem.IsLinux()) return (null, "PostgreSQL for tests is started on Linux only.", CannotHaveIt);
        var (exit, output, error) = Script("start");
        return exit == 0 ? (output.Trim(), "", 0) : (null, error.Trim(), exit);
    }

    private static (int ExitCode, string Output, string Error) Script(string action)
    {
        var start = new ProcessStartInfo(Path.Combine(TestData.RepositoryRoot(), "scripts", "test-services")) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "postgres", action, Folder }) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}

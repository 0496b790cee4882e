using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace EcgPeft.Core;

/// <summary>Where the table of runs is kept (configuration key <c>EcgPeft:Store</c>): a SQLite file, or a PostgreSQL database that several dashboards and command lines share.</summary>
public sealed record StoreAddress
{
    /// <summary>The index is never worth a long pause of what is live.</summary>
    private const int ConnectSeconds = 3, CommandSeconds = 2;

    private StoreAddress(bool isPostgres, string connection, string name) => (IsPostgres, Connection, Name) = (isPostgres, connection, name);

    /// <summary>Whether it is a PostgreSQL database; otherwise it is a SQLite file, which one process at a time has open.</summary>
    public bool IsPostgres { get; }

    /// <summary>For people, without the password: <c>ecgpeft at db.example:5432</c>, or the file.</summary>
    public string Name { get; }

    /// <summary>The connection string, which may hold a password; of SQLite the file.</summary>
    public string Connection { get; }

    /// <summary>A SQLite file.</summary>
    /// <param name="file">Its path.</param>
    public static StoreAddress Sqlite(string file) => new(false, file, file);

    /// <summary>Reads the configured value: <c>Host=…</c> is PostgreSQL, <c>Data Source=FILE</c> a SQLite file elsewhere than in the data folder.</summary>
    /// <param name="configured">The value of <c>EcgPeft:Store</c>; not empty.</param>
    /// <exception cref="UserInputException">It is no connection string of either.</exception>
    public static StoreAddress Parse(string configured)
    {
        var given = new DbConnectionStringBuilder();
        try
        {
            given.ConnectionString = configured;
            if (given.ContainsKey("Data Source") && !given.ContainsKey("Host")) return Sqlite(Path.GetFullPath(new SqliteConnectionStringBuilder(configured).DataSource));
            if (given.ContainsKey("Host")) return Postgres(new NpgsqlConnectionStringBuilder(configured), given);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or NotSupportedException)
        {
            throw new UserInputException($"EcgPeft:Store cannot be read ({e.Message.Split('\n')[0].TrimEnd('.', '\r')}); {Expected}.", e);
        }
        throw new UserInputException($"EcgPeft:Store names no database; {Expected}.");
    }

    /// <summary>The name; never the password.</summary>
    public override string ToString() => Name;

    private static string Expected => "give Host=SERVER;Database=NAME;Username=USER;Password=SECRET for PostgreSQL, Data Source=FILE for SQLite, or nothing for a SQLite file in the data folder";

    private static StoreAddress Postgres(NpgsqlConnectionStringBuilder builder, DbConnectionStringBuilder given)
    {
        if (string.IsNullOrEmpty(builder.Database)) throw new UserInputException($"EcgPeft:Store names no database on {builder.Host}; {Expected}.");
        if (!given.ContainsKey("Timeout")) builder.Timeout = ConnectSeconds;
        if (!given.ContainsKey("Command Timeout") && !given.ContainsKey("CommandTimeout")) builder.CommandTimeout = CommandSeconds;
        builder.ApplicationName ??= "EcgPeft";
        return new(true, builder.ConnectionString, $"{builder.Database} at {builder.Host}:{builder.Port}");
    }
}

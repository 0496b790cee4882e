using EcgPeft.Core;
using Microsoft.Data.Sqlite;

namespace EcgPeft.Tests.Runs.Store;

/// <summary>What can happen to a database, of both providers.</summary>
internal static class StoreTrouble
{
    /// <summary>Takes it away with all that is in it.</summary>
    public static void Lose(DataRoot root)
    {
        if (root.Store.IsPostgres) Execute(root, """DROP TABLE "Runs", "__EFMigrationsHistory";""");
        else DeleteFiles(root);
    }

    /// <summary>Leaves something that is no table of runs.</summary>
    public static void Damage(DataRoot root)
    {
        if (root.Store.IsPostgres)
        {
            EcgPeft.Core.Runs.Store.RunStore.Open(root.Store).Dispose();
            Execute(root, """ALTER TABLE "Runs" RENAME COLUMN "Summary" TO "Else";""");
            return;
        }
        DeleteFiles(root);
        File.WriteAllText(root.Database, new string('x', 5000));
    }

    /// <summary>Runs a statement beside the product.</summary>
    public static string? Execute(DataRoot root, string sql)
    {
        if (root.Store.IsPostgres) return PostgresServer.Execute(root.Store, sql)?.ToString();
        using var connection = new SqliteConnection($"Data Source={root.Database};Pooling=False");
        connection.Open();
        using var statement = connection.CreateCommand();
        statement.CommandText = sql;
        return statement.ExecuteScalar()?.ToString();
    }

    private static void DeleteFiles(DataRoot root)
    {
        SqliteConnection.ClearAllPools();
        foreach (var file in Directory.GetFiles(root.Path, "ecgpeft.db*")) File.Delete(file);
    }
}

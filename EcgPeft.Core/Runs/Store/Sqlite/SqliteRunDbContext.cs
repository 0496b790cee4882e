using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace EcgPeft.Core.Runs.Store.Sqlite;

/// <summary>The database of runs in a SQLite file.</summary>
internal sealed class SqliteRunDbContext(DbContextOptions<SqliteRunDbContext> options) : RunDbContext(options);

/// <summary>For <c>dotnet ef</c>.</summary>
internal sealed class SqliteDesign : IDesignTimeDbContextFactory<SqliteRunDbContext>
{
    public SqliteRunDbContext CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<SqliteRunDbContext>().UseSqlite("Data Source=design.db").Options);
}

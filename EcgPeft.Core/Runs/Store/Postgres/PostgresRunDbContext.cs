using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace EcgPeft.Core.Runs.Store.Postgres;

/// <summary>The database of runs on a PostgreSQL server.</summary>
internal sealed class PostgresRunDbContext(DbContextOptions<PostgresRunDbContext> options) : RunDbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<RunRow>().Property(run => run.Id).UseCollation("C"); // ids sort by their bytes, as in SQLite, whatever the server's language
    }
}

/// <summary>For <c>dotnet ef</c>.</summary>
internal sealed class PostgresDesign : IDesignTimeDbContextFactory<PostgresRunDbContext>
{
    public PostgresRunDbContext CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<PostgresRunDbContext>().UseNpgsql("Host=localhost;Database=design").Options);
}

using EcgPeft.Core.Training;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace EcgPeft.Core.Runs.Store;

/// <summary>
/// The database of runs. Each provider derives a context of its own, because migrations belong to a context. A changed model needs one in
/// both: <c>dotnet ef migrations add NAME --context SqliteRunDbContext --project EcgPeft.Core --startup-project P --output-dir Runs/Store/Sqlite/Migrations</c>
/// and the same for <c>Postgres</c>, where P is any executable project that references EcgPeft.Core and Microsoft.EntityFrameworkCore.Design.
/// </summary>
internal abstract class RunDbContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<RunRow> Runs => Set<RunRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var row = modelBuilder.Entity<RunRow>();
        row.HasKey(run => run.Id);
        row.HasIndex(run => run.CreatedUtc);
        row.HasIndex(run => run.Status);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // SQLite has no time zone, and EF would give back times of unspecified kind.
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();
        configurationBuilder.Properties<RunStatus>().HaveConversion<string>();
    }

    private sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(time => time.ToUniversalTime(), stored => DateTime.SpecifyKind(stored, DateTimeKind.Utc));
}

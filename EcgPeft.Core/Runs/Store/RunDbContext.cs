using EcgPeft.Core.Training;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace EcgPeft.Core.Runs.Store;

/// <summary>The database of runs (SQLite).</summary>
internal sealed class RunDbContext(DbContextOptions<RunDbContext> options) : DbContext(options)
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

/// <summary>
/// For <c>dotnet ef migrations add NAME --project EcgPeft.Core --startup-project P --output-dir Runs/Store/Migrations</c>, where P is any
/// executable project that references EcgPeft.Core and Microsoft.EntityFrameworkCore.Design.
/// </summary>
internal sealed class RunDbContextDesign : IDesignTimeDbContextFactory<RunDbContext>
{
    public RunDbContext CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<RunDbContext>().UseSqlite("Data Source=design.db").Options);
}

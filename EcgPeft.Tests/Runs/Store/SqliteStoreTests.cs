using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Store;

namespace EcgPeft.Tests.Runs.Store;

/// <summary>What only a SQLite file has.</summary>
public sealed class SqliteStoreTests
{
    private readonly DataRoot _root = RunSamples.Root();

    [Fact]
    public void A_migration_lock_that_a_killed_process_left_does_not_stop_the_next_start()
    {
        RunStore.Open(_root.Store).Dispose();
        StoreTrouble.Execute(_root, "INSERT INTO __EFMigrationsLock(Id, Timestamp) VALUES (1, '2026-01-01')");
        using var store = RunStore.Open(_root.Store);
        Assert.Empty(store.List());
    }

    [Fact]
    public void The_database_writes_ahead()
    {
        RunStore.Open(_root.Store).Dispose();
        Assert.Equal("wal", StoreTrouble.Execute(_root, "PRAGMA journal_mode"));
    }

    [Fact]
    public void One_data_folder_has_one_queue()
    {
        using (RunServices.Open(_root, StubWorker.Quick))
        {
            var error = Assert.Throws<UserInputException>(() => RunServices.Open(_root, StubWorker.Quick));
            Assert.Contains("already using the data folder", error.Message, StringComparison.Ordinal);
        }
        RunServices.Open(_root, StubWorker.Quick).Dispose();
    }

    [Fact]
    public void The_file_may_lie_elsewhere()
    {
        var file = Path.Combine(TestData.TemporaryFolder(), "runs.db");
        var root = _root with { Store = StoreAddress.Parse($"Data Source={file}") };
        var run = RunSamples.Completed(root);
        using (var services = RunServices.Open(root, StubWorker.Quick)) services.Monitor.Rebuild();
        Assert.True(File.Exists(file));
        Assert.False(File.Exists(root.Database));
        using var store = RunStore.Open(root.Store);
        Assert.Equal(run.Id, Assert.Single(store.List()).Id);
    }
}

using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Store;
using EcgPeft.Core.Training;
using Microsoft.Data.Sqlite;

namespace EcgPeft.Tests.Runs;

public sealed class RunMonitorTests : IDisposable
{
    private readonly DataRoot _root = RunSamples.Root();
    private readonly RunFeed _feed;
    private RunStore _store;

    public RunMonitorTests() => (_feed, _store) = (new RunFeed(_root.Runs), RunStore.Open(_root.Database));

    public void Dispose()
    {
        _feed.Dispose();
        _store.Dispose();
    }

    [Fact]
    public void A_run_from_the_command_line_comes_into_the_table_with_everything()
    {
        var monitor = Monitor();
        monitor.Tick();
        Assert.Empty(_store.List());

        var folder = RunSamples.Completed(_root);
        Rounds(monitor);
        var run = Assert.Single(_store.List());
        Assert.Equal((folder.Id, RunStatus.Completed), (run.Id, run.Status));
        Assert.Equal(RunSamples.Metrics.Validation, run.Validation);
        Assert.Equal(RunSamples.Metrics.Resources, run.Resources);
        Assert.Equal(DateTimeKind.Utc, run.CreatedUtc.Kind);
        Assert.Equal(folder.ReadRecipe(), run.Recipe);
        Assert.Equal(run, _store.Find(folder.Id));
        Assert.Null(_store.Find("absent"));
    }

    [Fact]
    public void A_run_without_its_worker_is_interrupted_and_says_where()
    {
        var folder = RunSamples.Abandoned(_root, step: 212);
        File.WriteAllText(folder.StopRequestFile, "");
        var lastStep = RunSamples.Events(folder)[^1].Time;
        Monitor().Tick();

        var run = _store.Find(folder.Id)!;
        Assert.Equal(RunStatus.Interrupted, run.Status);
        Assert.Equal($"Interrupted at step 212, {lastStep:HH:mm:ss} UTC; resume it to go on.", run.StatusMessage);
        Assert.False(File.Exists(folder.StopRequestFile));
        Assert.False(WorkerLock.IsHeld(folder));
        Monitor().Tick(); // a restart says it no second time
        Assert.Single(RunSamples.Statuses(folder), RunStatus.Interrupted);
    }

    [Fact]
    public void A_run_whose_worker_lives_is_left_alone()
    {
        var folder = RunSamples.Abandoned(_root, step: 3);
        using var alive = WorkerLock.TryTake(folder);
        Monitor().Tick();
        Assert.Equal(RunStatus.Running, _store.Find(folder.Id)!.Status);
    }

    [Fact]
    public void A_folder_that_nobody_ever_started_is_found_after_a_while()
    {
        var folder = RunSamples.NewRun(_root);
        var monitor = Monitor();
        monitor.Tick();
        Assert.Null(_store.Find(folder.Id));
        File.SetLastWriteTimeUtc(folder.RecipeFile, DateTime.UtcNow - RunMonitor.StartGrace - TimeSpan.FromSeconds(1));
        Rounds(monitor);
        Assert.Equal(RunStatus.Interrupted, _store.Find(folder.Id)!.Status);
    }

    [Fact]
    public void A_broken_folder_is_its_own_row_and_hurts_no_other()
    {
        var good = RunSamples.Completed(_root);
        var noRecipe = RunSamples.Completed(_root);
        File.Delete(noRecipe.RecipeFile);
        var badMetrics = RunSamples.Completed(_root);
        File.WriteAllText(badMetrics.MetricsFile, "{");
        var noRun = Path.Combine(_root.Runs, "holiday");
        Directory.CreateDirectory(noRun);
        File.WriteAllText(Path.Combine(noRun, "events.jsonl"), "\n");
        var monitor = Monitor();
        monitor.Tick();

        Assert.Null(_store.Find(good.Id)!.Broken);
        Assert.Contains("recipe.json is missing", _store.Find(noRecipe.Id)!.Broken, StringComparison.Ordinal);
        Assert.Contains("metrics.json", _store.Find(badMetrics.Id)!.Broken, StringComparison.Ordinal);
        Assert.Contains("recipe.json is missing", _store.Find("holiday")!.Broken, StringComparison.Ordinal);

        RunSamples.Metrics.WriteTo(badMetrics); // repaired
        Rounds(monitor);
        Assert.Null(_store.Find(badMetrics.Id)!.Broken);
    }

    [Fact]
    public void A_folder_that_is_gone_leaves_the_table()
    {
        var folder = RunSamples.Completed(_root);
        var monitor = Monitor();
        monitor.Tick();
        Directory.Delete(folder.Path, recursive: true);
        Rounds(monitor);
        Assert.Empty(_store.List());
    }

    [Fact]
    public void Whatever_happens_to_the_database_it_is_made_again_from_the_folders()
    {
        RunSamples.Completed(_root);
        RunSamples.Abandoned(_root, step: 2);
        Monitor().Tick();
        var before = _store.List();
        Assert.Equal(2, before.Count);

        Reopen(() => { foreach (var file in Directory.GetFiles(_root.Path, "ecgpeft.db*")) File.Delete(file); });
        Assert.Empty(_store.List());
        Monitor().Tick();
        Assert.Equal(before, _store.List());

        _store.Remove(before[0].Id);
        var monitor = Monitor();
        monitor.Rebuild();
        Assert.Equal(before, _store.List());
    }

    [Fact]
    public void A_restart_reads_no_run_again_that_has_not_changed()
    {
        var folder = RunSamples.Completed(_root);
        Monitor().Tick();
        var heard = new List<RunSummary>();
        using (var feed = new RunFeed(_root.Runs))
        {
            using var listening = feed.SubscribeAll(heard.Add);
            new RunMonitor(_root.Runs, _store, feed).Tick();
        }
        Assert.Empty(heard);
        Assert.Equal(folder.Id, Assert.Single(Monitor().Runs).Id);
    }

    [Fact]
    public void A_migration_lock_that_a_killed_process_left_does_not_stop_the_next_start()
    {
        Reopen(() => Sql("INSERT INTO __EFMigrationsLock(Id, Timestamp) VALUES (1, '2026-01-01')"));
        Assert.Empty(_store.List());
    }

    [Fact]
    public void A_damaged_database_is_said_in_a_sentence()
    {
        _store.Dispose();
        foreach (var file in Directory.GetFiles(_root.Path, "ecgpeft.db*")) File.Delete(file);
        File.WriteAllText(_root.Database, new string('x', 5000));
        var error = Assert.Throws<DamagedDatabaseException>(() => RunStore.Open(_root.Database));
        Assert.Contains("ecgpeft runs reindex", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_database_writes_ahead() => Assert.Equal("wal", Sql("PRAGMA journal_mode"));

    private RunMonitor Monitor() => new(_root.Runs, _store, _feed);

    /// <summary>Enough rounds that all folders were looked at once more.</summary>
    private static void Rounds(RunMonitor monitor)
    {
        for (var round = 0; round < 5; round++) monitor.Tick();
    }

    private void Reopen(Action between)
    {
        _store.Dispose();
        between();
        _store = RunStore.Open(_root.Database);
    }

    private string? Sql(string command)
    {
        using var connection = new SqliteConnection($"Data Source={_root.Database};Pooling=False");
        connection.Open();
        using var statement = connection.CreateCommand();
        statement.CommandText = command;
        return statement.ExecuteScalar()?.ToString();
    }
}

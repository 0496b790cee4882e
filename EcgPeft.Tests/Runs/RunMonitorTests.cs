using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Store;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Runs.Store;

namespace EcgPeft.Tests.Runs;

public class RunMonitorTests : IDisposable
{
    private readonly DataRoot _root;
    private readonly RunFeed _feed;
    private RunStore _store;

    public RunMonitorTests() : this(RunSamples.Root())
    {
    }

    protected RunMonitorTests(DataRoot root) => (_root, _feed, _store) = (root, new RunFeed(root.Runs), RunStore.Open(root.Store));

    public void Dispose()
    {
        _feed.Dispose();
        _store.Dispose();
        GC.SuppressFinalize(this);
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

    [Theory]
    [InlineData("recipe.json", "{\"data\":null}", "is no readable recipe")]
    [InlineData("recipe.json", "{\"backbone\":{\"model\":null}}", "is no readable recipe")]
    [InlineData("recipe.json", "null", "is no readable recipe")]
    [InlineData("recipe.json", "\0\0\0\0", "is no readable recipe")]
    [InlineData("metrics.json", "{}", "")]
    [InlineData("metrics.json", "{\"validation\":null,\"test\":null,\"resources\":null}", "metrics.json is not readable")]
    [InlineData("metrics.json", "[]", "metrics.json")]
    [InlineData("notes.json", "null", "notes.json cannot be read")]
    [InlineData("notes.json", "{\"tags\":null}", "notes.json cannot be read")]
    public void Whatever_stands_in_a_file_hurts_no_other_run(string file, string text, string sentence)
    {
        var good = RunSamples.Completed(_root);
        var bad = RunSamples.Completed(_root);
        File.WriteAllText(Path.Combine(bad.Path, file), text);
        var monitor = Monitor();
        monitor.Tick();
        Assert.Null(_store.Find(good.Id)!.Broken);
        Assert.Equal(2, monitor.Runs.Count);
        if (sentence.Length > 0) Assert.Contains(sentence, _store.Find(bad.Id)!.Broken, StringComparison.Ordinal);
        else if (_store.Find(bad.Id)!.Broken is { } broken) Assert.DoesNotContain('\n', broken);
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

        _store.Dispose();
        StoreTrouble.Lose(_root);
        _store = RunStore.Open(_root.Store);
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
    public void A_damaged_database_is_said_in_a_sentence()
    {
        StoreTrouble.Damage(_root);
        var error = Assert.Throws<DamagedDatabaseException>(() => RunStore.Open(_root.Store));
        Assert.Contains("ecgpeft runs reindex", error.Message, StringComparison.Ordinal);
        RunServices.PutDamagedDatabaseAside(_root);
        _store = RunStore.Open(_root.Store);
        Assert.Empty(_store.List());
    }

    [Fact]
    public void A_database_of_a_newer_version_is_said_in_a_sentence()
    {
        StoreTrouble.Execute(_root, """INSERT INTO "__EFMigrationsHistory"("MigrationId", "ProductVersion") VALUES ('29990101000000_Later', '99.0')""");
        Assert.Contains("made by a newer version of EcgPeft (29990101000000_Later)", Assert.Throws<UserInputException>(() => RunStore.Open(_root.Store)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_with_any_character_are_kept()
    {
        var name = "Zeile\n\t\"'\\ \0 Ω 🫀 DROP TABLE \"Runs\";--";
        var folder = RunSamples.NewRun(_root, name);
        RunLife.Move(folder, RunStatus.Queued, 0, null);
        Monitor().Tick();
        Assert.Equal(name, Assert.Single(_store.List()).Name);
    }

    [Fact]
    public void The_newest_run_comes_first_and_at_the_same_time_the_later_id()
    {
        var time = new DateTime(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);
        foreach (var (id, seconds) in new[] { ("b", 0), ("B", 0), ("a-1", 0), ("aa", 0), ("z", 5), ("0", -5) })
        {
            var folder = new RunFolder(Path.Combine(_root.Runs, id));
            Directory.CreateDirectory(folder.Path);
            folder.WriteRecipe(new());
            EventLog.Append(folder.EventsFile, new StatusEvent(RunStatus.Queued, 0) { Time = time.AddSeconds(seconds) });
        }
        Monitor().Tick();
        Assert.Equal(["z", "b", "aa", "a-1", "B", "0"], _store.List().Select(run => run.Id));
    }

    private RunMonitor Monitor() => new(_root.Runs, _store, _feed);

    /// <summary>Enough rounds that all folders were looked at once more.</summary>
    private static void Rounds(RunMonitor monitor)
    {
        for (var round = 0; round < 5; round++) monitor.Tick();
    }
}

/// <summary>The same with a PostgreSQL store.</summary>
public sealed class RunMonitorTestsOnPostgres() : RunMonitorTests(PostgresServer.Root());

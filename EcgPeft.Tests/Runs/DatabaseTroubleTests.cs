using System.Diagnostics;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.EndToEnd;
using Microsoft.Data.Sqlite;

namespace EcgPeft.Tests.Runs;

/// <summary>Locked, deleted, corrupted: the database is an index, and runs go on without it.</summary>
public sealed class DatabaseTroubleTests
{
    private readonly DataRoot _root = RunSamples.Root();

    [Fact]
    public async Task While_another_program_has_it_locked_runs_are_followed_and_written_later()
    {
        using var services = RunServices.Open(_root, StubWorker.Quick);
        services.Start();
        string id;
        using (var other = Connect())
        {
            Execute(other, "BEGIN EXCLUSIVE");
            id = services.Queue.Enqueue(new());
            var run = await services.Until(id, run => run.Status == RunStatus.Completed);
            Assert.Equal(RunSamples.Metrics.Test, run.Test);
            Execute(other, "ROLLBACK");
        }
        for (var clock = Stopwatch.StartNew(); services.Store.Find(id)?.Status != RunStatus.Completed; await Task.Delay(50, TestContext.Current.CancellationToken)) Assert.True(clock.Elapsed < TestData.Patience, "The table never caught up.");
    }

    [Fact]
    public async Task Who_is_told_of_a_run_finds_it_so_among_the_rows_though_the_table_is_not_written_yet()
    {
        using var services = RunServices.Open(_root, StubWorker.Quick);
        services.Monitor.Tick();
        var folder = RunSamples.Completed(_root);
        var found = new TaskCompletionSource<RunStatus?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = services.Feed.SubscribeAll(told => found.TrySetResult(services.Monitor.Runs.SingleOrDefault(run => run.Id == told.Id)?.Status));
        using var other = Connect();
        Execute(other, "BEGIN EXCLUSIVE"); // the monitor waits for it while the subscriber is told
        services.Monitor.Refresh(folder.Id);
        Assert.Equal(RunStatus.Completed, await found.Task.WaitAsync(TestData.Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Locked_at_the_start_is_said_in_a_sentence()
    {
        RunServices.Open(_root, StubWorker.Quick).Dispose();
        using var other = Connect();
        Execute(other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
        Assert.Contains("locked", Assert.Throws<UserInputException>(() => RunServices.Open(_root, StubWorker.Quick)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Deleted_or_corrupted_beneath_a_running_dashboard_it_is_rebuilt(bool deleted)
    {
        var first = RunSamples.Completed(_root);
        using var services = RunServices.Open(_root, StubWorker.Quick);
        services.Monitor.Tick();
        Wreck(deleted);
        var second = RunSamples.Completed(_root);
        for (var round = 0; round < 6; round++) services.Monitor.Tick(); // goes on, whatever the table says
        Assert.Equal(2, services.Monitor.Runs.Count);

        services.Monitor.Rebuild(); // as the settings page does
        Assert.Equal(new[] { first.Id, second.Id }.Order(), services.Store.List().Select(run => run.Id).Order());
    }

    [Fact]
    public void Corrupted_at_the_start_it_is_put_aside_and_filled_again()
    {
        var run = RunSamples.Completed(_root);
        using (var services = RunServices.Open(_root, StubWorker.Quick)) services.Monitor.Tick();
        Wreck(deleted: false);
        using var again = RunServices.Open(_root, StubWorker.Quick);
        again.Monitor.Tick();
        Assert.Equal(run.Id, Assert.Single(again.Store.List()).Id);
        Assert.Single(Directory.GetFiles(_root.Path, "ecgpeft.db.damaged-*"));
    }

    [Fact]
    public async Task A_second_dashboard_on_one_data_folder_says_so_and_ends()
    {
        await using var web = await WebProcess.StartAsync(_root);
        var (exit, error) = await WebProcess.RefusedAsync(_root, "--urls", "http://127.0.0.1:0");
        Assert.Equal(2, exit);
        Assert.Contains($"Another EcgPeft is already using the data folder {_root.Path}", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    private void Wreck(bool deleted)
    {
        SqliteConnection.ClearAllPools();
        foreach (var file in Directory.GetFiles(_root.Path, "ecgpeft.db*"))
        {
            if (deleted || file != _root.Database) File.Delete(file);
            else File.WriteAllText(file, new string('x', 5000));
        }
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={_root.Database};Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}

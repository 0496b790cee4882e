using System.Diagnostics;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Cli;

namespace EcgPeft.Tests.Runs.Store;

/// <summary>Several dashboards on one data folder and one PostgreSQL database.</summary>
public sealed class SeveralDashboardsTests
{
    private readonly DataRoot _root = PostgresServer.Root();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_run_is_started_once_and_each_dashboard_sees_every_event_once()
    {
        using var one = RunServices.Open(_root, StubWorker.Quick);
        using var two = RunServices.Open(_root, StubWorker.Quick);
        one.Start();
        two.Start();
        var ids = Enumerable.Range(0, 6).Select(number => (number % 2 == 0 ? one : two).Queue.Enqueue(new() { Name = $"run {number}" })).ToList();
        using var seenByOne = new Seen(one, ids[^1]);
        using var seenByTwo = new Seen(two, ids[^1]);
        var runs = new List<RunSummary>();
        foreach (var id in ids)
        {
            runs.Add(await one.Until(id, run => run.Status == RunStatus.Completed));
            Assert.Equal(runs[^1], await two.Until(id, run => run.Status == RunStatus.Completed));
            Assert.Equal([RunStatus.Queued, RunStatus.Running, RunStatus.Completed], RunSamples.Statuses(Folder(id)));
        }
        // One at a time, among both.
        var byStart = runs.OrderBy(run => run.StartedUtc).ToList();
        for (var i = 1; i < byStart.Count; i++) Assert.True(byStart[i - 1].EndedUtc <= byStart[i].StartedUtc);
        await seenByOne.IsWhole();
        await seenByTwo.IsWhole();
        await Eventually(() => one.Store.List().SequenceEqual(one.Monitor.Runs.OrderByDescending(run => run.CreatedUtc).ThenByDescending(run => run.Id, StringComparer.Ordinal)));
    }

    [Fact]
    public async Task When_the_one_that_starts_workers_is_killed_another_goes_on()
    {
        using var process = StubWorker.StartDashboard(_root, StubWorker.Hold);
        using var other = RunServices.Open(_root, StubWorker.Quick);
        var held = other.Queue.Enqueue(new()); // only the process can have started it: this one drives nothing yet
        for (var clock = Stopwatch.StartNew(); RunSamples.Statuses(Folder(held)).Length < 2; await Task.Delay(20, Cancel)) Assert.True(clock.Elapsed < TestData.Patience);
        other.Start();
        await other.Until(held, run => run.Step == 3);
        var waiting = other.Queue.Enqueue(new());
        process.Kill();
        await process.WaitForExitAsync(Cancel);

        other.Queue.Stop(held); // its worker has outlived the dashboard that started it
        await other.Until(waiting, run => run.Status == RunStatus.Completed);
        Assert.Equal([RunStatus.Queued, RunStatus.Running, RunStatus.Stopping, RunStatus.Stopped], RunSamples.Statuses(Folder(held)));
        Assert.Equal([RunStatus.Queued, RunStatus.Running, RunStatus.Completed], RunSamples.Statuses(Folder(waiting)));
    }

    [Fact]
    public void A_worker_that_comes_too_late_leaves_the_run_alone()
    {
        foreach (var folder in new[] { RunSamples.Completed(_root), RunSamples.Failed(_root), RunSamples.NewRun(_root) })
        {
            var before = RunSamples.Events(folder);
            var error = Assert.Throws<UserInputException>(() => RunWorker.Run(folder, (_, _, _, _) => throw new InvalidOperationException("It must not begin."), Cancel, onlyIfWaiting: true));
            Assert.Contains("does not wait in the queue any more", error.Message, StringComparison.Ordinal);
            Assert.Equal(before, RunSamples.Events(folder));
        }
    }

    [Fact]
    public void Changes_made_at_the_same_time_are_all_kept()
    {
        using var one = RunServices.Open(_root, StubWorker.Quick);
        using var two = RunServices.Open(_root, StubWorker.Quick);
        var folder = RunSamples.Completed(_root);
        one.Monitor.Tick();
        two.Monitor.Tick();
        void Tag(RunServices services, string name)
        {
            for (var number = 0; number < 10; number++) services.Library.AddTag(folder.Id, $"{name}{number}");
        }
        Parallel.Invoke(() => Tag(one, "a"), () => Tag(two, "b"));
        Assert.Equal(20, RunNotes.Read(folder).Tags.Count);

        var waiting = Enumerable.Range(0, 6).Select(_ => one.Queue.Enqueue(new())).ToList();
        for (var round = 0; round < 5; round++) two.Monitor.Tick();
        Parallel.Invoke(() => one.Queue.Move(waiting[5], 0), () => two.Queue.SetPriority(waiting[4], RunPriority.High));
        for (var round = 0; round < 5; round++)
        {
            one.Monitor.Tick();
            two.Monitor.Tick();
        }
        Assert.Equal(one.Queue.Waiting.Select(run => run.Id), two.Queue.Waiting.Select(run => run.Id));
        Assert.Contains(waiting[4], one.Queue.Waiting.Take(2).Select(run => run.Id));
    }

    [Fact]
    public async Task What_one_sets_and_begins_the_other_takes_on()
    {
        using var driver = RunServices.Open(_root, StubWorker.Epochs);
        driver.Start();
        await Eventually(() => driver.LastRoundUtc is not null);
        using var other = RunServices.Open(_root, StubWorker.Epochs);
        other.Start();
        other.Queue.Concurrency = 3;
        var id = other.Studies.Create(new() { Base = new() { Data = new() { Path = "/data/segments.csv", Hash = "h" }, Training = new() { Epochs = 2 } }, Search = new(SearchKind.Random, [SearchDimension.Parse("training.learningRate=0.01..0.99")], 2) });
        await Eventually(() => other.Studies.Find(id).Status == StudyStatus.Completed);
        Assert.Equal(3, driver.Queue.Concurrency);
        await Eventually(() => driver.Studies.Find(id).Status == StudyStatus.Completed);
    }

    [Fact]
    public void Two_that_start_at_once_make_the_tables_once()
    {
        var root = RunSamples.Root() with { Store = PostgresServer.EmptyStore() };
        var opened = new RunServices?[4];
        Parallel.For(0, opened.Length, number => opened[number] = RunServices.Open(root, StubWorker.Quick));
        var id = opened[0]!.Queue.Enqueue(new());
        Assert.All(opened, services => Assert.Equal(id, Assert.Single(services!.Store.List()).Id));
        foreach (var services in opened) services!.Dispose();
    }

    [Fact]
    public async Task A_command_line_fills_the_table_anew_while_dashboards_run()
    {
        using var one = RunServices.Open(_root, StubWorker.Quick);
        using var two = RunServices.Open(_root, StubWorker.Quick);
        one.Start();
        two.Start();
        var first = RunSamples.Completed(_root);
        var second = one.Queue.Enqueue(new());
        var (exit, output, error) = await CliProcess.RunAsync([("EcgPeft__DataRoot", _root.Path), ("EcgPeft__Store", _root.Store.Connection)], "runs", "reindex");
        Assert.Equal((0, ""), (exit, error));
        Assert.Contains("2 runs in the table", output, StringComparison.Ordinal);
        await two.Until(second, run => run.Status == RunStatus.Completed);
        Assert.Equal([RunStatus.Queued, RunStatus.Running, RunStatus.Completed], RunSamples.Statuses(Folder(second)));
        Assert.Equal(new[] { first.Id, second }.Order(), one.Store.List().Select(run => run.Id).Order());
    }

    [Fact]
    public void Those_that_share_a_folder_share_a_store()
    {
        var sqlite = new DataRoot(_root.Path);
        using (RunServices.Open(_root, StubWorker.Quick))
        {
            RunServices.Open(_root, StubWorker.Quick).Dispose();
            Assert.Contains("already using the data folder", Assert.Throws<UserInputException>(() => RunServices.Open(sqlite, StubWorker.Quick)).Message, StringComparison.Ordinal);
        }
        using (RunServices.Open(sqlite, StubWorker.Quick))
            Assert.Contains("need the same PostgreSQL database", Assert.Throws<UserInputException>(() => RunServices.Open(_root, StubWorker.Quick)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_data_folders_do_not_share_a_database()
    {
        RunServices.Open(_root, StubWorker.Quick).Dispose();
        var other = RunSamples.Root() with { Store = _root.Store };
        Assert.Contains($"is the store of another data folder (EcgPeft data folder ", Assert.Throws<UserInputException>(() => RunServices.Open(other, StubWorker.Quick)).Message, StringComparison.Ordinal);
        var moved = other with { Path = other.Path + "-moved {it's}" };
        Directory.Move(_root.Path, moved.Path);
        RunServices.Open(moved, StubWorker.Quick).Dispose();
        StoreTrouble.Lose(moved);
        RunServices.Open(moved, StubWorker.Quick).Dispose(); // an empty database is anybody's
    }

    [Fact]
    public void A_row_that_another_program_spoilt_is_written_again()
    {
        var (kept, spoilt) = (RunSamples.Completed(_root), RunSamples.Completed(_root));
        using var services = RunServices.Open(_root, StubWorker.Quick);
        services.Monitor.Tick();
        var before = services.Store.List();
        StoreTrouble.Execute(_root, $"""DELETE FROM "Runs" WHERE "Id" = '{kept.Id}'; UPDATE "Runs" SET "Summary" = replace("Summary", 'completed', 'running'), "Fingerprint" = 'older'; INSERT INTO "Runs" SELECT * FROM (SELECT 'ghost', "Name", "Status", "CreatedUtc", "EndedUtc", "Model", "Method", "DataSet", "TrainableParameters", "ActiveSeconds", "TestAccuracy", "TestF1", "TestAuroc", "Fingerprint", "Summary" FROM "Runs") AS copy""");
        Assert.NotEqual(before, services.Store.List());
        for (var round = 0; round < 5 * 60; round++) services.Monitor.Tick(); // a minute
        Assert.Equal(before, services.Store.List());
        Assert.Equal(RunStatus.Completed, services.Store.Find(spoilt.Id)!.Status);
    }

    private RunFolder Folder(string id) => RunFolder.Find(_root.Runs, id)!;

    private static async Task Eventually(Func<bool> reached)
    {
        for (var clock = Stopwatch.StartNew(); !reached(); await Task.Delay(20, Cancel)) Assert.True(clock.Elapsed < TestData.Patience, "It was never reached.");
    }

    /// <summary>What a page of one dashboard hears of a run.</summary>
    private sealed class Seen : IDisposable
    {
        private readonly List<long> _steps = [];
        private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly IDisposable _subscription;
        private readonly RunSnapshot _snapshot;
        private readonly List<(long From, long To)> _stretches = [];

        public Seen(RunServices services, string id) => _subscription = services.Feed.Subscribe(id, Hear, out _snapshot);

        public async Task IsWhole()
        {
            if (_snapshot.Summary.Status != RunStatus.Completed) await _completed.Task.WaitAsync(TestData.Patience, Cancel);
            Assert.Equal([1L, 2L, 3L], _snapshot.Steps.Select(step => step.Step).Concat(_steps));
            var end = _snapshot.Sequence;
            foreach (var (from, to) in _stretches)
            {
                Assert.Equal(end, from);
                end = to;
            }
        }

        public void Dispose() => _subscription.Dispose();

        private void Hear(RunIncrement increment)
        {
            _stretches.Add((increment.FromSequence, increment.ToSequence));
            _steps.AddRange(increment.Events.OfType<StepEvent>().Select(step => step.Step));
            if (increment.Summary.Status == RunStatus.Completed) _completed.TrySetResult();
        }
    }
}

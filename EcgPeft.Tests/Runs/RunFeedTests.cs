using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Runs.Store;

namespace EcgPeft.Tests.Runs;

public class RunFeedTests
{
    private readonly DataRoot _root;

    public RunFeedTests() : this(RunSamples.Root())
    {
    }

    protected RunFeedTests(DataRoot root) => _root = root;

    [Fact]
    public void A_snapshot_holds_curve_log_and_summary()
    {
        var folder = RunSamples.Completed(_root);
        using var feed = new RunFeed(_root.Runs);
        var snapshot = feed.Snapshot(folder.Id);

        Assert.Equal([1L, 2L, 3L], snapshot.Steps.Select(step => step.Step));
        Assert.Equal(1, Assert.Single(snapshot.Epochs).Epoch);
        Assert.Equal(new FileInfo(folder.EventsFile).Length, snapshot.Sequence);
        var run = snapshot.Summary;
        Assert.Equal((RunStatus.Completed, 3L, 8L, 2), (run.Status, run.Step, run.TotalSteps, run.Epochs));
        Assert.Equal((1234L, 98765L), (run.TrainableParameters, run.TotalParameters));
        Assert.Equal(("demo/wav2vec2", "lora", "segments.csv"), (run.Model, run.Method, run.DataSet));
        Assert.Equal(RunSamples.Metrics.Test, run.Test);
        Assert.Equal((1, 0.25), (run.BestEpoch, run.BestValidationLoss));
    }

    [Fact]
    public void Steps_done_again_after_a_resume_count_once_and_pauses_are_no_time_at_work()
    {
        var folder = RunSamples.NewRun(_root);
        var start = new DateTime(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);
        void Append(int seconds, RunEvent runEvent) => EventLog.Append(folder.EventsFile, runEvent with { Time = start.AddSeconds(seconds) });
        Append(0, new StatusEvent(RunStatus.Queued, 0));
        Append(5, new StatusEvent(RunStatus.Running, 0));
        Append(6, RunSamples.Step(1));
        Append(7, RunSamples.Step(2));
        Append(8, RunSamples.Step(3));
        Append(1000, new StatusEvent(RunStatus.Interrupted, 3)); // found much later
        Append(1001, new StatusEvent(RunStatus.Queued, 3));
        Append(1002, new StatusEvent(RunStatus.Running, 1));
        Append(1004, RunSamples.Step(2) with { Loss = 42 });

        using var feed = new RunFeed(_root.Runs);
        var snapshot = feed.Snapshot(folder.Id);
        Assert.Equal([(1L, 1.0), (2L, 42.0), (3L, 1.0 / 3)], snapshot.Steps.Select(step => (step.Step, step.Loss)));
        Assert.Equal([(2L, 1.0 / 2)], snapshot.Redone.Select(step => (step.Step, step.Loss)));
        Assert.Equal([new ResumePoint(1, start.AddSeconds(1002), 3)], snapshot.Resumes);
        Assert.Equal(2, snapshot.Summary.Step);
        Assert.Equal(5, snapshot.Summary.ActiveSeconds);
        Assert.Null(snapshot.Summary.EndedUtc);
    }

    [Fact]
    public void A_clock_that_is_set_back_or_forward_changes_neither_order_nor_status()
    {
        var folder = RunSamples.NewRun(_root);
        var start = new DateTime(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);
        void Append(int seconds, RunEvent runEvent) => EventLog.Append(folder.EventsFile, runEvent with { Time = start.AddSeconds(seconds) });
        Append(0, new StatusEvent(RunStatus.Queued, 0));
        Append(1, new StatusEvent(RunStatus.Running, 0));
        Append(2, RunSamples.Step(1));
        Append(-3600, RunSamples.Step(2)); // summer time ends, or somebody sets the clock
        Append(-3599, RunSamples.Step(3));
        Append(-3598, new StatusEvent(RunStatus.Stopping, 3));
        Append(-3597, new StatusEvent(RunStatus.Stopped, 3));

        using var services = RunServices.Open(_root, StubWorker.Quick);
        services.Monitor.Tick();
        var snapshot = services.Feed.Snapshot(folder.Id);
        Assert.Equal([1L, 2L, 3L], snapshot.Steps.Select(step => step.Step));
        Assert.Equal((RunStatus.Stopped, 3L, 4.0), (snapshot.Summary.Status, snapshot.Summary.Step, snapshot.Summary.ActiveSeconds));
        services.Queue.Resume(folder.Id);
        Assert.Equal(RunStatus.Queued, services.Store.Find(folder.Id)!.Status);
    }

    [Fact]
    public void Only_the_last_200_log_lines_are_kept()
    {
        var folder = RunSamples.NewRun(_root);
        RunLife.Move(folder, RunStatus.Queued, 0, null);
        for (var line = 1; line <= 205; line++) EventLog.Append(folder.EventsFile, new LogEvent("info", $"{line}"));
        using var feed = new RunFeed(_root.Runs);
        var log = feed.Snapshot(folder.Id).Log;
        Assert.Equal((200, "6", "205"), (log.Count, log[0].Message, log[^1].Message));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Snapshot_and_increments_lose_nothing_and_repeat_nothing_under_a_writer(bool inOne)
    {
        const int Steps = 600;
        var folder = RunSamples.NewRun(_root);
        RunLife.Move(folder, RunStatus.Queued, 0, null);
        using var feed = new RunFeed(_root.Runs);
        var pages = new List<Page>();
        using var written = new CancellationTokenSource();
        // A monitor's round, and somebody else's snapshots, while the worker writes.
        var rounds = Task.Run(() =>
        {
            while (!written.IsCancellationRequested) feed.Snapshot(folder.Id);
            feed.Snapshot(folder.Id);
        }, TestContext.Current.CancellationToken);

        for (var step = 1; step <= Steps; step++)
        {
            EventLog.Append(folder.EventsFile, RunSamples.Step(step));
            if (step % 60 == 0) pages.Add(new Page(feed, folder.Id, Steps, inOne));
        }
        await written.CancelAsync();
        await rounds;

        foreach (var page in pages)
        {
            var steps = await page.AllSteps.WaitAsync(TestData.Patience, TestContext.Current.CancellationToken);
            Assert.Equal(Enumerable.Range(1, Steps).Select(i => (long)i), steps);
            page.Subscription.Dispose();
        }
    }

    /// <summary>What a page does: subscribe, snapshot, then add what the snapshot does not hold.</summary>
    private sealed class Page
    {
        private readonly Lock _gate = new();
        private readonly List<RunIncrement> _early = [];
        private readonly TaskCompletionSource<List<long>> _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly int _expected;
        private List<long>? _steps;
        private long _sequence;

        public Page(RunFeed feed, string id, int expected, bool inOne)
        {
            _expected = expected;
            RunSnapshot snapshot;
            if (inOne) Subscription = feed.Subscribe(id, Receive, out snapshot);
            else (Subscription, snapshot) = (feed.Subscribe(id, Receive), feed.Snapshot(id));
            lock (_gate)
            {
                (_steps, _sequence) = ([.. snapshot.Steps.Select(step => step.Step)], snapshot.Sequence);
                foreach (var increment in _early)
                {
                    Assert.True(!inOne || increment.FromSequence >= _sequence);
                    Add(increment);
                }
                Check();
            }
        }

        public IDisposable Subscription { get; }

        public Task<List<long>> AllSteps => _all.Task;

        private void Receive(RunIncrement increment)
        {
            lock (_gate)
            {
                if (_steps is null) _early.Add(increment);
                else Add(increment);
            }
        }

        private void Add(RunIncrement increment)
        {
            if (increment.ToSequence <= _sequence) return;
            if (increment.FromSequence != _sequence) _all.TrySetException(new InvalidOperationException($"gap or overlap: {increment.FromSequence} after {_sequence}"));
            _steps!.AddRange(increment.Events.OfType<StepEvent>().Select(step => step.Step));
            _sequence = increment.ToSequence;
            Check();
        }

        private void Check()
        {
            if (_steps!.Count >= _expected) _all.TrySetResult(_steps);
        }
    }

    [Fact]
    public async Task A_handler_that_throws_does_not_silence_the_others_and_one_that_left_hears_nothing()
    {
        var folder = RunSamples.NewRun(_root);
        RunLife.Move(folder, RunStatus.Queued, 0, null);
        using var feed = new RunFeed(_root.Runs);
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = 0;
        using var throwing = feed.Subscribe(folder.Id, _ => throw new InvalidOperationException());
        feed.Subscribe(folder.Id, _ => left++).Dispose();
        using var good = feed.Subscribe(folder.Id, _ => heard.TrySetResult());
        feed.Snapshot(folder.Id);
        await heard.Task.WaitAsync(TestData.Patience, TestContext.Current.CancellationToken);
        Assert.Equal(0, left);
    }

    [Fact]
    public void A_run_that_is_not_there_is_said_in_a_sentence()
    {
        using var feed = new RunFeed(_root.Runs);
        Assert.Contains("There is no run", Assert.Throws<UserInputException>(() => feed.Snapshot("../secret")).Message, StringComparison.Ordinal);
    }
}

/// <summary>The same with a PostgreSQL store.</summary>
public sealed class RunFeedTestsOnPostgres() : RunFeedTests(PostgresServer.Root());

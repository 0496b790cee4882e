using System.Diagnostics;
using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Runs.Store;

namespace EcgPeft.Tests.Runs;

/// <summary>The queue with real worker processes (<see cref="StubWorker"/>).</summary>
public class RunQueueTests
{
    private readonly DataRoot _root;

    public RunQueueTests() : this(RunSamples.Root())
    {
    }

    protected RunQueueTests(DataRoot root) => _root = root;

    [Fact]
    public async Task Runs_are_done_in_order_and_one_at_a_time()
    {
        using var services = RunServices.Open(_root, StubWorker.Quick);
        string[] ids = [services.Queue.Enqueue(new()), services.Queue.Enqueue(new()), services.Queue.Enqueue(new())];
        Assert.All(ids, id => Assert.Equal(RunStatus.Queued, services.Store.Find(id)!.Status));
        services.Start();

        var runs = new List<RunSummary>();
        foreach (var id in ids) runs.Add(await services.Until(id, run => run.Status == RunStatus.Completed));
        Assert.True(runs[0].EndedUtc <= runs[1].StartedUtc && runs[1].EndedUtc <= runs[2].StartedUtc);
        Assert.All(runs, run => Assert.Equal(RunSamples.Metrics.Test, run.Test));
    }

    [Fact]
    public async Task A_run_is_stopped_while_another_waits_and_both_go_on_when_resumed()
    {
        using var services = RunServices.Open(_root, StubWorker.Hold);
        services.Start();
        var first = services.Queue.Enqueue(new());
        var second = services.Queue.Enqueue(new());
        await services.Until(first, run => run.Step == 3);
        services.Queue.Stop(second);
        Assert.Equal(RunStatus.Stopped, services.Store.Find(second)!.Status);
        Assert.Equal([RunStatus.Queued, RunStatus.Stopped], RunSamples.Statuses(Folder(second)));

        services.Queue.Stop(first);
        await services.Until(first, run => run.Status == RunStatus.Stopped);
        Assert.Contains("is stopped", Assert.Throws<UserInputException>(() => services.Queue.Stop(first)).Message, StringComparison.Ordinal);

        services.Queue.Resume(first);
        var run = await services.Until(first, run => run.Status == RunStatus.Completed);
        Assert.Equal(4, run.Step);
        Assert.Equal([1L, 2L, 3L, 4L], services.Feed.Snapshot(first).Steps.Select(step => step.Step));
        Assert.Equal(
            [RunStatus.Queued, RunStatus.Running, RunStatus.Stopping, RunStatus.Stopped, RunStatus.Queued, RunStatus.Running, RunStatus.Completed],
            RunSamples.Statuses(Folder(first)));
        Assert.Contains("is completed", Assert.Throws<UserInputException>(() => services.Queue.Resume(first)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_worker_is_found_interrupted_and_the_queue_goes_on()
    {
        using var services = RunServices.Open(_root, StubWorker.Hold);
        services.Start();
        var killed = services.Queue.Enqueue(new());
        var next = services.Queue.Enqueue(new());
        await services.Until(killed, run => run.Step == 3);
        Kill(killed);

        var run = await services.Until(killed, run => run.Status == RunStatus.Interrupted);
        Assert.Contains("Interrupted at step 3", run.StatusMessage, StringComparison.Ordinal);
        await services.Until(next, run => run.Step == 3);
        Kill(next);
        await services.Until(next, run => run.Status == RunStatus.Interrupted);
    }

    [Fact]
    public async Task A_worker_outlives_the_web_and_the_next_web_takes_it_up()
    {
        string id, waiting;
        using (var web = RunServices.Open(_root, StubWorker.Hold))
        {
            web.Start();
            id = web.Queue.Enqueue(new());
            await web.Until(id, run => run.Step == 3);
            waiting = web.Queue.Enqueue(new());
        }
        Assert.True(WorkerLock.IsHeld(Folder(id)));

        using var next = RunServices.Open(_root, StubWorker.Quick);
        next.Start();
        // Its slot is taken, whoever started it.
        for (var round = 0; round < 3; round++) next.Queue.Tick();
        Assert.Equal(RunStatus.Queued, RunLife.Current(Folder(waiting)));
        Assert.Contains("stop it first", Assert.Throws<UserInputException>(() => next.Queue.Delete(id)).Message, StringComparison.Ordinal);

        next.Queue.Stop(id);
        await next.Until(id, run => run.Status == RunStatus.Stopped);
        await next.Until(waiting, run => run.Status == RunStatus.Completed);
        Assert.Equal([1L, 2L, 3L], next.Feed.Snapshot(id).Steps.Select(step => step.Step));
    }

    [Fact]
    public async Task Worker_and_web_both_killed_leave_a_run_that_the_next_web_finds_interrupted()
    {
        string id;
        using (var web = RunServices.Open(_root, StubWorker.Hold))
        {
            web.Start();
            id = web.Queue.Enqueue(new());
            await web.Until(id, run => run.Step == 3);
        }
        Kill(id);
        File.AppendAllText(Folder(id).EventsFile, """{"type":"step","step":4,"lo"""); // as a kill in mid-line leaves it

        using var next = RunServices.Open(_root, StubWorker.Quick);
        next.Start();
        Assert.Equal(RunStatus.Interrupted, next.Store.Find(id)!.Status);
        Assert.DoesNotContain(RunSamples.Events(Folder(id)), runEvent => runEvent is LogEvent);
    }

    [Fact]
    public async Task A_worker_that_ends_before_it_begins_fails_its_run_with_its_last_words()
    {
        using var services = RunServices.Open(_root, StubWorker.EndsAtOnce);
        services.Start();
        var run = await services.Until(services.Queue.Enqueue(new()), run => run.Status == RunStatus.Failed);
        Assert.Equal("The worker ended with exit code 2 before it began: the model is missing", run.StatusMessage);
    }

    [Fact]
    public async Task A_program_that_is_not_there_fails_the_run_with_a_sentence()
    {
        using var services = RunServices.Open(_root, new WorkerCommand("no-such-program", []));
        services.Start();
        var run = await services.Until(services.Queue.Enqueue(new()), run => run.Status == RunStatus.Failed);
        Assert.Contains("no-such-program could not be started", run.StatusMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deleted_run_goes_to_the_trash()
    {
        using var services = RunServices.Open(_root, StubWorker.Quick);
        var id = services.Queue.Enqueue(new());
        services.Queue.Delete(id);
        Assert.Empty(services.Store.List());
        Assert.False(Directory.Exists(Path.Combine(_root.Runs, id)));
        var kept = Assert.Single(Directory.GetDirectories(Path.Combine(_root.Path, "trash")));
        Assert.True(File.Exists(Path.Combine(kept, "recipe.json")));
        Assert.Contains("There is no run", Assert.Throws<UserInputException>(() => services.Queue.Resume(id)).Message, StringComparison.Ordinal);
    }

    private RunFolder Folder(string id) => RunFolder.Find(_root.Runs, id)!;

    private void Kill(string id)
    {
        using var process = Process.GetProcessById(WorkerLock.Owner(Folder(id))!.ProcessId);
        process.Kill();
        process.WaitForExit(TestData.Patience);
    }
}

/// <summary>The same with a PostgreSQL store.</summary>
public sealed class RunQueueTestsOnPostgres() : RunQueueTests(PostgresServer.Root());

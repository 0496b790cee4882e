using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs;

public class RunWorkerTests
{
    private readonly RunFolder _folder = RunSamples.NewRun(RunSamples.Root());

    [Fact]
    public void A_job_that_ends_completes_its_run_and_nothing_follows()
    {
        Action<RunEvent>? late = null;
        var heard = new List<RunEvent>();
        var exit = RunWorker.Run(_folder, (recipe, folder, report, stop) =>
        {
            late = report;
            report(RunSamples.Step(1));
            return TrainingOutcome.Completed;
        }, CancellationToken.None, heard.Add);
        late!(RunSamples.Step(2));

        Assert.Equal(0, exit);
        var events = RunSamples.Events(_folder);
        Assert.Equal(events, heard);
        Assert.Equal([RunStatus.Queued, RunStatus.Running, RunStatus.Completed], RunSamples.Statuses(_folder));
        Assert.Equal(1, Assert.IsType<StatusEvent>(events[^1]).Step);
        Assert.False(WorkerLock.IsHeld(_folder));
    }

    [Fact]
    public void A_worker_says_what_it_uses_while_it_works()
    {
        using var heard = new ManualResetEventSlim();
        Assert.Equal(0, RunWorker.Run(_folder, (_, folder, _, _) =>
        {
            Assert.True(heard.Wait(TestData.Patience, CancellationToken.None));
            RunSamples.Metrics.WriteTo(folder);
            return TrainingOutcome.Completed;
        }, CancellationToken.None, runEvent => { if (runEvent is SystemEvent) heard.Set(); }));
        var use = RunSummary.Read(_folder)!.System!;
        Assert.True(use is { MemoryBytes: > 1 << 20, Threads: > 0, CpuCores: >= 0 });
    }

    [Fact]
    public void A_stop_request_cancels_the_job_and_stops_the_run()
    {
        var exit = RunWorker.Run(_folder, (_, folder, report, stop) =>
        {
            report(RunSamples.Step(1));
            File.WriteAllText(folder.StopRequestFile, "");
            Assert.True(stop.WaitHandle.WaitOne(TestData.Patience));
            return TrainingOutcome.Stopped;
        }, CancellationToken.None);

        Assert.Equal(130, exit);
        Assert.Equal([RunStatus.Queued, RunStatus.Running, RunStatus.Stopping, RunStatus.Stopped], RunSamples.Statuses(_folder));
        Assert.False(File.Exists(_folder.StopRequestFile));
    }

    [Fact]
    public void Ctrl_C_stops_the_run_also_when_the_job_ends_by_cancellation()
    {
        using var stop = new CancellationTokenSource();
        var exit = RunWorker.Run(_folder, (_, _, _, token) =>
        {
            stop.Cancel();
            token.ThrowIfCancellationRequested();
            return TrainingOutcome.Completed;
        }, stop.Token);
        Assert.Equal(130, exit);
        Assert.Equal(RunStatus.Stopped, RunLife.Current(_folder));
    }

    [Fact]
    public void A_disk_without_room_for_the_details_still_takes_why_the_run_failed()
    {
        var full = new IOException("No space left on device : 'events.jsonl'", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28);
        var exit = RunWorker.Run(_folder, (_, _, report, _) =>
        {
            report(RunSamples.Step(1));
            throw full;
        }, CancellationToken.None, runEvent => { if (runEvent is LogEvent) throw full; });
        Assert.Equal(1, exit);
        Assert.Equal(RunStatus.Failed, RunLife.Current(_folder));
        Assert.StartsWith("The disk is full after step 1", RunSummary.Read(_folder)!.StatusMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stop_in_the_last_step_still_completes()
    {
        using var stop = new CancellationTokenSource();
        Assert.Equal(0, RunWorker.Run(_folder, (_, _, _, _) =>
        {
            stop.Cancel();
            return TrainingOutcome.Completed;
        }, stop.Token));
        Assert.Equal([RunStatus.Queued, RunStatus.Running, RunStatus.Stopping, RunStatus.Completed], RunSamples.Statuses(_folder));
    }

    [Fact]
    public void An_error_fails_the_run_with_a_sentence_and_its_details_in_the_log()
    {
        Assert.Equal(1, RunWorker.Run(_folder, (_, _, _, _) => throw new InvalidDataException("the checkpoint is torn"), CancellationToken.None));
        var events = RunSamples.Events(_folder);
        Assert.Contains("the checkpoint is torn", Assert.IsType<StatusEvent>(events[^1]).Message, StringComparison.Ordinal);
        Assert.Contains(nameof(RunWorkerTests), Assert.IsType<LogEvent>(events[^2]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_users_mistake_fails_the_run_and_reaches_the_command_line()
    {
        Assert.Throws<UserInputException>(() => RunWorker.Run(_folder, (_, _, _, _) => throw new UserInputException("Row 3 is short; add the missing value."), CancellationToken.None));
        var last = Assert.IsType<StatusEvent>(RunSamples.Events(_folder)[^1]);
        Assert.Equal((RunStatus.Failed, "Row 3 is short; add the missing value."), (last.Status, last.Message));
    }

    [Fact]
    public void A_resumed_run_says_where_it_goes_on_and_forgets_the_old_request()
    {
        RunWorker.Run(_folder, (_, folder, report, _) => { report(RunSamples.Step(5)); RunSamples.WriteCheckpoint(folder, 4); return TrainingOutcome.Stopped; }, CancellationToken.None);
        File.WriteAllText(_folder.StopRequestFile, "");
        Assert.Equal(0, RunWorker.Run(_folder, (_, _, _, stop) => stop.IsCancellationRequested ? TrainingOutcome.Stopped : TrainingOutcome.Completed, CancellationToken.None));
        var running = RunSamples.Events(_folder).OfType<StatusEvent>().Last(status => status.Status == RunStatus.Running);
        Assert.Equal((4L, "Goes on after step 4."), (running.Step, running.Message));
    }

    [Fact]
    public void A_run_whose_worker_was_killed_goes_on_by_way_of_interrupted()
    {
        var folder = RunSamples.Abandoned(RunSamples.Root(), step: 2);
        Assert.Equal(0, RunWorker.Run(folder, (_, _, _, _) => TrainingOutcome.Completed, CancellationToken.None));
        Assert.Equal([RunStatus.Queued, RunStatus.Running, RunStatus.Interrupted, RunStatus.Queued, RunStatus.Running, RunStatus.Completed], RunSamples.Statuses(folder));
    }

    [Fact]
    public void Two_workers_on_one_run_and_a_completed_run_are_refused()
    {
        Assert.Equal(0, RunWorker.Run(_folder, (_, folder, _, _) =>
        {
            var second = Assert.Throws<UserInputException>(() => RunWorker.Run(folder, (_, _, _, _) => TrainingOutcome.Completed, CancellationToken.None));
            Assert.Contains("Another worker", second.Message, StringComparison.Ordinal);
            return TrainingOutcome.Completed;
        }, CancellationToken.None));
        var again = Assert.Throws<UserInputException>(() => RunWorker.Run(_folder, (_, _, _, _) => TrainingOutcome.Completed, CancellationToken.None));
        Assert.Contains("is completed", again.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_may_not_change_the_state_itself()
    {
        Assert.Equal(1, RunWorker.Run(_folder, (_, _, report, _) => { report(new StatusEvent(RunStatus.Completed, 1)); return TrainingOutcome.Completed; }, CancellationToken.None));
        Assert.Equal(RunStatus.Failed, RunLife.Current(_folder));
    }
}

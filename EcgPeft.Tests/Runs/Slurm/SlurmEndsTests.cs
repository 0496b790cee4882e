using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs.Slurm;

/// <summary>Every way in which a job may end or Slurm may be silent, with programs that stand in for Slurm's: what becomes of the run.</summary>
public sealed class SlurmEndsTests : IDisposable
{
    private readonly SlurmStandIn _slurm = new();
    private readonly DataRoot _root = RunSamples.Root();

    public void Dispose() => _slurm.Dispose();

    [Theory]
    [InlineData("NODE_FAIL", "0:0", RunStatus.Queued, "lost its node n1; the run goes to Slurm again by itself (1 of at most 10 times)")]
    [InlineData("PREEMPTED", "0:15", RunStatus.Queued, "was preempted by a job of higher priority; the run goes to Slurm again by itself")]
    [InlineData("BOOT_FAIL", "0:0", RunStatus.Queued, "could not start: its node n1 did not boot; the run goes to Slurm again by itself")]
    [InlineData("TIMEOUT", "0:15", RunStatus.Queued, "reached its time limit; the run goes to Slurm again by itself")]
    [InlineData("FAILED", "75:0", RunStatus.Queued, "gave way before its time limit; the run goes to Slurm again by itself")]
    [InlineData(null, "0:0", RunStatus.Queued, "is no longer known to Slurm; the run goes to Slurm again by itself")]
    [InlineData("OUT_OF_MEMORY", "0:125", RunStatus.Interrupted, "used more memory than it had asked for; ask for more (execution.memoryMegabytes). Interrupted at step 3")]
    [InlineData("CANCELLED", "0:15", RunStatus.Interrupted, "was cancelled outside of EcgPeft. Interrupted at step 3")]
    [InlineData("DEADLINE", "0:15", RunStatus.Interrupted, "missed its deadline. Interrupted at step 3")]
    [InlineData("FAILED", "137:0", RunStatus.Interrupted, "was killed (signal 9, as when the node's memory runs out). Interrupted at step 3")]
    [InlineData("FAILED", "0:11", RunStatus.Interrupted, "was killed (signal 11). Interrupted at step 3")]
    [InlineData("FAILED", "3:0", RunStatus.Interrupted, "ended with exit code 3. Interrupted at step 3")]
    [InlineData("COMPLETED", "0:0", RunStatus.Interrupted, "ended. Interrupted at step 3")]
    public async Task A_run_at_work_whose_job_ended_says_how_and_goes_on_where_the_cluster_took_it_away(string? state, string exit, RunStatus status, string message)
    {
        using var services = Open();
        var id = await WorkingAsync(services);
        _slurm.Set("1", state, exit: exit);
        var run = await services.Until(id, run => run.Status == status && run.StatusMessage is not null);
        Assert.Contains($"Slurm job 1 {message}", run.StatusMessage, StringComparison.Ordinal);
        Assert.Contains(RunStatus.Interrupted, RunSamples.Statuses(Folder(id)));
        await services.Until(id, run => status == RunStatus.Queued ? run.Slurm is { Id: "2", Resumes: 1 } : run.Slurm!.Done);
        Assert.Equal(status == RunStatus.Queued ? 2 : 1, _slurm.Submitted);
    }

    [Theory]
    [InlineData("NODE_FAIL", RunStatus.Queued, null)]
    [InlineData("BOOT_FAIL", RunStatus.Queued, null)]
    [InlineData(null, RunStatus.Queued, null)]
    [InlineData("CANCELLED", RunStatus.Stopped, "was cancelled outside of EcgPeft before it began; resume it to put it back")]
    [InlineData("OUT_OF_MEMORY", RunStatus.Failed, "used more memory than it had asked for")]
    [InlineData("DEADLINE", RunStatus.Failed, "missed its deadline")]
    public async Task A_waiting_run_whose_job_ended_goes_to_Slurm_again_or_says_why_not(string? state, RunStatus status, string? message)
    {
        using var services = Open();
        var id = services.Queue.Enqueue(On());
        await services.Until(id, run => run.Slurm?.Id == "1");
        _slurm.Set("1", state);
        var run = await services.Until(id, run => run.Status == status && (status != RunStatus.Queued || run.Slurm is { Id: "2", Resumes: 1 }));
        if (message is not null) Assert.Contains(message, run.StatusMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_Slurm_has_put_back_as_often_as_it_does_is_replaced()
    {
        using var services = Open();
        var id = services.Queue.Enqueue(On());
        await services.Until(id, run => run.Slurm?.Id == "1");
        _slurm.Set("1", "PENDING", "JobHoldMaxRequeue");
        var run = await services.Until(id, run => run.Slurm is { Id: "2" });
        Assert.Equal((RunStatus.Queued, 1), (run.Status, run.Slurm!.Resumes));
        Assert.Equal("1", _slurm.Cancelled.Trim());
    }

    [Fact]
    public async Task A_job_that_now_has_the_number_of_a_forgotten_one_is_not_cancelled_with_it()
    {
        using var services = Open(Settings with { PollSeconds = 600 });
        var id = services.Queue.Enqueue(On());
        await services.Until(id, run => run.Slurm?.Id == "1");
        _slurm.Set("1", "PENDING", name: "of-somebody");
        services.Queue.Stop(id);
        await services.Until(id, run => run.Status == RunStatus.Stopped);
        Assert.Equal("", _slurm.Cancelled);
    }

    [Fact]
    public async Task How_often_Slurm_itself_has_put_a_job_back_counts()
    {
        using var services = Open(Settings with { AutomaticResumes = 3 });
        var id = await WorkingAsync(services);
        _slurm.Set("1", "PREEMPTED", restarts: 3);
        var left = await services.Until(id, run => run is { Status: RunStatus.Interrupted, Slurm.Done: true });
        Assert.Equal("Slurm job 1 was preempted by a job of higher priority.", left.Slurm!.Note);
        services.Queue.Resume(id); // a person begins the count anew
        await services.Until(id, run => run.Slurm is { Id: "2" });
        _slurm.Set("2", "RUNNING");
        await services.Until(id, run => run.Slurm is { Id: "2", State: "RUNNING" }); // a worker in a waiting job would be one that was lost
        Begin(id);
        _slurm.Set("2", "PREEMPTED", restarts: 1);
        await services.Until(id, run => run.Slurm is { Id: "3", Resumes: 2 });
    }

    [Fact]
    public async Task Another_job_of_the_same_number_is_not_taken_for_the_runs_own()
    {
        using var services = Open();
        var id = await WorkingAsync(services);
        _slurm.Set("1", "RUNNING", name: "somebody-elses");
        await services.Until(id, run => run.Slurm is { Id: "2", Resumes: 1 });
        Assert.Contains("is no longer known to Slurm", RunSamples.Events(Folder(id)).OfType<StatusEvent>().Last().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task From_silence_nothing_is_concluded_and_each_command_has_its_time()
    {
        using var services = Open(Settings with { CommandSeconds = 0.5 });
        var id = await WorkingAsync(services);
        _slurm.Before("squeue", "sleep 30 &\nwait; exit 0");
        _slurm.Set("1", null);
        await UntilAsync(() => services.Queue.Slurm!.Trouble == "squeue has not answered within 0.5 seconds.");
        _slurm.Program("squeue", "exit 0");
        _slurm.Program("scontrol", "echo 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)' >&2; exit 1");
        await UntilAsync(() => services.Queue.Slurm!.Trouble?.Contains("Unable to contact", StringComparison.Ordinal) == true);
        _slurm.Program("scontrol", "echo 'scontrol: error: something new' >&2; exit 1");
        await UntilAsync(() => services.Queue.Slurm!.Trouble?.Contains("something new", StringComparison.Ordinal) == true);
        Assert.Equal(RunStatus.Running, RunLife.Current(Folder(id)));
        Assert.Equal(1, _slurm.Submitted);
    }

    [Fact]
    public async Task A_submission_that_hangs_is_found_by_its_name_and_not_made_twice_and_warnings_are_no_errors()
    {
        _slurm.Before("sbatch", "echo 'sbatch: warning: the moon is full' >&2");
        _slurm.Before("squeue", "echo 'squeue: warning: so it is' >&2");
        using var services = Open(Settings with { CommandSeconds = 1 });
        var first = services.Queue.Enqueue(On());
        await services.Until(first, run => run.Slurm?.Id == "1");

        _slurm.Before("sbatch", "(sleep 5 &)");
        var second = services.Queue.Enqueue(On()); // the job is made, but the program's output stays open
        await services.Until(second, run => run.Slurm?.Id == "2");
        Assert.Equal(2, _slurm.Submitted);
    }

    [Fact]
    public async Task A_run_that_waits_again_can_be_stopped_and_a_deleted_one_waits_again_when_it_is_given_back()
    {
        using var services = Open();
        var id = await WorkingAsync(services);
        RunLife.Move(Folder(id), RunStatus.Stopping, 3, null);
        RunLife.Move(Folder(id), RunStatus.Interrupted, 3, "Its time limit was near.");
        _slurm.Set("1", "COMPLETING"); // between the worker's end and the job's return to the queue
        await services.Until(id, run => run is { Status: RunStatus.Interrupted, Slurm.State: "COMPLETING" });
        _slurm.Set("1", "PENDING");
        services.Queue.Stop(id);
        Assert.True(SlurmJob.Read(Folder(id))!.Done);
        Assert.Contains(RunLife.Current(Folder(id)), new RunStatus?[] { RunStatus.Interrupted, RunStatus.Stopped });

        var waiting = services.Queue.Enqueue(On());
        await services.Until(waiting, run => run.Slurm?.Id == "2");
        var deleted = services.Queue.Delete(waiting);
        services.Library.Restore(deleted.Name);
        await services.Until(waiting, run => run is { Status: RunStatus.Queued, Slurm.Id: "3" });
    }

    [Fact]
    public async Task A_search_goes_as_arrays_waits_for_what_goes_on_and_does_not_try_for_ever_what_does_not()
    {
        using var services = Open();
        var id = services.Studies.Create(new() { Base = On() with { Data = new() { Path = "/data/segments.csv", Hash = "h" }, Training = new() { Epochs = 2 } }, Search = new(SearchKind.Random, [SearchDimension.Parse("training.learningRate=0.01..0.99")], 2), Yardsticks = [] });
        var (first, second) = ($"{id}-trial-01", $"{id}-trial-02");
        await services.Until(second, run => run.Slurm?.Id == "2_1"); // after job 1, which computes what the trials share
        Assert.Contains("#SBATCH --array=0-1\n", File.ReadAllText(Path.GetFullPath(Path.Combine(Folder(second).Path, SlurmJob.Read(Folder(second))!.Script!))), StringComparison.Ordinal);

        _slurm.Set("2_0", "RUNNING");
        await services.Until(first, run => run.Slurm?.State == "RUNNING");
        Begin(first);
        RunLife.Move(Folder(first), RunStatus.Stopping, 3, null);
        RunLife.Move(Folder(first), RunStatus.Interrupted, 3, "Its time limit was near.");
        _slurm.Set("2_0", "COMPLETING");
        await services.Until(first, run => run is { Status: RunStatus.Interrupted, Slurm.State: "COMPLETING" });
        Assert.Equal(StudyStatus.Running, services.Studies.Find(id).Status);
        _slurm.Set("2_0", "PENDING", "BeginTime");
        await services.Until(first, run => run is { Status: RunStatus.Queued, Slurm.Id: "2_0" });

        foreach (var (trial, job) in new[] { (first, "2_0"), (second, "2_1") })
        {
            _slurm.Set(job, "RUNNING");
            await services.Until(trial, run => run.Slurm?.State == "RUNNING");
            Begin(trial);
            _slurm.Set(job, "CANCELLED");
            await services.Until(trial, run => run is { Status: RunStatus.Interrupted, Slurm.Done: true });
        }
        await UntilAsync(() => services.Studies.Find(id).Status == StudyStatus.Stopped);
        Assert.Empty(services.Studies.Find(id).Lost);
        Assert.Equal(2, _slurm.Submitted);
        services.Studies.Resume(id);
        await services.Until(second, run => run is { Status: RunStatus.Queued, Slurm.Id: "4_1" });
    }

    [Fact]
    public void A_job_that_is_not_wanted_any_more_leaves_the_run_alone()
    {
        var folder = RunSamples.NewRun(_root);
        RunLife.Move(folder, RunStatus.Queued, 0, null);
        File.WriteAllText(folder.SlurmFile, """{ "name": "ecgpeft-new", "id": "2", "state": "PENDING" }""");
        Assert.Equal(RunWorker.StoppedExitCode, RunWorker.Run(folder, Never, CancellationToken.None, task: new("1", "n1", 3, default, default, "ecgpeft-old")));
        Assert.Equal([RunStatus.Queued], RunSamples.Statuses(folder));
        static TrainingOutcome Never(Recipe recipe, RunFolder run, Action<RunEvent> report, CancellationToken stop) => throw new InvalidOperationException("It must not begin.");
    }

    [Fact]
    public async Task A_job_that_begins_again_lets_the_former_worker_write_its_checkpoint_first()
    {
        var folder = RunSamples.NewRun(_root);
        RunLife.Move(folder, RunStatus.Queued, 0, null);
        var former = Task.Run(() => RunWorker.Run(folder, (_, run, report, stop) =>
        {
            report(RunSamples.Plan);
            report(RunSamples.Step(1));
            stop.WaitHandle.WaitOne();
            RunSamples.WriteCheckpoint(run, 1);
            return TrainingOutcome.Stopped;
        }, CancellationToken.None, task: new("17", "lost", 3, default, default)), TestContext.Current.CancellationToken);
        await UntilAsync(() => RunSamples.Events(folder).OfType<StepEvent>().Any());
        var code = RunWorker.Run(folder, (_, run, report, _) =>
        {
            report(RunSamples.Step(2));
            RunSamples.Metrics.WriteTo(run);
            return TrainingOutcome.Completed;
        }, CancellationToken.None, task: new("17", "new", 2, default, default));
        Assert.Equal((0, RunWorker.StoppedExitCode), (code, await former));
        Assert.Equal([RunStatus.Queued, RunStatus.Running, RunStatus.Stopping, RunStatus.Interrupted, RunStatus.Queued, RunStatus.Running, RunStatus.Completed], RunSamples.Statuses(folder));
        Assert.Contains("Slurm has begun job 17 for the run on node new. Interrupted after step 1: the step was finished and a checkpoint written; that job goes on with it.", RunSamples.Events(folder).OfType<StatusEvent>().Single(status => status.Status == RunStatus.Interrupted).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.StopRequestFile));
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\"b")]
    [InlineData("a\\b")]
    public async Task A_folder_that_no_script_can_name_is_refused_in_one_sentence(string name)
    {
        using var services = RunServices.Open(new DataRoot(Directory.CreateDirectory(Path.Combine(_root.Path, name)).FullName), StubWorker.Quick, slurm: Settings);
        services.Start();
        var id = services.Queue.Enqueue(On());
        var run = await services.Until(id, run => run.Status == RunStatus.Failed);
        Assert.Contains("cannot go to Slurm: its path holds a quotation mark, a backslash or a control character; give it another name", run.StatusMessage, StringComparison.Ordinal);
        Assert.Equal(0, _slurm.Submitted);
    }

    private static SlurmSettings Settings { get; } = SlurmCluster.Settings with { PollSeconds = 0.2 };

    private static Recipe On() => new() { Execution = new() { Executor = ExecutorKind.Slurm } };

    private static async Task UntilAsync(Func<bool> reached)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!reached()) await Task.Delay(20, patience.Token);
    }

    private RunServices Open(SlurmSettings? settings = null)
    {
        var services = RunServices.Open(_root, StubWorker.Quick, slurm: settings ?? Settings);
        services.Start();
        return services;
    }

    /// <summary>A run with job 1, at work at its third step; nobody holds its lock.</summary>
    private async Task<string> WorkingAsync(RunServices services)
    {
        var id = services.Queue.Enqueue(On());
        await services.Until(id, run => run.Slurm?.Id == "1");
        _slurm.Set("1", "RUNNING");
        await services.Until(id, run => run.Slurm?.State == "RUNNING");
        Begin(id);
        await services.Until(id, run => run is { Status: RunStatus.Running, Step: 3 });
        return id;
    }

    /// <summary>What its worker says when it begins.</summary>
    private void Begin(string id)
    {
        using var held = WorkerLock.TryTake(Folder(id))!;
        RunLife.Move(Folder(id), RunStatus.Running, 0, null);
        for (var step = 1; step <= 3; step++) EventLog.Append(Folder(id).EventsFile, RunSamples.Step(step));
    }

    private RunFolder Folder(string id) => new(Path.Combine(_root.Runs, id));
}

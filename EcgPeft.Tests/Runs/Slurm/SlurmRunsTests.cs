using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs.Slurm;

/// <summary>Runs on a real Slurm, through the queue: what happens to them there, and what the dashboard makes of it.</summary>
[Trait("Category", "Slurm")]
public sealed class SlurmRunsTests(SlurmCluster cluster) : IAsyncLifetime
{
    private readonly DataRoot _root = RunSamples.Root();

    public async ValueTask InitializeAsync() => await cluster.NeedAsync();

    public async ValueTask DisposeAsync() => await SlurmCluster.ToolAsync("scancel", "--user", Environment.UserName);

    [Fact]
    public async Task A_run_waits_works_and_completes_in_a_job_and_a_person_stops_one_gracefully()
    {
        using var services = Open(StubWorker.Hold);
        var id = services.Queue.Enqueue(On());
        var working = await UntilAsync(services, id, run => run is { Status: RunStatus.Running, Step: 3, Slurm.Node: not null });
        Assert.Equal(("RUNNING", 0), (working.Slurm!.State, working.Slurm.Resumes));
        Assert.Equal(working.Slurm.Id, await SlurmCluster.ToolAsync("squeue", "--noheader", "--name", working.Slurm.Name!, "--format=%i"));
        Assert.Contains("--signal=B:USR1@120", File.ReadAllText(Folder(id).SlurmScriptFile), StringComparison.Ordinal);
        Assert.Contains("A worker is at work", Assert.Throws<UserInputException>(() => services.Queue.Delete(id)).Message, StringComparison.Ordinal);

        services.Queue.Stop(id);
        var stopped = await UntilAsync(services, id, run => run is { Status: RunStatus.Stopped, Slurm.Done: true });
        Assert.Contains("a checkpoint written", stopped.StatusMessage, StringComparison.Ordinal);
        Assert.Equal("COMPLETED", stopped.Slurm!.State);
        services.Queue.Resume(id);
        var run = await UntilAsync(services, id, run => run.Status == RunStatus.Completed);
        Assert.Equal((4, RunSamples.Metrics.Test), (run.Step, run.Test));
        Assert.Equal([RunStatus.Queued, RunStatus.Running, RunStatus.Stopping, RunStatus.Stopped, RunStatus.Queued, RunStatus.Running, RunStatus.Completed], RunSamples.Statuses(Folder(id)));
    }

    [Fact]
    public async Task Scancel_outside_interrupts_a_run_at_work_and_stops_one_that_waits()
    {
        using var services = Open(StubWorker.Hold);
        var (working, waiting) = (services.Queue.Enqueue(On()), services.Queue.Enqueue(On(partition: "closed")));
        var job = (await UntilAsync(services, working, run => run is { Step: 3, Slurm.Id: not null })).Slurm!.Id!;
        await UntilAsync(services, waiting, run => run.Slurm?.Reason == "PartitionDown");
        await SlurmCluster.ToolAsync("scancel", job, services.Monitor.Runs.Single(run => run.Id == waiting).Slurm!.Id!);

        var interrupted = await UntilAsync(services, working, run => run is { Status: RunStatus.Interrupted, Slurm.Done: true });
        Assert.Contains("after step 3: the step was finished and a checkpoint written", interrupted.StatusMessage, StringComparison.Ordinal);
        Assert.Equal($"Slurm job {job} was cancelled outside of EcgPeft.", interrupted.Slurm!.Note);
        Assert.Contains("was cancelled outside of EcgPeft before it began", (await UntilAsync(services, waiting, run => run.Status == RunStatus.Stopped)).StatusMessage, StringComparison.Ordinal);
        services.Queue.Resume(working);
        await UntilAsync(services, working, run => run.Status == RunStatus.Completed);
    }

    [Fact]
    public async Task Before_its_time_limit_a_run_writes_a_checkpoint_and_its_job_goes_into_the_queue_again()
    {
        // Slurm knows minutes; it looks at time limits twice a minute.
        using var services = Open(StubWorker.Hold, SlurmCluster.Settings with { SignalSeconds = 58 });
        var id = services.Queue.Enqueue(On(partition: "short", timeLimit: "1"));
        var job = (await UntilAsync(services, id, run => run is { Step: 3, Slurm.Id: not null })).Slurm!.Id!;
        var run = await UntilAsync(services, id, run => run.Status == RunStatus.Completed);
        Assert.Equal((4, job), (run.Step, run.Slurm!.Id));
        var interrupted = RunSamples.Events(Folder(id)).OfType<StatusEvent>().Single(status => status.Status == RunStatus.Interrupted);
        Assert.Contains("came near its time limit", interrupted.Message, StringComparison.Ordinal);
        Assert.Contains("goes on by itself", interrupted.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_preempted_run_goes_to_Slurm_again_but_not_more_often_than_it_may()
    {
        using var services = Open(StubWorker.Hold, SlurmCluster.Settings with { AutomaticResumes = 0 });
        var id = services.Queue.Enqueue(On());
        var job = (await UntilAsync(services, id, run => run is { Step: 3, Slurm.Id: not null })).Slurm!.Id!;
        await PreemptAsync();
        var left = await UntilAsync(services, id, run => run is { Status: RunStatus.Interrupted, Slurm.Done: true });
        Assert.Equal(("PREEMPTED", $"Slurm job {job} was preempted by a job of higher priority."), (left.Slurm!.State, left.Slurm.Note));
        services.Dispose();

        using var patient = Open(StubWorker.Hold);
        var second = patient.Queue.Enqueue(On());
        job = (await UntilAsync(patient, second, run => run is { Step: 3, Slurm.Id: not null })).Slurm!.Id!;
        await PreemptAsync();
        var run = await UntilAsync(patient, second, run => run.Status == RunStatus.Completed);
        Assert.Equal((4, 1), (run.Step, run.Slurm!.Resumes));
        Assert.NotEqual(job, run.Slurm.Id);
        Assert.Contains(RunSamples.Events(Folder(second)).OfType<StatusEvent>(), status => status.Status == RunStatus.Queued && status.Message?.Contains("was preempted by a job of higher priority; the run goes to Slurm again by itself (1 of at most 10 times)", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_full_partition_is_said_and_a_waiting_run_can_be_taken_back_or_deleted()
    {
        using var services = Open(StubWorker.Quick);
        await SlurmCluster.ToolAsync("sbatch", "--parsable", "--cpus-per-task=16", "--output=/dev/null", "--wrap=sleep 60");
        var (first, second) = (services.Queue.Enqueue(On()), services.Queue.Enqueue(On()));
        var waiting = await UntilAsync(services, first, run => run.Slurm?.Reason is "Resources" or "Priority");
        Assert.Equal((RunStatus.Queued, "PENDING"), (waiting.Status, waiting.Slurm!.State));
        await UntilAsync(services, second, run => run.Slurm?.Id is not null);
        services.Queue.Stop(first);
        Assert.Equal(RunStatus.Stopped, services.Monitor.Runs.Single(run => run.Id == first).Status);
        services.Queue.Delete(second);
        Assert.Equal("sbatch", (await SlurmCluster.ToolAsync("squeue", "--noheader", "--format=%j", "--states=pending,running")).Split('\n').Select(name => name == "wrap" ? "sbatch" : name).Single());
        await SlurmCluster.ToolAsync("scancel", "--name=wrap");
        services.Queue.Resume(first);
        await UntilAsync(services, first, run => run.Status == RunStatus.Completed);
    }

    [Fact]
    public async Task A_refused_job_and_a_worker_that_cannot_begin_fail_with_one_sentence()
    {
        using var services = Open(StubWorker.EndsAtOnce);
        var (refused, broken) = (services.Queue.Enqueue(On(partition: "nowhere")), services.Queue.Enqueue(On()));
        var message = (await UntilAsync(services, refused, run => run.Status == RunStatus.Failed)).StatusMessage;
        Assert.Equal("Slurm refused the job: Invalid partition name specified; correct the settings and resume the run, or begin a new one that asks for something else.", message);
        message = (await UntilAsync(services, broken, run => run.Status == RunStatus.Failed)).StatusMessage;
        Assert.Contains("ended with exit code 2", message, StringComparison.Ordinal);
        Assert.Contains("the model is missing", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dead_node_is_found_and_the_run_goes_on_when_it_is_back()
    {
        using var services = Open(StubWorker.Hold);
        var id = services.Queue.Enqueue(On());
        await UntilAsync(services, id, run => run is { Step: 3, Slurm.Node: not null });
        await cluster.CrashNodeAsync(); // nobody writes a checkpoint
        RunSamples.WriteCheckpoint(Folder(id), 3);
        await UntilAsync(services, id, run => run.Status == RunStatus.Queued && run.StatusMessage is not null);
        await cluster.StartAgainAsync();
        var run = await UntilAsync(services, id, run => run.Status == RunStatus.Completed);
        Assert.Equal([RunStatus.Queued, RunStatus.Running, RunStatus.Interrupted, RunStatus.Queued, RunStatus.Running, RunStatus.Completed], RunSamples.Statuses(Folder(id)));
        Assert.Equal(4, run.Step);
    }

    [Fact]
    public async Task A_worker_that_Slurm_lost_sight_of_gives_way_to_the_one_that_begins_again()
    {
        using var services = Open(StubWorker.Hold);
        var id = services.Queue.Enqueue(On());
        var job = (await UntilAsync(services, id, run => run is { Step: 3, Slurm.Node: not null })).Slurm!.Id!;
        // The daemon of the job dies and its processes live on; Slurm finds that out by itself, and begins the job again.
        await SlurmCluster.ToolAsync("pkill", "-KILL", "-f", $@"slurmstepd: \[{job}\.batch\]");
        var run = await UntilAsync(services, id, run => run.Status == RunStatus.Completed);
        Assert.Equal((4, job), (run.Step, run.Slurm!.Id));
        Assert.Equal([RunStatus.Queued, RunStatus.Running, RunStatus.Stopping, RunStatus.Interrupted, RunStatus.Queued, RunStatus.Running, RunStatus.Completed], RunSamples.Statuses(Folder(id)));
        Assert.Contains($"Slurm has begun job {job} for the run", RunSamples.Events(Folder(id)).OfType<StatusEvent>().Single(status => status.Status == RunStatus.Interrupted).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_name_of_a_folder_or_run_is_a_command_for_the_shell()
    {
        var root = new DataRoot(Directory.CreateDirectory(Path.Combine(_root.Path, "it's $(touch pwned) `touch pwned`; touch pwned & 100%j #x")).FullName);
        using var services = RunServices.Open(root, StubWorker.Quick, slurm: SlurmCluster.Settings);
        services.Start();
        var id = services.Queue.Enqueue(On() with { Name = "$(touch pwned)\n#SBATCH --hold\n'\"`touch pwned`" });
        await UntilAsync(services, id, run => run.Status == RunStatus.Completed);
        var study = services.Studies.Create(new() { Base = On() with { Data = new() { Path = "/data/segments.csv", Hash = "h" } }, Seeds = [1, 2], Name = "'; touch pwned; '" });
        foreach (var run in services.Studies.Find(study).Runs) await UntilAsync(services, run.Summary!.Id, run => run.Status == RunStatus.Completed);
        Assert.Empty(Directory.GetFiles(_root.Path, "pwned", SearchOption.AllDirectories));
        Assert.False(File.Exists("pwned"));
    }

    [Fact]
    public async Task A_run_for_Slurm_where_there_is_none_is_refused_and_an_installation_may_send_all_runs_there()
    {
        var recipe = On();
        using (var without = RunServices.Open(_root, StubWorker.Quick)) Assert.Contains("EcgPeft:Slurm:Enabled", Assert.Throws<UserInputException>(() => without.Queue.Enqueue(recipe)).Message, StringComparison.Ordinal);
        using var services = Open(StubWorker.Quick, SlurmCluster.Settings with { Usual = true });
        var (there, here) = (services.Queue.Enqueue(new Recipe()), services.Queue.Enqueue(new Recipe { Execution = new() { Executor = ExecutorKind.Local } }));
        Assert.NotNull((await UntilAsync(services, there, run => run.Status == RunStatus.Completed)).Slurm);
        Assert.Null((await UntilAsync(services, here, run => run.Status == RunStatus.Completed)).Slurm);
    }

    /// <summary>Slurm takes its time: a requeued job some seconds, a dead node half a minute.</summary>
    private static Task<RunSummary> UntilAsync(RunServices services, string id, Predicate<RunSummary> reached) => services.Until(id, reached);

    private static Recipe On(string? partition = null, string? timeLimit = null) => new() { Execution = new() { Executor = ExecutorKind.Slurm, Partition = partition, TimeLimit = timeLimit } };

    private static async Task PreemptAsync() => await SlurmCluster.ToolAsync("sbatch", "--wait", "--partition=urgent", "--cpus-per-task=16", "--output=/dev/null", "--wrap=true");

    private RunServices Open(WorkerCommand worker, SlurmSettings? settings = null)
    {
        var services = RunServices.Open(_root, worker, slurm: settings ?? SlurmCluster.Settings);
        services.Start();
        return services;
    }

    private RunFolder Folder(string id) => new(Path.Combine(_root.Runs, id));
}

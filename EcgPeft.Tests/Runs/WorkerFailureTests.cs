using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Tests.Training;
using TorchSharp;

namespace EcgPeft.Tests.Runs;

/// <summary>What goes wrong in a worker is said in one sentence, with what to do.</summary>
public class WorkerFailureTests
{
    private readonly RunFolder _folder = RunSamples.NewRun(RunSamples.Root());

    [Fact]
    public void Memory_that_libtorch_cannot_get_is_reported_with_what_to_lower()
    {
        Assert.Equal(1, RunWorker.Run(_folder, (_, _, report, _) =>
        {
            report(RunSamples.Step(7));
            using var impossible = torch.zeros(1L << 50, dtype: torch.float64);
            return TrainingOutcome.Completed;
        }, CancellationToken.None));
        var message = Last().Message!;
        Assert.Contains("Memory ran out after step 7 (", message, StringComparison.Ordinal);
        Assert.Contains("GB more were asked for", message, StringComparison.Ordinal);
        Assert.Contains("lower training.batchSize (now 32)", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_full_disk_is_said_and_the_run_can_go_on()
    {
        Assert.Equal(1, RunWorker.Run(_folder, (_, _, _, _) => throw new IOException("No space left on device : '/data/x'", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28), CancellationToken.None));
        Assert.Contains("The disk is full", Last().Message, StringComparison.Ordinal);
        Assert.True(RunLife.MayResume(Last().Status));
    }

    [Fact]
    public void A_disk_that_is_full_while_a_checkpoint_is_written_is_said_the_same_way()
    {
        var full = new IOException("No space left on device : '/data/x'", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28);
        Assert.Equal(1, RunWorker.Run(_folder, (_, _, report, _) =>
        {
            report(RunSamples.Step(7));
            throw new EcgPeft.Core.Checkpoints.CheckpointException("/data/x", "the file cannot be written", full);
        }, CancellationToken.None));
        Assert.Equal("The disk is full after step 7 (No space left on device : '/data/x'); make room, then resume the run: it goes on from its last checkpoint.", Last().Message);
        Assert.StartsWith("The disk is full (No space left on device : '/data/x'); nothing was changed.", FileTrouble.Explain(full), StringComparison.Ordinal);
        Assert.StartsWith("A file of the data folder cannot be used", FileTrouble.Explain(new UnauthorizedAccessException("Access to '/data/x' is denied.")), StringComparison.Ordinal);
        Assert.Null(FileTrouble.Explain(new InvalidOperationException()));
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_the_run_and_names_step_and_learning_rate()
    {
        var small = new SmallRun(SmallRun.DefaultRecipe with { Training = SmallRun.DefaultRecipe.Training with { LearningRate = 1e30, WarmupFraction = 0, MaxGradientNorm = 0 } });
        Assert.Equal(1, RunWorker.Run(_folder, (_, _, report, _) =>
        {
            small.OnEvent = report;
            small.Run();
            return TrainingOutcome.Completed;
        }, CancellationToken.None));
        Assert.Equal(RunStatus.Failed, Last().Status);
        Assert.Matches($@"^The loss became (NaN|∞|-∞|Infinity) at step {Last().Step} with learning rate [\d.]+E\+\d+; try a lower learning rate", Last().Message!);
    }

    [Theory]
    [InlineData(0.95, true)]
    [InlineData(0.3, false)]
    public void A_worker_that_was_as_large_as_the_machine_when_it_died_was_probably_ended_for_it(double share, bool said)
    {
        var root = RunSamples.Root();
        var folder = RunSamples.Abandoned(root, step: 2);
        EventLog.Append(folder.EventsFile, new SystemEvent(1, (long)(share * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes), 20));
        using var services = RunServices.Open(root, StubWorker.Quick);
        services.Monitor.Tick();
        var message = services.Store.Find(folder.Id)!.StatusMessage!;
        Assert.StartsWith("Interrupted at step 2, ", message, StringComparison.Ordinal);
        Assert.Equal(said, message.Contains("lack of memory: lower training.batchSize", StringComparison.Ordinal));
    }

    private StatusEvent Last() => Assert.IsType<StatusEvent>(RunSamples.Events(_folder)[^1]);
}

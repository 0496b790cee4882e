using EcgPeft.Core;
using EcgPeft.Core.Runs.Slurm;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs.Slurm;

/// <summary>What is read from Slurm's programs and decided by it; no Slurm is needed.</summary>
public sealed class SlurmWordsTests
{
    [Fact]
    public void A_queue_is_read_with_arrays_odd_reasons_and_noise()
    {
        var queue = SlurmView.ParseQueue("17_3|ecgpeft-a|PENDING||ReqNodeNotAvail, UnavailableNodes:n[1-4]|odd\n18|other|RUNNING|node7|None\n19|x|CANCELLED by 1000||None\nslurm_load_jobs error: noise\n");
        Assert.Equal(
            [
                new("17_3", "ecgpeft-a", "PENDING", null, "ReqNodeNotAvail, UnavailableNodes:n[1-4]|odd"),
                new("18", "other", "RUNNING", "node7", null),
                new("19", "x", "CANCELLED", null, null),
            ], queue);
        Assert.Equal((3, null), (queue[0].Index, queue[1].Index));
        Assert.Equal((true, false, false), (queue[0].Waits, queue[1].Waits, queue[2].Waits));
        Assert.Equal((false, false, true), (queue[0].Ended, queue[1].Ended, queue[2].Ended));
    }

    [Fact]
    public void Accounting_and_the_controllers_description_are_read()
    {
        Assert.Equal([new("17_3", "ecgpeft-a", "TIMEOUT", "n1", null, 0, null, 15), new("18", "b", "CANCELLED", null, null, 0)], SlurmView.ParseAccounting("17_3|ecgpeft-a|TIMEOUT|0:15|n1\n18|b|CANCELLED by 0|0:0|None assigned\n"));
        var job = SlurmView.ParseJob("21", "JobId=21 JobName=ecgpeft-x UserId=a(1) JobState=FAILED Reason=NonZeroExitCode Restarts=2 ExitCode=75:0 ReqNodeList=(null) NodeList=n2 BatchHost=n2");
        Assert.Equal(new SlurmView("21", "ecgpeft-x", "FAILED", "n2", "NonZeroExitCode", 75, 2), job);
        Assert.Null(SlurmView.ParseJob("21", "slurm_load_jobs error: Invalid job id specified"));
    }

    [Theory]
    [InlineData("sbatch: error: invalid partition specified: nope\nsbatch: error: Batch job submission failed: Invalid partition name specified\n", "Invalid partition name specified")]
    [InlineData("sbatch: error: Memory specification can not be satisfied\n", "Memory specification can not be satisfied")]
    [InlineData("bash: fork failed\n", "bash: fork failed")]
    public void A_refusal_is_one_sentence(string error, string sentence) => Assert.Equal(sentence, SlurmWords.Refusal(error));

    [Fact]
    public void Silence_is_no_refusal()
    {
        Assert.True(SlurmWords.IsTransient("slurm_load_jobs error: Unable to contact slurm controller (connect failure)"));
        Assert.False(SlurmWords.IsTransient("sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified"));
    }

    [Fact]
    public void A_reason_is_said_in_words_and_in_slurms_own()
    {
        Assert.StartsWith("the partition is full", SlurmWords.Waits("Resources"), StringComparison.Ordinal);
        Assert.Contains("(ReqNodeNotAvail, UnavailableNodes:n1)", SlurmWords.Waits("ReqNodeNotAvail, UnavailableNodes:n1"), StringComparison.Ordinal);
        Assert.Contains("QOSMaxJobsPerUserLimit", SlurmWords.Waits("QOSMaxJobsPerUserLimit"), StringComparison.Ordinal);
        Assert.EndsWith("goes first (Dependency: PartitionDown)", SlurmWords.Waits("Dependency: PartitionDown"), StringComparison.Ordinal);
        Assert.Equal("SomethingNew", SlurmWords.Waits("SomethingNew"));
    }

    // status, job's state (- for one that Slurm no longer knows) and exit code, settled, alive, resumes left
    [Theory]
    [InlineData(RunStatus.Queued, "PENDING", 0, true, false, 3, SlurmAction.Wait)]
    [InlineData(RunStatus.Running, "RUNNING", 0, true, true, 3, SlurmAction.Wait)]
    [InlineData(RunStatus.Running, "COMPLETING", 0, true, false, 3, SlurmAction.Wait)]
    [InlineData(RunStatus.Completed, "COMPLETED", 0, false, false, 3, SlurmAction.Finish)]
    [InlineData(RunStatus.Stopped, "PENDING", 0, false, false, 3, SlurmAction.Cancel)]
    [InlineData(RunStatus.Interrupted, "PENDING", 0, false, false, 3, SlurmAction.QueuedAgain)]
    [InlineData(RunStatus.Running, "PENDING", 0, true, false, 3, SlurmAction.QueuedAgain)]
    [InlineData(RunStatus.Running, "PENDING", 0, false, false, 3, SlurmAction.Wait)] // the folder may be seen late
    [InlineData(RunStatus.Running, "COMPLETED", 0, false, false, 3, SlurmAction.Wait)] // its last word may be on its way
    [InlineData(RunStatus.Running, "COMPLETED", 0, true, false, 3, SlurmAction.Interrupt)]
    [InlineData(RunStatus.Running, "PREEMPTED", 0, true, false, 3, SlurmAction.Resume)]
    [InlineData(RunStatus.Running, "PREEMPTED", 0, true, false, 0, SlurmAction.Interrupt)] // bounded
    [InlineData(RunStatus.Running, "NODE_FAIL", 0, true, true, 3, SlurmAction.AskToGiveWay)] // cut off, but alive
    [InlineData(RunStatus.Running, "NODE_FAIL", 0, true, false, 3, SlurmAction.Resume)]
    [InlineData(RunStatus.Running, "TIMEOUT", 0, true, false, 3, SlurmAction.Resume)]
    [InlineData(RunStatus.Running, "OUT_OF_MEMORY", 0, true, false, 3, SlurmAction.Interrupt)] // it would run out again
    [InlineData(RunStatus.Running, "CANCELLED", 0, true, false, 3, SlurmAction.Interrupt)] // somebody wanted it
    [InlineData(RunStatus.Running, "-", 0, true, false, 3, SlurmAction.Resume)]
    [InlineData(RunStatus.Interrupted, "FAILED", 75, true, false, 3, SlurmAction.Resume)] // its shell could not requeue it
    [InlineData(RunStatus.Interrupted, "CANCELLED", 0, true, false, 3, SlurmAction.Finish)]
    [InlineData(RunStatus.Queued, "CANCELLED", 0, true, false, 3, SlurmAction.StopWaiting)]
    [InlineData(RunStatus.Queued, "FAILED", 2, true, false, 3, SlurmAction.FailWaiting)]
    [InlineData(RunStatus.Queued, "NODE_FAIL", 0, true, false, 3, SlurmAction.Resume)]
    public void What_follows_from_where_run_and_job_stand(RunStatus status, string state, int exit, bool settled, bool alive, int left, SlurmAction action) =>
        Assert.Equal(action, SlurmDecision.Next(status, state == "-" ? null : new("1", "n", state, null, null, exit), settled, alive, left));

    [Fact]
    public void Settings_are_read_and_a_wrong_one_is_named()
    {
        var values = new Dictionary<string, string> { ["Enabled"] = "true", ["Partition"] = "gpu", ["MemoryMegabytes"] = "16000", ["TimeLimit"] = "1-00:00:00", ["Options:0"] = "--constraint=a100", ["Setup:0"] = "module load cuda", ["Setup:1"] = "ulimit -c 0" };
        var settings = SlurmSettings.Read(key => values.GetValueOrDefault(key["EcgPeft:Slurm:".Length..]));
        Assert.Equal(("gpu", 16000, "1-00:00:00", true), (settings.Resources.Partition, settings.Resources.MemoryMegabytes, settings.Resources.TimeLimit, settings.Enabled));
        Assert.Equal(["module load cuda", "ulimit -c 0"], settings.Setup);
        foreach (var (name, wrong) in new[] { ("Cpus", "many"), ("Cpus", "0"), ("Partition", "a b"), ("TimeLimit", "1h"), ("Options:0", "constraint"), ("SignalSeconds", "0"), ("PollSeconds", "0"), ("AutomaticResumes", "-1"), ("CommandSeconds", "0"), ("Options:0", "--job-name=mine"), ("Options:0", "-a0-5"), ("Options:0", "--no-requeue") })
        {
            var message = Assert.Throws<UserInputException>(() => SlurmSettings.Read(key => key == $"EcgPeft:Slurm:{name}" ? wrong : null)).Message;
            Assert.Contains(wrong, message, StringComparison.Ordinal);
            Assert.Contains($"EcgPeft:Slurm:{name.Split(':')[0]}", message, StringComparison.OrdinalIgnoreCase);
        }
    }
}

using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs;

public class RunLifeTests
{
    // The whole table, as docs/architecture.md draws it: one letter a status in the order of the enum, what may follow each.
    private static readonly Dictionary<RunStatus, RunStatus[]> Drawn = new()
    {
        [RunStatus.Queued] = [RunStatus.Running, RunStatus.Stopped, RunStatus.Failed],
        [RunStatus.Running] = [RunStatus.Stopping, RunStatus.Completed, RunStatus.Failed, RunStatus.Interrupted],
        [RunStatus.Stopping] = [RunStatus.Stopped, RunStatus.Completed, RunStatus.Failed, RunStatus.Interrupted],
        [RunStatus.Stopped] = [RunStatus.Queued],
        [RunStatus.Completed] = [],
        [RunStatus.Failed] = [RunStatus.Queued],
        [RunStatus.Interrupted] = [RunStatus.Queued],
    };

    public static TheoryData<RunStatus, RunStatus> Pairs()
    {
        var pairs = new TheoryData<RunStatus, RunStatus>();
        foreach (var from in Enum.GetValues<RunStatus>())
            foreach (var to in Enum.GetValues<RunStatus>()) pairs.Add(from, to);
        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_run_moves_as_drawn_and_no_other_way(RunStatus from, RunStatus to)
    {
        var folder = RunSamples.NewRun(RunSamples.Root());
        EventLog.Append(folder.EventsFile, new StatusEvent(from, 7));

        if (Drawn[from].Contains(to))
        {
            RunLife.Move(folder, to, 8, "why");
            Assert.Equal(to, RunLife.Current(folder));
            Assert.Equal([from, to], RunSamples.Statuses(folder));
        }
        else
        {
            var error = Assert.Throws<InvalidOperationException>(() => RunLife.Move(folder, to, 8, "why"));
            Assert.Contains($"from {from} to {to}", error.Message, StringComparison.Ordinal);
            Assert.Equal([from], RunSamples.Statuses(folder));
        }
    }

    [Fact]
    public void A_new_run_can_only_be_queued_or_found_abandoned()
    {
        var allowed = Enum.GetValues<RunStatus>().Where(to => RunLife.MayMove(null, to));
        Assert.Equal([RunStatus.Queued, RunStatus.Interrupted], allowed);
    }

    [Fact]
    public void The_status_is_found_however_much_follows_it()
    {
        var folder = RunSamples.NewRun(RunSamples.Root());
        RunLife.Move(folder, RunStatus.Queued, 0, null);
        RunLife.Move(folder, RunStatus.Running, 0, null);
        for (var line = 0; line < 1500; line++) EventLog.Append(folder.EventsFile, new LogEvent("info", new string('x', 100)));
        Assert.True(new FileInfo(folder.EventsFile).Length > 2 * 64 * 1024);
        Assert.Equal(RunStatus.Running, RunLife.Current(folder));
    }

    [Fact]
    public void A_lock_has_one_holder_and_names_it()
    {
        var folder = RunSamples.NewRun(RunSamples.Root());
        Assert.False(WorkerLock.IsHeld(folder));
        using (var taken = WorkerLock.TryTake(folder))
        {
            Assert.NotNull(taken);
            Assert.True(WorkerLock.IsHeld(folder));
            Assert.Null(WorkerLock.TryTake(folder));
            Assert.Equal(Environment.ProcessId, WorkerLock.Owner(folder)!.ProcessId);
        }
        Assert.False(WorkerLock.IsHeld(folder));
        Assert.Null(WorkerLock.Owner(folder));
        using var again = WorkerLock.TryTake(folder);
        Assert.NotNull(again);
    }
}

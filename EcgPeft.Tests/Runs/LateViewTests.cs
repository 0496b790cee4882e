using EcgPeft.Core;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs;

/// <summary>A shared folder shows events late, shorter or with holes for a while: nothing is lost, nothing comes twice.</summary>
public sealed class LateViewTests
{
    private readonly DataRoot _root = RunSamples.Root();

    [Fact]
    public async Task A_tail_that_is_seen_late_shorter_or_with_a_hole_gives_every_event_once()
    {
        var folder = OnSlurm();
        for (var step = 1; step <= 60; step++) EventLog.Append(folder.EventsFile, RunSamples.Step(step));
        EventLog.Append(folder.EventsFile, RunSamples.Epoch(1, best: true));
        var all = File.ReadAllBytes(folder.EventsFile);
        var lines = Enumerable.Range(0, all.Length).Where(i => all[i] == '\n').Select(i => i + 1).ToList();

        using var feed = new RunFeed(_root.Runs);
        var got = new List<RunIncrement>();
        var whole = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        File.WriteAllBytes(folder.EventsFile, all[..lines[4]]);
        using var subscription = feed.Subscribe(folder.Id, increment =>
        {
            got.Add(increment);
            if (increment.ToSequence == all.Length) whole.TrySetResult();
        });

        void Seen(ReadOnlySpan<byte> view)
        {
            File.WriteAllBytes(folder.EventsFile, view);
            feed.Snapshot(folder.Id);
        }
        Seen(all.AsSpan(0, lines[20])); // late
        Seen(all.AsSpan(0, lines[9])); // an older view again
        Seen(all.AsSpan(0, lines[9] + 7)); // an older one that ends within a line
        Seen(all.AsSpan(0, lines[30] + 11)); // a line that is not whole
        var hole = all.ToArray();
        hole.AsSpan(lines[33] - 20, 60).Clear(); // the length is known, what is in it not yet
        Seen(hole);
        Seen(all.AsSpan(0, lines[35]));
        Seen(all);
        Seen(all.AsSpan(0, lines[50]));
        Seen(all);
        await whole.Task.WaitAsync(TestData.Patience, TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(1, 60).Select(i => (long)i), got.SelectMany(increment => increment.Events).OfType<StepEvent>().Select(step => step.Step));
        Assert.DoesNotContain(got.SelectMany(increment => increment.Events), e => e is LogEvent { Level: "warning" });
        Assert.All(got.Zip(got.Skip(1)), pair => Assert.Equal(pair.First.ToSequence, pair.Second.FromSequence));
        Assert.Equal(60, feed.Snapshot(folder.Id).Steps.Count);
    }

    [Fact]
    public void Another_log_in_its_place_is_read_anew_and_metrics_that_are_late_are_waited_for()
    {
        var folder = OnSlurm();
        for (var step = 1; step <= 9; step++) EventLog.Append(folder.EventsFile, RunSamples.Step(step));
        using var feed = new RunFeed(_root.Runs);
        using var page = feed.Subscribe(folder.Id, _ => { }); // so that the reader is kept
        Assert.Equal(9, feed.Snapshot(folder.Id).Summary.Step);

        File.Delete(folder.EventsFile);
        RunLife.Move(folder, RunStatus.Queued, 0, null);
        RunLife.Move(folder, RunStatus.Running, 0, null);
        EventLog.Append(folder.EventsFile, RunSamples.Step(1));
        Assert.Equal([1L], feed.Snapshot(folder.Id).Steps.Select(step => step.Step));

        RunLife.Move(folder, RunStatus.Completed, 1, null);
        Assert.Equal(RunStatus.Running, feed.Snapshot(folder.Id).Summary.Status); // metrics are another file, so they may be seen later
        RunSamples.Metrics.WriteTo(folder);
        var done = feed.Snapshot(folder.Id).Summary;
        Assert.Equal((RunStatus.Completed, RunSamples.Metrics.Test), (done.Status, done.Test));
    }

    private RunFolder OnSlurm()
    {
        var folder = RunFolder.Create(_root.Runs, new Recipe { Data = new() { Path = "/data/demo/segments.csv" }, Execution = new() { Executor = ExecutorKind.Slurm } });
        RunLife.Move(folder, RunStatus.Queued, 0, null);
        RunLife.Move(folder, RunStatus.Running, 0, null);
        return folder;
    }
}

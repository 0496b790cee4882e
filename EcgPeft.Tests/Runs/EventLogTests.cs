using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs;

public class EventLogTests
{
    private readonly string _path = Path.Combine(TestData.TemporaryFolder(), "events.jsonl");

    [Fact]
    public void Every_kind_of_event_reads_back_as_it_was()
    {
        RunEvent[] events =
        [
            new StatusEvent(RunStatus.Running, 3, "Goes on after step 3."), RunSamples.Plan, RunSamples.Step(4) with { Loss = 0.1 + 0.2, GradientNorm = double.NaN },
            RunSamples.Epoch(1, best: true), new LogEvent("warning", "quotes \" and\nline ends"),
        ];
        foreach (var runEvent in events) EventLog.Append(_path, runEvent);

        var batch = EventLog.Read(_path, 0);
        Assert.Equal(events, batch.Events);
        Assert.All(batch.Events, runEvent => Assert.Equal(DateTimeKind.Utc, runEvent.Time.Kind));
        Assert.Equal(new FileInfo(_path).Length, batch.NextOffset);
        Assert.Empty(EventLog.Read(_path, batch.NextOffset).Events);
    }

    [Fact]
    public void Lines_have_the_names_that_scripts_lean_on()
    {
        EventLog.Append(_path, RunSamples.Step(1) with { Time = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc) });
        Assert.Equal(
            """{"type":"step","step":1,"epoch":1,"loss":1,"learningRate":0.001,"gradientNorm":0.5,"segmentsPerSecond":100,"time":"2026-01-02T03:04:05Z"}""" + "\n",
            File.ReadAllText(_path));
    }

    [Fact]
    public void An_absent_file_holds_nothing() => Assert.Equal(0, EventLog.Read(_path, 0).NextOffset);

    [Fact]
    public void An_incomplete_last_line_is_left_until_it_is_complete()
    {
        EventLog.Append(_path, RunSamples.Step(1));
        var end = new FileInfo(_path).Length;
        File.AppendAllText(_path, """{"type":"log","level":"info",""");
        var first = EventLog.Read(_path, 0);
        Assert.Single(first.Events);
        Assert.Equal(end, first.NextOffset);

        File.AppendAllText(_path, "\"message\":\"whole\",\"time\":\"2026-01-02T03:04:05Z\"}\n");
        var second = EventLog.Read(_path, first.NextOffset);
        Assert.Equal("whole", Assert.IsType<LogEvent>(Assert.Single(second.Events)).Message);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"type":"step","step":2,"epoch":1,"loss":0.5""")]
    public void What_a_killed_writer_left_is_cut_off_by_the_next(string torn)
    {
        EventLog.Append(_path, RunSamples.Step(1));
        File.AppendAllText(_path, torn);
        EventLog.Append(_path, RunSamples.Step(2));
        Assert.Equal([1L, 2L], EventLog.Read(_path, 0).Events.Cast<StepEvent>().Select(step => step.Step));
    }

    [Fact]
    public void A_torn_line_longer_than_a_block_is_cut_off_too()
    {
        EventLog.Append(_path, RunSamples.Step(1));
        File.AppendAllText(_path, new string('x', 10_000));
        EventLog.Append(_path, RunSamples.Step(2));
        Assert.Equal(2, File.ReadAllLines(_path).Length);
    }

    [Fact]
    public void An_unreadable_line_is_reported_with_its_place_and_the_rest_is_read()
    {
        EventLog.Append(_path, RunSamples.Step(1));
        var offset = new FileInfo(_path).Length;
        File.AppendAllText(_path, "\0\0\0 not json\n");
        EventLog.Append(_path, RunSamples.Step(2));

        var events = EventLog.Read(_path, 0).Events;
        Assert.Equal(3, events.Count);
        var warning = Assert.IsType<LogEvent>(events[1]);
        Assert.Equal("warning", warning.Level);
        Assert.Contains($"byte {offset} ", warning.Message, StringComparison.Ordinal);
        Assert.Equal(2, Assert.IsType<StepEvent>(events[2]).Step);
    }

    [Theory]
    [InlineData("""{"type":"step","time":"2026-01-02T03:04:05Z"}""")]
    [InlineData("""{"type":"step","step":2,"epoch":1,"learningRate":0.001,"gradientNorm":0.5,"segmentsPerSecond":100,"time":"2026-01-02T03:04:05Z"}""")] // no loss
    [InlineData("""{"type":"step","step":2,"epoch":1,"loss":null,"learningRate":0.001,"gradientNorm":0.5,"segmentsPerSecond":100,"time":"2026-01-02T03:04:05Z"}""")]
    [InlineData("""{"type":"step","step":2,"epoch":1,"loss":1,"learningRate":0.001,"gradientNorm":0.5,"segmentsPerSecond":100}""")] // no time
    [InlineData("""{"type":"status","status":"completed","time":"2026-01-02T03:04:05Z"}""")] // no step
    [InlineData("""{"type":"status","step":2,"time":"2026-01-02T03:04:05Z"}""")]
    [InlineData("""{"type":"epoch","epoch":1,"step":2,"time":"2026-01-02T03:04:05Z"}""")]
    [InlineData("""{"type":"log","level":"info","message":null,"time":"2026-01-02T03:04:05Z"}""")]
    [InlineData("""{"step":2,"time":"2026-01-02T03:04:05Z"}""")]
    public void A_line_without_what_its_type_has_is_left_out_and_no_value_is_made_up(string line)
    {
        EventLog.Append(_path, RunSamples.Step(1));
        var offset = new FileInfo(_path).Length;
        File.AppendAllText(_path, line + "\n");
        EventLog.Append(_path, RunSamples.Step(3));

        var events = EventLog.Read(_path, 0).Events;
        Assert.Equal([1L, 3L], events.OfType<StepEvent>().Select(step => step.Step));
        Assert.Contains($"byte {offset} of events.jsonl cannot be read and was left out", Assert.IsType<LogEvent>(events[1]).Message, StringComparison.Ordinal);
        Assert.Equal(3, events.Count);
    }

    [Fact]
    public void Types_and_fields_of_a_later_version_do_not_disturb()
    {
        File.WriteAllText(_path, """
            {"type":"weather","time":"2026-01-02T03:04:05Z","cpu":0.5}
            {"time":"2026-01-02T03:04:05Z","message":"m","level":"info","type":"log","colour":"red"}

            """);
        Assert.Equal("m", Assert.IsType<LogEvent>(Assert.Single(EventLog.Read(_path, 0).Events)).Message);
    }

    [Fact]
    public async Task Concurrent_appends_stay_whole_while_somebody_reads()
    {
        const int Writers = 4, Each = 200;
        using var done = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            var seen = new List<RunEvent>();
            long offset = 0;
            for (var last = false; ;)
            {
                var batch = EventLog.Read(_path, offset);
                seen.AddRange(batch.Events);
                offset = batch.NextOffset;
                if (last) return seen;
                last = done.IsCancellationRequested;
            }
        }, TestContext.Current.CancellationToken);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++) EventLog.Append(_path, RunSamples.Step(writer * Each + i));
        })));
        await done.CancelAsync();

        var steps = (await reader).Cast<StepEvent>().Select(step => step.Step).Order();
        Assert.Equal(Enumerable.Range(0, Writers * Each).Select(i => (long)i), steps);
    }
}

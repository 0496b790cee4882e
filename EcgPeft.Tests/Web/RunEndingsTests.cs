using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Web.Live;

namespace EcgPeft.Tests.Web;

public sealed class RunEndingsTests
{
    [Fact]
    public void An_end_is_told_once_and_only_of_runs_that_were_at_work()
    {
        var endings = new RunEndings([Row("old", RunStatus.Completed), Row("a", RunStatus.Running, 25), Row("b", RunStatus.Running, 75)]);
        Assert.Equal(0.5, endings.Progress);
        Assert.False(endings.Ends(Row("a", RunStatus.Running, 50)));
        Assert.False(endings.Ends(Row("a", RunStatus.Stopping, 50)));
        Assert.True(endings.Ends(Row("a", RunStatus.Stopped, 50)));
        Assert.False(endings.Ends(Row("a", RunStatus.Stopped, 50)));
        Assert.Equal(0.75, endings.Progress);
        Assert.True(endings.Ends(Row("b", RunStatus.Failed, 80)));
        Assert.Null(endings.Progress);
        Assert.False(endings.Ends(Row("old", RunStatus.Completed)));
        Assert.False(endings.Ends(Row("found later", RunStatus.Completed)));
    }

    [Theory]
    [InlineData(RunStatus.Failed, "a failed: The loss became NaN at step 4.")]
    [InlineData(RunStatus.Interrupted, "a was interrupted at step 1,234; it can be resumed.")]
    [InlineData(RunStatus.Stopped, "a is stopped at step 1,234.")]
    [InlineData(RunStatus.Completed, "a is completed.")]
    public void Every_end_has_its_sentence(RunStatus status, string sentence) =>
        Assert.Equal(sentence, RunEndings.Sentence(Row("a", status, 1234) with { StatusMessage = "The loss became NaN at step 4." }));

    private static RunSummary Row(string id, RunStatus status, long step = 0) =>
        new() { Id = id, Name = id, Status = status, StatusTime = default, CreatedUtc = default, LastEventUtc = default, Step = step, TotalSteps = 100 };
}

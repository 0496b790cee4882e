using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Runs.Studies;

public sealed class StudyStateTests
{
    [Fact]
    public void Runs_that_were_made_and_never_started_do_not_count_as_failed()
    {
        var now = DateTime.UtcNow;
        RunSummary Run(RunStatus status, DateTime? started, string? broken = null) => new() { Id = "r", Name = "r", Status = status, StatusTime = now, CreatedUtc = now, LastEventUtc = now, StartedUtc = started, Broken = broken };
        int Failed(params RunSummary?[] runs)
        {
            var seats = runs.Select((run, i) => new StudyRunState(new StudyRun($"r{i}", "demo/hubert", "lora", i), run, false)).ToList();
            var study = new Study(now, new() { Path = "/data/segments.csv" }, ["demo/hubert"], ["lora"], [1], [], [.. seats.Select(seat => seat.Run)], []);
            return new StudyState("s", study, StudyStatus.Stopped, seats, 0, 1, null).Failed;
        }

        // A folder that was only made reads as interrupted as soon as somebody asks how it stands, and one that waits may not be there at all.
        Assert.Equal(0, Failed(null, Run(RunStatus.Interrupted, null), Run(RunStatus.Queued, null), Run(RunStatus.Stopped, now), Run(RunStatus.Running, now), Run(RunStatus.Completed, now)));
        Assert.Equal(1, Failed(Run(RunStatus.Interrupted, now), Run(RunStatus.Completed, now))); // it lost its worker
        Assert.Equal(2, Failed(Run(RunStatus.Failed, now), Run(RunStatus.Queued, null, "recipe.json cannot be read."), null));
    }
}

using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>Where a study stands.</summary>
public enum StudyStatus
{
    /// <summary>Runs wait or are at work, or the search goes on by itself.</summary>
    Running,

    /// <summary>Nothing happens; it can be resumed.</summary>
    Stopped,

    /// <summary>Every run is completed; of a search, its winners are tested.</summary>
    Completed,

    /// <summary>Nothing happens and runs have failed; resuming tries them again.</summary>
    Failed,
}

/// <summary>A study of the data folder and where it stands.</summary>
/// <param name="Id">Name of its folder below <see cref="DataRoot.Studies"/>.</param>
/// <param name="Study">The study.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Runs">Its runs, of a search the winners' last.</param>
/// <param name="EpochsDone">Finished epochs of all runs together.</param>
/// <param name="EpochsLeft">Epochs that are still to be trained: at the most, or of successive halving about.</param>
/// <param name="SecondsLeft">Probable seconds to the end by the pace so far; null before there is one, and while nothing happens.</param>
public sealed record StudyState(string Id, Study Study, StudyStatus Status, IReadOnlyList<StudyRunState> Runs, double EpochsDone, double EpochsLeft, double? SecondsLeft)
{
    /// <summary>The classical methods, as rows of the results.</summary>
    public IReadOnlyList<StudyCell> Yardsticks { get; init; } = [];

    /// <summary>Why the classical methods could not be computed, in a sentence; null where nothing is wrong.</summary>
    public string? Trouble { get; init; }

    /// <summary>Why a search could not decide how to go on, in a sentence; null where nothing is wrong.</summary>
    public string? SearchTrouble { get; init; }

    /// <summary>Of a search: which models and methods have no winner, and why, a sentence each.</summary>
    public IReadOnlyList<string> Lost { get; init; } = [];

    /// <summary>Runs that are completed.</summary>
    public int Completed => Runs.Count(run => run.Summary?.Status == RunStatus.Completed);

    /// <summary>Runs that have failed or lost their worker; one that was only made and waits for its turn is none.</summary>
    public int Failed => Runs.Count(run => run.Summary is { Status: RunStatus.Failed } or { Status: RunStatus.Interrupted, StartedUtc: not null } or { Broken: not null });

    /// <summary>Part that is done, 0 to 1, by epochs.</summary>
    public double Share => Status == StudyStatus.Completed ? 1 : EpochsDone + EpochsLeft > 0 ? EpochsDone / (EpochsDone + EpochsLeft) : 0;

    /// <summary>Results so far: for each model, method and variant the runs and what they achieved. Of a search, the winners alone.</summary>
    public IReadOnlyList<StudyCell> Table => [.. Runs.Where(run => Study.Compared.Contains(run.Run)).GroupBy(run => (run.Run.Model, run.Run.Method, run.Run.Variant))
        .Select(group => new StudyCell(group.Key.Model, group.Key.Method, group.Key.Variant, group.Count(), [.. group.Select(run => run.Summary?.Test).OfType<BinaryMetrics>()]))];
}

/// <summary>Repetitions of one model, method and variant: seeds and folds.</summary>
/// <param name="Model">Model, as the study names it.</param>
/// <param name="Method">PEFT method.</param>
/// <param name="Variant">Point of the grid; empty where there is none.</param>
/// <param name="Asked">How many runs there are to be.</param>
/// <param name="Test">Test metrics of the completed ones.</param>
public sealed record StudyCell(string Model, string Method, string Variant, int Asked, IReadOnlyList<BinaryMetrics> Test)
{
    /// <summary>Mean and sample standard deviation of a metric over the completed runs; no spread for a lone value, null for none.</summary>
    /// <param name="metric">The metric; null where the data do not define it.</param>
    public (double Mean, double? Deviation, int Count)? Of(Func<BinaryMetrics, double?> metric)
    {
        return Spread.Of(Test.Select(metric).OfType<double>()) is var (mean, deviation, count) ? (mean, deviation, count) : null;
    }
}

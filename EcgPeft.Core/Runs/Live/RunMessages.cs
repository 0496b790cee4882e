using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Live;

/// <summary>What the server calls on a browser that watches runs (<c>/hubs/runs</c>).</summary>
public interface IRunClient
{
    /// <summary>A run has gone on.</summary>
    /// <param name="runId">Which run.</param>
    /// <param name="increment">What is new; at most about five of these come in a second.</param>
    Task Increment(string runId, CurveIncrement increment);
}

/// <summary>Everything that the curves of a run show when a page opens.</summary>
/// <param name="Sequence">Up to where this goes; the first increment that matters begins here.</param>
/// <param name="TotalSteps">Different steps that the run has done.</param>
/// <param name="Steps">Its steps in order, thinned where they are many (first, lowest, highest and last of each part).</param>
/// <param name="Redone">What was said first of steps that a resumed run did again, thinned in the same way; they count no more.</param>
/// <param name="Resumes">Where the run was taken up again.</param>
/// <param name="Epochs">All epochs, in order.</param>
/// <param name="System">What the worker used over time.</param>
/// <param name="Run">Where the run stands.</param>
/// <param name="Pace">What turns a step into epochs and segments; null until the worker has said so.</param>
public sealed record CurveSnapshot(
    long Sequence, int TotalSteps, StepColumns Steps, StepColumns Redone, IReadOnlyList<ResumePoint> Resumes, IReadOnlyList<EpochPoint> Epochs, SystemColumns System, RunStanding Run, CurvePace? Pace)
{
    /// <summary>Parts that a long curve is divided into before anybody zooms.</summary>
    private const int Buckets = 300;

    /// <summary>Of everything so far.</summary>
    /// <param name="snapshot">It.</param>
    public static CurveSnapshot Of(RunSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        // A step may have been done more than twice; for the shape of what does not count any more, the order of the steps will do.
        var redone = snapshot.Redone.OrderBy(step => step.Step).ToList();
        return new(
            snapshot.Sequence, snapshot.Steps.Count, StepColumns.Of(CurveWindow.Of(snapshot.Steps, 0, long.MaxValue, Buckets).Steps), StepColumns.Of(CurveWindow.Of(redone, 0, long.MaxValue, Buckets).Steps),
            snapshot.Resumes, [.. snapshot.Epochs.Select(EpochPoint.Of)], SystemColumns.Of(Largest(snapshot.System)), RunStanding.Of(snapshot.Summary), CurvePace.Of(snapshot.Plan, snapshot.Summary));
    }

    /// <summary>Of a long run, some hundreds: of each stretch the one with most memory.</summary>
    private static IEnumerable<SystemEvent> Largest(IReadOnlyList<SystemEvent> uses) => uses.Chunk((uses.Count / 1000) + 1).Select(part => part.MaxBy(use => use.MemoryBytes)!);
}

/// <summary>What the curves of a run show anew. A step or epoch that is there already was done again by a resumed run: it replaces the old one.</summary>
/// <param name="FromSequence">Where this begins: the end of what came before. If it is another place, ask for a new snapshot.</param>
/// <param name="ToSequence">Where this ends.</param>
/// <param name="TotalSteps">Different steps that the run has done now.</param>
/// <param name="Steps">New steps, all of them, in order.</param>
/// <param name="Redone">What was said before of those of them that had been done already.</param>
/// <param name="Resumes">Where the run was taken up again.</param>
/// <param name="Epochs">New epochs, in order.</param>
/// <param name="System">What the worker used.</param>
/// <param name="Run">Where the run stands now.</param>
/// <param name="Pace">What turns a step into epochs and segments, where the worker has just said so.</param>
public sealed record CurveIncrement(
    long FromSequence, long ToSequence, int TotalSteps, StepColumns Steps, StepColumns Redone, IReadOnlyList<ResumePoint> Resumes, IReadOnlyList<EpochPoint> Epochs, SystemColumns System, RunStanding Run, CurvePace? Pace)
{
    /// <summary>Of what came one after the other.</summary>
    /// <param name="increments">At least one.</param>
    public static CurveIncrement Of(IReadOnlyList<RunIncrement> increments)
    {
        ArgumentNullException.ThrowIfNull(increments);
        var events = increments.SelectMany(increment => increment.Events).ToList();
        return new(
            increments[0].FromSequence, increments[^1].ToSequence, increments[^1].TotalSteps, StepColumns.Of(events.OfType<StepEvent>()), StepColumns.Of(increments.SelectMany(increment => increment.Redone)),
            [.. increments.SelectMany(increment => increment.Resumes)], [.. events.OfType<EpochEvent>().Select(EpochPoint.Of)], SystemColumns.Of(events.OfType<SystemEvent>()), RunStanding.Of(increments[^1].Summary), CurvePace.Of(events.OfType<PlanEvent>().LastOrDefault(), increments[^1].Summary));
    }
}

/// <summary>A stretch of the step curves.</summary>
/// <param name="From">First step asked for.</param>
/// <param name="To">Last step asked for.</param>
/// <param name="Total">Steps that the run has in it.</param>
/// <param name="Steps">The steps that were kept.</param>
public sealed record StepWindow(long From, long To, int Total, StepColumns Steps)
{
    /// <summary>Of a window.</summary>
    /// <param name="window">It.</param>
    public static StepWindow Of(CurveWindow window) => window is null ? throw new ArgumentNullException(nameof(window)) : new(window.From, window.To, window.Total, StepColumns.Of(window.Steps));
}

using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Web.Hubs;

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
/// <param name="Steps">Its steps in order, thinned where they are many (see <see cref="RunHub.Steps"/>).</param>
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

    internal static CurveSnapshot Of(RunSnapshot snapshot)
    {
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
    internal static CurveIncrement Of(IReadOnlyList<RunIncrement> increments)
    {
        var events = increments.SelectMany(increment => increment.Events).ToList();
        return new(
            increments[0].FromSequence, increments[^1].ToSequence, increments[^1].TotalSteps, StepColumns.Of(events.OfType<StepEvent>()), StepColumns.Of(increments.SelectMany(increment => increment.Redone)),
            [.. increments.SelectMany(increment => increment.Resumes)], [.. events.OfType<EpochEvent>().Select(EpochPoint.Of)], SystemColumns.Of(events.OfType<SystemEvent>()), RunStanding.Of(increments[^1].Summary), CurvePace.Of(events.OfType<PlanEvent>().LastOrDefault(), increments[^1].Summary));
    }
}

/// <summary>What turns a step into epochs, segments and time at work.</summary>
/// <param name="StepsPerEpoch">Optimiser steps in each epoch.</param>
/// <param name="TrainingSegments">Segments that an epoch sees.</param>
/// <param name="Started">When a worker began first: milliseconds since 1970, UTC.</param>
public sealed record CurvePace(long StepsPerEpoch, int TrainingSegments, long? Started)
{
    internal static CurvePace? Of(PlanEvent? plan, RunSummary run) => plan is { StepsPerEpoch: > 0 } ? new(plan.StepsPerEpoch, plan.TrainingSegments, run.StartedUtc is { } started ? Moments.Milliseconds(started) : null) : null;
}

/// <summary>Where a run stands, for programs that follow it without a page.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Message">One sentence: why it has this status, or where it goes on; or null.</param>
/// <param name="Step">Last finished step.</param>
/// <param name="TotalSteps">Steps at the most; null until the worker has said so.</param>
/// <param name="Epoch">Epoch of the last step, from 1; 0 before the first.</param>
/// <param name="Epochs">Epochs at the most.</param>
/// <param name="Test">Metrics on the test split; null before it is completed.</param>
public sealed record RunStanding(RunStatus Status, string? Message, long Step, long? TotalSteps, int Epoch, int Epochs, BinaryMetrics? Test)
{
    internal static RunStanding Of(RunSummary run) => new(run.Status, run.StatusMessage, run.Step, run.TotalSteps, run.Epoch, run.Epochs, run.Test);
}

/// <summary>A stretch of the step curves.</summary>
/// <param name="From">First step asked for.</param>
/// <param name="To">Last step asked for.</param>
/// <param name="Total">Steps that the run has in it.</param>
/// <param name="Steps">The steps that were kept.</param>
public sealed record StepWindow(long From, long To, int Total, StepColumns Steps)
{
    internal static StepWindow Of(CurveWindow window) => new(window.From, window.To, window.Total, StepColumns.Of(window.Steps));
}

/// <summary>Steps as columns: a long run has many. Numbers may be <c>"NaN"</c>, <c>"Infinity"</c> or <c>"-Infinity"</c>.</summary>
/// <param name="Step">Global steps, from 1.</param>
/// <param name="Epoch">Epochs, from 1.</param>
/// <param name="Time">When each was done: milliseconds since 1970, UTC.</param>
/// <param name="Loss">Mean loss of the batch.</param>
/// <param name="LearningRate">Learning rates.</param>
/// <param name="GradientNorm">Norms of the gradients before clipping.</param>
/// <param name="SegmentsPerSecond">Speeds.</param>
public sealed record StepColumns(
    IReadOnlyList<long> Step, IReadOnlyList<int> Epoch, IReadOnlyList<long> Time, IReadOnlyList<double> Loss, IReadOnlyList<double> LearningRate, IReadOnlyList<double> GradientNorm, IReadOnlyList<double> SegmentsPerSecond)
{
    internal static StepColumns Of(IEnumerable<StepEvent> steps)
    {
        var done = steps.ToList();
        return new(
            done.ConvertAll(step => step.Step), done.ConvertAll(step => step.Epoch), done.ConvertAll(step => Moments.Milliseconds(step.Time)), done.ConvertAll(step => step.Loss),
            done.ConvertAll(step => step.LearningRate), done.ConvertAll(step => step.GradientNorm), done.ConvertAll(step => Math.Round(step.SegmentsPerSecond, 2)));
    }
}

/// <summary>What a worker used, as columns.</summary>
/// <param name="Time">When: milliseconds since 1970, UTC.</param>
/// <param name="CpuCores">Cores at work.</param>
/// <param name="MemoryBytes">Resident memory.</param>
/// <param name="Threads">Threads of the process.</param>
public sealed record SystemColumns(IReadOnlyList<long> Time, IReadOnlyList<double> CpuCores, IReadOnlyList<long> MemoryBytes, IReadOnlyList<int> Threads)
{
    internal static SystemColumns Of(IEnumerable<SystemEvent> events)
    {
        var uses = events.ToList();
        return new(uses.ConvertAll(use => Moments.Milliseconds(use.Time)), uses.ConvertAll(use => use.CpuCores), uses.ConvertAll(use => use.MemoryBytes), uses.ConvertAll(use => use.Threads));
    }
}

internal static class Moments
{
    public static long Milliseconds(DateTime time) => new DateTimeOffset(time.ToUniversalTime()).ToUnixTimeMilliseconds();
}

/// <summary>One epoch on the curves; metrics are of the validation split, null in pre-training or where they are not defined.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Step">Global step at its end.</param>
/// <param name="Time">When: milliseconds since 1970, UTC.</param>
/// <param name="TrainingLoss">Mean loss of its steps.</param>
/// <param name="ValidationLoss">Mean loss on the validation split.</param>
/// <param name="Seconds">Wall time with its validation.</param>
/// <param name="Best">Whether these weights were the best so far.</param>
/// <param name="Accuracy">Share called rightly.</param>
/// <param name="Precision">TP / (TP + FP).</param>
/// <param name="Recall">TP / (TP + FN).</param>
/// <param name="F1">Harmonic mean of precision and recall.</param>
/// <param name="Auroc">Area under the ROC curve.</param>
/// <param name="Specificity">TN / (TN + FP).</param>
/// <param name="BalancedAccuracy">Mean of recall and specificity.</param>
/// <param name="Mcc">Matthews correlation coefficient.</param>
/// <param name="AveragePrecision">Area under the precision-recall steps.</param>
/// <param name="Brier">Mean squared difference of probability and label.</param>
/// <param name="Ece">Expected calibration error.</param>
/// <param name="LogLoss">Mean negative log likelihood.</param>
public sealed record EpochPoint(
    int Epoch, long Step, long Time, double TrainingLoss, double ValidationLoss, double Seconds, bool Best, double? Accuracy, double? Precision, double? Recall, double? F1, double? Auroc,
    double? Specificity, double? BalancedAccuracy, double? Mcc, double? AveragePrecision, double? Brier, double? Ece, double? LogLoss)
{
    internal static EpochPoint Of(EpochEvent epoch)
    {
        var v = epoch.Validation;
        return new(
            epoch.Epoch, epoch.Step, Moments.Milliseconds(epoch.Time), epoch.TrainingLoss, epoch.ValidationLoss, epoch.Seconds, epoch.Best, v?.Accuracy, v?.Precision, v?.Recall, v?.F1, v?.Auroc,
            v?.Specificity, v?.BalancedAccuracy, v?.Mcc, v?.AveragePrecision, v?.Brier, v?.Ece, v?.LogLoss);
    }
}

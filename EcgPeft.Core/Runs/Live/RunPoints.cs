using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Live;

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

using System.Text.Json.Serialization;
using EcgPeft.Core.Evaluation;

namespace EcgPeft.Core.Training;

/// <summary>Where a run stands in its life; see docs/architecture.md for the transitions.</summary>
public enum RunStatus
{
    /// <summary>Waits for a worker.</summary>
    Queued,

    /// <summary>A worker trains it.</summary>
    Running,

    /// <summary>Asked to stop; the worker finishes its step and writes a checkpoint.</summary>
    Stopping,

    /// <summary>Stopped by a person; can be resumed.</summary>
    Stopped,

    /// <summary>Finished; metrics and predictions are there.</summary>
    Completed,

    /// <summary>Ended with an error that its message explains.</summary>
    Failed,

    /// <summary>Its worker died; can be resumed.</summary>
    Interrupted,
}

/// <summary>One line of <c>events.jsonl</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(StatusEvent), "status")]
[JsonDerivedType(typeof(PlanEvent), "plan")]
[JsonDerivedType(typeof(StepEvent), "step")]
[JsonDerivedType(typeof(EpochEvent), "epoch")]
[JsonDerivedType(typeof(LogEvent), "log")]
[JsonDerivedType(typeof(SystemEvent), "system")]
public abstract record RunEvent
{
    /// <summary>When it happened, UTC (ISO 8601 in the file).</summary>
    [JsonRequired]
    public DateTime Time { get; init; } = DateTime.UtcNow;
}

/// <summary>The run changed its status.</summary>
/// <param name="Status">The new status.</param>
/// <param name="Step">The last finished optimiser step.</param>
/// <param name="Message">One sentence: why, or where a resumed run goes on.</param>
public sealed record StatusEvent(RunStatus Status, long Step, string? Message = null) : RunEvent;

/// <summary>What the run is about to do; written by the worker at every start.</summary>
/// <param name="Epochs">Epochs to train at the most.</param>
/// <param name="StepsPerEpoch">Optimiser steps in each epoch.</param>
/// <param name="TotalSteps">Epochs x steps.</param>
/// <param name="TrainingSegments">Size of the training split.</param>
/// <param name="ValidationSegments">Size of the validation split.</param>
/// <param name="TestSegments">Size of the test split.</param>
/// <param name="TrainableParameters">PEFT parameters and head.</param>
/// <param name="TotalParameters">All parameters, frozen ones included.</param>
public sealed record PlanEvent(
    int Epochs, long StepsPerEpoch, long TotalSteps, int TrainingSegments, int ValidationSegments, int TestSegments,
    long TrainableParameters, long TotalParameters) : RunEvent;

/// <summary>One optimiser step is done.</summary>
/// <param name="Step">Global step, from 1, without gaps.</param>
/// <param name="Epoch">Epoch, from 1.</param>
/// <param name="Loss">Mean loss of the batch (the recipe's, cross entropy by default), before the update.</param>
/// <param name="LearningRate">Learning rate of this step.</param>
/// <param name="GradientNorm">Euclidean norm of all trainable gradients before clipping.</param>
/// <param name="SegmentsPerSecond">Speed of this step.</param>
public sealed record StepEvent(long Step, int Epoch, double Loss, double LearningRate, double GradientNorm, double SegmentsPerSecond) : RunEvent;

/// <summary>One epoch is done and validated.</summary>
/// <param name="Epoch">Epoch, from 1.</param>
/// <param name="Step">Global step at its end.</param>
/// <param name="TrainingLoss">Mean loss of the epoch's steps.</param>
/// <param name="ValidationLoss">Mean loss on the validation split: cross entropy, or pre-training's own.</param>
/// <param name="Validation">Metrics on the validation split; null in pre-training, which knows no labels.</param>
/// <param name="Seconds">Wall time of the epoch with its validation.</param>
/// <param name="Best">Whether these weights are the best so far by the selection metric.</param>
public sealed record EpochEvent(int Epoch, long Step, double TrainingLoss, double ValidationLoss, BinaryMetrics? Validation, double Seconds, bool Best) : RunEvent;

/// <summary>A line for people.</summary>
/// <param name="Level"><c>info</c>, <c>warning</c> or <c>error</c>.</param>
/// <param name="Message">The line.</param>
public sealed record LogEvent(string Level, string Message) : RunEvent;

/// <summary>What the worker uses, every few seconds: also its sign of life.</summary>
/// <param name="CpuCores">Processor time since the last of these divided by the time that passed: 1.5 is one and a half cores.</param>
/// <param name="MemoryBytes">Resident memory of the worker process.</param>
/// <param name="Threads">Threads of the worker process.</param>
public sealed record SystemEvent(double CpuCores, long MemoryBytes, int Threads) : RunEvent;

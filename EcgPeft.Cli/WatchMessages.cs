using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Training;

namespace EcgPeft.Cli;

/// <summary>What following a run needs of the answer to <c>Watch</c> at <c>/hubs/runs</c>; see docs/api.md.</summary>
internal sealed record WatchedSnapshot(long Sequence, WatchedSteps Steps, IReadOnlyList<WatchedEpoch> Epochs, WatchedRun Run);

/// <summary>What it needs of an <c>Increment</c>.</summary>
internal sealed record WatchedIncrement(long FromSequence, long ToSequence, WatchedSteps Steps, IReadOnlyList<WatchedEpoch> Epochs, WatchedRun Run);

/// <summary>Steps as columns.</summary>
internal sealed record WatchedSteps(IReadOnlyList<long> Step, IReadOnlyList<double> Loss, IReadOnlyList<double> SegmentsPerSecond);

/// <summary>An epoch and its validation.</summary>
internal sealed record WatchedEpoch(int Epoch, double TrainingLoss, double ValidationLoss, double Seconds, bool Best, double? F1, double? Auroc);

/// <summary>Where the run stands.</summary>
internal sealed record WatchedRun(RunStatus Status, string? Message, long Step, long? TotalSteps, int Epoch, int Epochs, BinaryMetrics? Test);

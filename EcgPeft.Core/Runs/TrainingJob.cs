using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>How a training job ended without an error.</summary>
public enum TrainingOutcome
{
    /// <summary>It went to its end; metrics, predictions and adapter are written.</summary>
    Completed,

    /// <summary>It was asked to stop, finished its step and wrote a checkpoint.</summary>
    Stopped,
}

/// <summary>
/// What a worker does with a run. It goes on from <see cref="RunFolder.CheckpointFolder"/> where there is one. It never writes
/// status events: those are <see cref="RunWorker"/>'s.
/// </summary>
/// <param name="recipe">Every setting.</param>
/// <param name="folder">Where results go.</param>
/// <param name="report">Receives each event; may be called from any thread until the job returns.</param>
/// <param name="stop">Cancelled when the run shall stop: finish the step, write a checkpoint, return <see cref="TrainingOutcome.Stopped"/>.</param>
public delegate TrainingOutcome TrainingJob(Recipe recipe, RunFolder folder, Action<RunEvent> report, CancellationToken stop);

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

/// <summary>Everything that the curves of a run show.</summary>
/// <param name="Sequence">Up to where this goes; the first increment that matters begins here.</param>
/// <param name="Steps">All steps, in order.</param>
/// <param name="Epochs">All epochs, in order.</param>
public sealed record CurveSnapshot(long Sequence, StepColumns Steps, IReadOnlyList<EpochPoint> Epochs)
{
    internal static CurveSnapshot Of(RunSnapshot snapshot) => new(snapshot.Sequence, StepColumns.Of(snapshot.Steps), [.. snapshot.Epochs.Select(EpochPoint.Of)]);
}

/// <summary>What the curves of a run show anew. A step or epoch that is there already was done again by a resumed run: it replaces the old one.</summary>
/// <param name="FromSequence">Where this begins: the end of what came before. If it is another place, ask for a new snapshot.</param>
/// <param name="ToSequence">Where this ends.</param>
/// <param name="Steps">New steps, in order.</param>
/// <param name="Epochs">New epochs, in order.</param>
public sealed record CurveIncrement(long FromSequence, long ToSequence, StepColumns Steps, IReadOnlyList<EpochPoint> Epochs)
{
    internal static CurveIncrement Of(IReadOnlyList<RunIncrement> increments)
    {
        var events = increments.SelectMany(increment => increment.Events).ToList();
        return new(increments[0].FromSequence, increments[^1].ToSequence, StepColumns.Of(events.OfType<StepEvent>()), [.. events.OfType<EpochEvent>().Select(EpochPoint.Of)]);
    }
}

/// <summary>Steps as columns: a long run has many.</summary>
/// <param name="Step">Global steps, from 1.</param>
/// <param name="Loss">Mean cross entropy of the batch; may be <c>"NaN"</c> or <c>"Infinity"</c>.</param>
public sealed record StepColumns(IReadOnlyList<long> Step, IReadOnlyList<double> Loss)
{
    internal static StepColumns Of(IEnumerable<StepEvent> steps)
    {
        var (step, loss) = (new List<long>(), new List<double>());
        foreach (var done in steps)
        {
            step.Add(done.Step);
            loss.Add(done.Loss);
        }
        return new(step, loss);
    }
}

/// <summary>One epoch on the curves.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainingLoss">Mean loss of its steps.</param>
/// <param name="ValidationLoss">Mean cross entropy on the validation split.</param>
/// <param name="F1">On the validation split; null in pre-training.</param>
/// <param name="Accuracy">On the validation split; null in pre-training.</param>
/// <param name="Auroc">On the validation split; null with one class only.</param>
public sealed record EpochPoint(int Epoch, double TrainingLoss, double ValidationLoss, double? F1, double? Accuracy, double? Auroc)
{
    internal static EpochPoint Of(EpochEvent epoch)
    {
        var validation = epoch.Validation;
        return new(epoch.Epoch, epoch.TrainingLoss, epoch.ValidationLoss, validation?.F1, validation?.Accuracy, validation?.Auroc);
    }
}

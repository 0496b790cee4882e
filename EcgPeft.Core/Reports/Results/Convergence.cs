using EcgPeft.Core.Training;

namespace EcgPeft.Core.Reports.Results;

/// <summary>How fast and how steadily a run reached its validation score (the recipe's selection metric; for the loss, its negative).</summary>
/// <param name="Epoch">First epoch with 95 % of the best score.</param>
/// <param name="Step">Steps up to its end.</param>
/// <param name="Seconds">Seconds of epochs up to its end.</param>
/// <param name="Best">The best score.</param>
/// <param name="BestEpoch">Epoch of the best score.</param>
/// <param name="Area">Mean score over all epochs: the area under the validation curve, one epoch wide each, divided by the epochs.</param>
/// <param name="Stability">Standard deviation of the score over the last epochs, three at the most; null with one epoch.</param>
/// <param name="Gap">Validation loss minus training loss in the last epoch: how much better the training segments are known.</param>
public sealed record Convergence(int Epoch, long Step, double Seconds, double Best, int BestEpoch, double Area, double? Stability, double Gap)
{
    private const double Share = 0.95;
    private const int LastEpochs = 3;

    /// <summary>Measures a run.</summary>
    /// <param name="epochs">Its epochs in order.</param>
    /// <param name="metric">What chose the best epoch.</param>
    /// <returns>The measures, or null where there is no epoch, or the score is undefined.</returns>
    public static Convergence? Of(IReadOnlyList<EpochEvent> epochs, SelectionMetric metric)
    {
        ArgumentNullException.ThrowIfNull(epochs);
        var scores = epochs.Select(epoch => Score(epoch, metric)).ToList();
        if (scores.Count == 0 || scores.Any(score => score is null)) return null;
        var best = scores.Max()!.Value;
        // A negative score (loss) comes within 95 % when the loss is at most 1 / 0.95 of the lowest.
        var wanted = best >= 0 ? Share * best : best / Share;
        var reached = scores.FindIndex(score => score >= wanted);
        var last = scores.TakeLast(LastEpochs).Select(score => score!.Value).ToList();
        var mean = last.Average();
        return new Convergence(
            epochs[reached].Epoch, epochs[reached].Step, epochs.Take(reached + 1).Sum(epoch => epoch.Seconds), best, epochs[scores.IndexOf(best)].Epoch, scores.Average()!.Value,
            last.Count < 2 ? null : Math.Sqrt(last.Sum(score => (score - mean) * (score - mean)) / (last.Count - 1)), epochs[^1].ValidationLoss - epochs[^1].TrainingLoss);
    }

    private static double? Score(EpochEvent epoch, SelectionMetric metric) => metric switch
    {
        SelectionMetric.Auroc => epoch.Validation?.Auroc,
        SelectionMetric.F1 => epoch.Validation?.F1,
        SelectionMetric.Accuracy => epoch.Validation?.Accuracy,
        _ => -epoch.ValidationLoss,
    };
}

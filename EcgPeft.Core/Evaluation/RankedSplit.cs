namespace EcgPeft.Core.Evaluation;

/// <summary>
/// One classifier on one test split, sorted once, so that its metrics on a resample take one pass and no memory: a resample only says how often
/// each unit was drawn. The values are those of <see cref="BinaryMetrics.Compute"/> on the drawn segments, up to rounding.
/// </summary>
internal sealed class RankedSplit
{
    // All by falling probability.
    private readonly int[] _unit;
    private readonly byte[] _label;
    private readonly bool[] _called, _last; // last of those with the same probability
    private readonly double[] _squared, _logLoss, _off;
    private readonly byte[] _bin;
    private readonly double _threshold;

    /// <param name="result">What the classifier said.</param>
    /// <param name="unitOf">Unit of each of its segments, by position.</param>
    public RankedSplit(SplitResult result, int[] unitOf)
    {
        var (labels, probabilities) = (result.Predictions.Labels, result.Predictions.Probabilities);
        Ranking.Check(labels, probabilities);
        var order = Enumerable.Range(0, labels.Length).OrderByDescending(i => probabilities[i]).ToArray();
        T[] Sorted<T>(Func<int, T> of) => Array.ConvertAll(order, i => of(i));
        _threshold = result.Threshold;
        _unit = Sorted(i => unitOf[i]);
        _label = Sorted(i => labels[i]);
        _called = Sorted(i => probabilities[i] >= result.Threshold);
        _last = [.. order.Select((i, at) => at + 1 == order.Length || probabilities[order[at + 1]] != probabilities[i])];
        _squared = Sorted(i => BinaryMetricsCalculator.SquaredError(labels[i], probabilities[i]));
        _logLoss = Sorted(i => BinaryMetricsCalculator.LogLoss(labels[i], probabilities[i]));
        _off = Sorted(i => labels[i] - probabilities[i]);
        _bin = Sorted(i => (byte)CalibrationCurve.Bin(probabilities[i]));
    }

    /// <summary>The metrics of a resample; null where none of the segments was drawn.</summary>
    /// <param name="times">How often each unit was drawn.</param>
    public BinaryMetrics? Metrics(ReadOnlySpan<int> times)
    {
        int count = 0, positives = 0;
        for (var i = 0; i < _unit.Length; i++)
        {
            var drawn = times[_unit[i]];
            count += drawn;
            positives += drawn * _label[i];
        }
        if (count == 0) return null;

        int tp = 0, fp = 0, right = 0, wrong = 0, reachedTp = 0, reachedFp = 0; // right and wrong: at the threshold
        double area = 0, averagePrecision = 0, squared = 0, logLoss = 0;
        Span<double> off = stackalloc double[CalibrationCurve.Bins];
        off.Clear();
        for (var i = 0; i < _unit.Length; i++)
        {
            var drawn = times[_unit[i]];
            if (drawn > 0)
            {
                if (_label[i] == 1) tp += drawn;
                else fp += drawn;
                squared += drawn * _squared[i];
                logLoss += drawn * _logLoss[i];
                off[_bin[i]] += drawn * _off[i];
                if (_called[i]) (right, wrong) = (tp, fp);
            }
            if (!_last[i] || (tp == reachedTp && fp == reachedFp)) continue;
            area += (double)(fp - reachedFp) * (tp + reachedTp) / 2;
            averagePrecision += (double)(tp - reachedTp) / positives * tp / (tp + fp);
            (reachedTp, reachedFp) = (tp, fp);
        }
        var negatives = count - positives;
        double ece = 0;
        foreach (var bin in off) ece += Math.Abs(bin);
        return BinaryMetricsCalculator.Of(
            _threshold, right, wrong, negatives - wrong, positives - right, positives > 0 && negatives > 0 ? area / ((double)positives * negatives) : null, positives > 0 ? averagePrecision : null, squared / count, logLoss / count, ece / count);
    }
}

namespace EcgPeft.Core.Evaluation;

/// <summary>What a classifier said about the segments of one split.</summary>
/// <param name="Rows">Row numbers in the data set, from 0.</param>
/// <param name="Labels">Label of each, 0 or 1.</param>
/// <param name="Probabilities">Probability of label 1 of each.</param>
public sealed record Predictions(int[] Rows, byte[] Labels, double[] Probabilities)
{
    /// <summary>Number of segments.</summary>
    public int Count => Rows.Length;

    /// <summary>The metrics at a threshold.</summary>
    /// <param name="threshold">A segment is called positive when its probability is at least this.</param>
    public BinaryMetrics Metrics(double threshold) => BinaryMetrics.Compute(Labels, Probabilities, threshold);

    /// <summary>Some of the segments, with repetition, as a resample draws them.</summary>
    /// <param name="indices">Positions in this set, from 0.</param>
    public Predictions At(IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        var taken = new Predictions(new int[indices.Count], new byte[indices.Count], new double[indices.Count]);
        for (var i = 0; i < indices.Count; i++)
            (taken.Rows[i], taken.Labels[i], taken.Probabilities[i]) = (Rows[indices[i]], Labels[indices[i]], Probabilities[indices[i]]);
        return taken;
    }

    /// <summary>Whether two classifiers spoke about the same segments in the same order, so that they can be compared pair by pair.</summary>
    /// <param name="other">The other classifier's.</param>
    public bool SameSegments(Predictions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Rows.AsSpan().SequenceEqual(other.Rows) && Labels.AsSpan().SequenceEqual(other.Labels);
    }
}

namespace EcgPeft.Core.Evaluation;

/// <summary>Segments sorted by falling probability, equal ones together: what ROC and precision-recall curves are made of.</summary>
internal sealed class Ranking
{
    /// <summary>Counts of what is called positive when everything with at least this probability is.</summary>
    public readonly record struct Step(double Threshold, int TruePositives, int FalsePositives);

    public Ranking(ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities)
    {
        if (labels.IsEmpty) throw new ArgumentException("There is no segment to evaluate.", nameof(labels));
        Check(labels, probabilities);
        var sorted = probabilities.ToArray();
        var sortedLabels = labels.ToArray();
        Array.Sort(sorted, sortedLabels);
        Positives = labels.Count((byte)1);
        Negatives = labels.Length - Positives;
        var steps = new List<Step>();
        int tp = 0, fp = 0;
        for (var i = sorted.Length - 1; i >= 0; i--)
        {
            if (sortedLabels[i] == 1) tp++;
            else fp++;
            if (i == 0 || sorted[i - 1] != sorted[i]) steps.Add(new Step(sorted[i], tp, fp));
        }
        Steps = steps;
    }

    /// <summary>Refuses what is no label and no probability: NaN, for example, which would be sorted and compared without a word.</summary>
    /// <exception cref="ArgumentException">The lengths differ, a label is neither 0 nor 1, or a probability lies outside [0, 1].</exception>
    public static void Check(ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities)
    {
        if (labels.Length != probabilities.Length) throw new ArgumentException($"{labels.Length} labels and {probabilities.Length} probabilities do not belong together.", nameof(probabilities));
        if (labels.ContainsAnyExceptInRange((byte)0, (byte)1)) throw new ArgumentException("A label is neither 0 nor 1.", nameof(labels));
        foreach (var p in probabilities)
            if (p is not (>= 0 and <= 1)) throw new ArgumentException(FormattableString.Invariant($"The probability {p} lies outside [0, 1]."), nameof(probabilities));
    }

    public int Positives { get; }

    public int Negatives { get; }

    /// <summary>One step for each different probability, falling.</summary>
    public IReadOnlyList<Step> Steps { get; }
}

namespace EcgPeft.Core.Ecg;

/// <summary>Two segments on different sides of a split that are nearly the same.</summary>
/// <param name="Row">Segment of the validation or test split, from 0.</param>
/// <param name="Other">Segment that it resembles.</param>
/// <param name="Correlation">Pearson's correlation of their samples.</param>
public sealed record NearDuplicate(int Row, int Other, double Correlation);

/// <summary>What the leakage check of a split found.</summary>
/// <param name="Threshold">Correlation from which two segments count as nearly the same.</param>
/// <param name="Validation">Validation segments that resemble a training segment.</param>
/// <param name="Test">Test segments that resemble a training or validation segment.</param>
/// <param name="Examples">The first of them, by row.</param>
/// <param name="Complete">False where a segment had more look-alikes at first sight than are compared in full; there may be more near-duplicates then.</param>
public sealed record LeakageReport(double Threshold, int Validation, int Test, IReadOnlyList<NearDuplicate> Examples, bool Complete = true);

/// <summary>
/// Finds segments that are nearly the same, whatever their offset and gain: see <see cref="UnitSegments"/>. The time is bounded: however alike the
/// segments are, each is compared with <see cref="UnitSegments.MostCompared"/> others at most.
/// </summary>
public static class NearDuplicates
{
    /// <summary>Correlation from which two segments count as nearly the same: noise of 4.5 % of the signal's amplitude.</summary>
    public const double Threshold = 0.999;

    private const int MostExamples = 20;

    /// <summary>Looks for validation segments that resemble training segments, and test segments that resemble either. Flat segments are left out.</summary>
    /// <param name="set">The segments.</param>
    /// <param name="split">Their division.</param>
    /// <param name="cancel">Stops the search.</param>
    public static LeakageReport Across(SegmentSet set, DataSplit split, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(split);
        var part = new byte[set.Count];
        foreach (var row in split.Validation) part[row] = 1;
        foreach (var row in split.Test) part[row] = 2;
        var (found, complete) = new UnitSegments(set, Threshold).Search(part, cancel);
        return new LeakageReport(
            Threshold, split.Validation.Count(row => found[row] is not null), split.Test.Count(row => found[row] is not null),
            [.. found.OfType<NearDuplicate>().Take(MostExamples)], complete);
    }
}

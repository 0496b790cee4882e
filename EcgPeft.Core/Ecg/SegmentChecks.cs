using EcgPeft.Core.Ecg.Import;

namespace EcgPeft.Core.Ecg;

/// <summary>Looks for segments that are accepted, but that a person should know of: flat ones, clipped ones, and equal ones.</summary>
public static class SegmentChecks
{
    private const int LeastPlateau = 8;

    /// <summary>Whether all samples are the same number.</summary>
    /// <param name="segment">At least one sample.</param>
    public static bool IsConstant(ReadOnlySpan<float> segment) => !segment.ContainsAnyExcept(segment[0]);

    /// <summary>Whether a segment that is not flat stays at its highest or lowest value for more than 1 % of its length, at least eight samples.</summary>
    /// <param name="segment">At least one sample.</param>
    public static bool IsClipped(ReadOnlySpan<float> segment)
    {
        var (low, high) = SegmentTraits.Range(segment);
        return IsClipped(segment, low, high);
    }

    /// <summary>The same, where lowest and highest sample are known.</summary>
    internal static bool IsClipped(ReadOnlySpan<float> segment, float low, float high)
    {
        var plateau = Math.Max(LeastPlateau, segment.Length / 75);
        return segment.Length > plateau && low < high && (Stays(segment, low, plateau) || Stays(segment, high, plateau));
    }

    /// <summary>What is odd about each segment, and for duplicates and conflicts the earlier segment that it equals (else -1).</summary>
    /// <param name="set">The segments.</param>
    public static (SegmentOddity[] Oddities, int[] Equal) Look(SegmentSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return Look(set, SegmentTraits.Of(set));
    }

    /// <summary>Takes the oddities down, each with its line of the file, and says which segments shall be dropped.</summary>
    /// <param name="set">The segments.</param>
    /// <param name="traits">What one look at each showed.</param>
    /// <param name="lines">The line of the file of each segment, from 1.</param>
    /// <param name="log">Receives them; its choices decide.</param>
    internal static bool[] Report(SegmentSet set, IReadOnlyList<SegmentTraits> traits, IReadOnlyList<int> lines, DefectLog log)
    {
        var (oddities, equal) = Look(set, traits);
        var labels = set.Labels.ToArray();
        var drop = new bool[set.Count];
        for (var i = 0; i < set.Count; i++)
        {
            var (row, oddity) = (lines[i], oddities[i]);
            if (oddity == SegmentOddity.None) continue;
            if (oddity.HasFlag(SegmentOddity.Constant))
                drop[i] |= Repair.Drop == log.Add(DefectKind.Constant, row, null, null, () => $"Row {row} is flat: all its samples are the same, so its z-score is all zeros.");
            if (oddity.HasFlag(SegmentOddity.Clipped))
                drop[i] |= Repair.Drop == log.Add(DefectKind.Clipped, row, null, null, () => $"Row {row} looks clipped: it stays at its highest or lowest value.");
            if (equal[i] < 0) continue;
            var (other, j) = (lines[equal[i]], equal[i]);
            if (oddity.HasFlag(SegmentOddity.Duplicate))
                drop[i] |= Repair.Drop == log.Add(DefectKind.Duplicate, row, null, other, () => $"Row {row} is the same segment as row {other}.");
            else if (Repair.Drop == log.Add(DefectKind.Conflict, row, null, other, () => $"Row {row} is the same segment as row {other}, but its label is {labels[i]} instead of {labels[j]}."))
                drop[i] = drop[j] = true;
        }
        return drop;
    }

    private static (SegmentOddity[] Oddities, int[] Equal) Look(SegmentSet set, IReadOnlyList<SegmentTraits> traits)
    {
        var (oddities, equal) = (new SegmentOddity[set.Count], new int[set.Count]);
        for (var i = 0; i < set.Count; i++) (oddities[i], equal[i]) = (traits[i].Oddity, -1);
        var labels = set.Labels.Span;
        var first = new Dictionary<int, int>(set.Count);
        for (var i = 0; i < set.Count; i++)
        {
            // Flat segments are all alike; calling them duplicates of one another as well would say nothing new.
            if (oddities[i].HasFlag(SegmentOddity.Constant)) continue;
            // Another segment with this hash: the next free value stands for it.
            for (var hash = traits[i].Hash; !first.TryAdd(hash, i); hash = unchecked(hash + 1))
            {
                var j = first[hash];
                if (!set.Segment(j).SequenceEqual(set.Segment(i))) continue;
                equal[i] = j;
                oddities[i] |= labels[i] == labels[j] ? SegmentOddity.Duplicate : SegmentOddity.Conflict;
                if (labels[i] != labels[j]) oddities[j] |= SegmentOddity.Conflict;
                break;
            }
        }
        return (oddities, equal);
    }

    private static bool Stays(ReadOnlySpan<float> segment, float value, int plateau)
    {
        for (var at = segment.IndexOf(value); at >= 0;)
        {
            var rest = segment[at..];
            var run = rest.IndexOfAnyExcept(value);
            if (run < 0) run = rest.Length;
            if (run >= plateau) return true;
            var next = rest[run..].IndexOf(value);
            at = next < 0 ? -1 : at + run + next;
        }
        return false;
    }
}

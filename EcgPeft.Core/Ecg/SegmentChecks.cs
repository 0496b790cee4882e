using System.Runtime.InteropServices;
using EcgPeft.Core.Ecg.Import;

namespace EcgPeft.Core.Ecg;

/// <summary>What is odd about a segment; several may hold.</summary>
[Flags]
public enum SegmentOddity : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>All samples are the same.</summary>
    Constant = 1,

    /// <summary>The signal stands still at its highest or lowest value.</summary>
    Clipped = 2,

    /// <summary>The same as an earlier segment with the same label.</summary>
    Duplicate = 4,

    /// <summary>The same as another segment with the other label.</summary>
    Conflict = 8,
}

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
        var plateau = Math.Max(LeastPlateau, segment.Length / 75);
        if (segment.Length <= plateau) return false;
        var (low, high) = (segment[0], segment[0]);
        foreach (var value in segment)
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }
        return low < high && (Stays(segment, low, plateau) || Stays(segment, high, plateau));
    }

    /// <summary>What is odd about each segment, and for duplicates and conflicts the earlier segment that it equals (else -1).</summary>
    /// <param name="set">The segments.</param>
    public static (SegmentOddity[] Oddities, int[] Equal) Look(SegmentSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var (oddities, equal, hashes) = (new SegmentOddity[set.Count], new int[set.Count], new ulong[set.Count]);
        Parallel.For(0, set.Count, i =>
        {
            var segment = set.Segment(i);
            equal[i] = -1;
            hashes[i] = Hash(segment);
            oddities[i] = IsConstant(segment) ? SegmentOddity.Constant : IsClipped(segment) ? SegmentOddity.Clipped : SegmentOddity.None;
        });
        var labels = set.Labels.Span;
        var first = new Dictionary<ulong, int>(set.Count);
        for (var i = 0; i < set.Count; i++)
        {
            // Flat segments are all alike; calling them duplicates of one another as well would say nothing new.
            if (oddities[i].HasFlag(SegmentOddity.Constant)) continue;
            // Another segment with this hash: the next free value stands for it.
            for (var hash = hashes[i]; !first.TryAdd(hash, i); hash++)
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

    /// <summary>Takes the oddities down, each with its line of the file, and says which segments shall be dropped.</summary>
    /// <param name="set">The segments.</param>
    /// <param name="lines">The line of the file of each segment, from 1.</param>
    /// <param name="log">Receives them; its choices decide.</param>
    internal static bool[] Report(SegmentSet set, IReadOnlyList<int> lines, DefectLog log)
    {
        var (oddities, equal) = Look(set);
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

    // FNV-1a over the bit patterns; equality is checked on the samples themselves.
    private static ulong Hash(ReadOnlySpan<float> segment)
    {
        var hash = 14695981039346656037UL;
        foreach (var bits in MemoryMarshal.Cast<float, uint>(segment)) hash = (hash ^ bits) * 1099511628211UL;
        return hash;
    }
}

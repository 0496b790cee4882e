using System.Runtime.InteropServices;

namespace EcgPeft.Core.Ecg;

/// <summary>Looks for segments that are accepted, but that a person should know of: flat ones, and equal ones.</summary>
internal static class SegmentChecks
{
    /// <summary>More warnings of one kind than this are counted, not listed.</summary>
    public const int ListedPerKind = 1000;

    /// <summary>Whether all samples are the same number.</summary>
    public static bool IsConstant(ReadOnlySpan<float> segment) => !segment.ContainsAnyExcept(segment[0]);

    /// <summary>Finds them, in the order of rows.</summary>
    /// <param name="set">The segments.</param>
    /// <param name="rows">The line of the file of each segment, from 1.</param>
    public static IReadOnlyList<SegmentWarning> Find(SegmentSet set, IReadOnlyList<int> rows)
    {
        var warnings = new List<SegmentWarning>();
        var counts = new Dictionary<string, int>();
        void Add(string kind, int row, int? other, string message)
        {
            var seen = counts[kind] = counts.GetValueOrDefault(kind) + 1;
            if (seen <= ListedPerKind) warnings.Add(new SegmentWarning(row, other, kind, message));
        }

        var labels = set.Labels.Span;
        var first = new Dictionary<ulong, int>(set.Count);
        for (var i = 0; i < set.Count; i++)
        {
            var segment = set.Segment(i);
            if (IsConstant(segment))
            {
                // Flat segments are all alike; calling them duplicates of one another as well would say nothing new.
                Add("constant", rows[i], null, $"Row {rows[i]} is flat: all its samples are the same, so its z-score is all zeros.");
                continue;
            }
            var hash = Hash(segment);
            // Another segment with this hash: the next free value stands for it.
            while (!first.TryAdd(hash, i))
            {
                var j = first[hash];
                if (!set.Segment(j).SequenceEqual(segment))
                {
                    hash++;
                    continue;
                }
                if (labels[i] == labels[j]) Add("duplicate", rows[i], rows[j], $"Row {rows[i]} is the same segment as row {rows[j]}.");
                else Add("conflict", rows[i], rows[j], $"Row {rows[i]} is the same segment as row {rows[j]}, but its label is {labels[i]} instead of {labels[j]}.");
                break;
            }
        }
        foreach (var (kind, count) in counts.OrderBy(c => c.Key, StringComparer.Ordinal))
            if (count > ListedPerKind)
                warnings.Add(new SegmentWarning(warnings.Last(w => w.Kind == kind).Row, null, kind, $"{count - ListedPerKind} more segments of the kind \"{kind}\" are not listed."));
        return warnings;
    }

    // FNV-1a over the bit patterns; equality is checked on the samples themselves.
    private static ulong Hash(ReadOnlySpan<float> segment)
    {
        var hash = 14695981039346656037UL;
        foreach (var bits in MemoryMarshal.Cast<float, uint>(segment)) hash = (hash ^ bits) * 1099511628211UL;
        return hash;
    }
}

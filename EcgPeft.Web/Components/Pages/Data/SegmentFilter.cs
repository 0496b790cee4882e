using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;

namespace EcgPeft.Web.Components.Pages.Data;

/// <summary>Which segments the browser goes through; part of the page's address.</summary>
/// <param name="Label">0, 1 or null for both.</param>
/// <param name="Group">A group's name, or null for all.</param>
/// <param name="Show">Empty for all; <c>constant</c>, <c>clipped</c>, <c>duplicate</c>, <c>conflict</c>, or <c>wrong</c> for label noise candidates.</param>
public sealed record SegmentFilter(byte? Label, string? Group, string Show)
{
    public static readonly IReadOnlyList<(string Value, string Words)> Shows =
        [("", "all segments"), ("constant", "flat"), ("clipped", "clipped"), ("duplicate", "repeated"), ("conflict", "equal, other label"), ("wrong", "confidently wrong in finished runs")];

    /// <summary>The rows that remain, label noise candidates in the order of suspicion.</summary>
    public int[] Rows(SegmentSet set, SegmentOddity[] oddities, IReadOnlyList<ConfidentError> errors)
    {
        var wanted = Show is "" or "wrong" ? SegmentOddity.None : Enum.TryParse<SegmentOddity>(Show, ignoreCase: true, out var oddity) ? oddity : SegmentOddity.None;
        var rows = Show == "wrong" ? errors.Select(e => e.Row) : Enumerable.Range(0, set.Count);
        var labels = set.Labels.ToArray();
        return [.. rows.Where(row => (Label is null || labels[row] == Label) && (Group is null || set.Groups?[row] == Group) && (wanted == SegmentOddity.None || oddities[row].HasFlag(wanted)))];
    }
}

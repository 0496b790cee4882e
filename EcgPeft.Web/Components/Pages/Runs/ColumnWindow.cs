using EcgPeft.Core.Runs;

namespace EcgPeft.Web.Components.Pages.Runs;

/// <summary>Which columns of a wide table are in the page: the pinned ones, and those in sight. Widths are pixels of text of the usual size.</summary>
/// <param name="First">First column in sight, behind the pinned ones.</param>
/// <param name="End">The one behind the last in sight.</param>
/// <param name="Before">Width of what is left out between the pinned columns and the first.</param>
/// <param name="After">Width of what is left out behind the last.</param>
internal sealed record ColumnWindow(int First, int End, int Before, int After)
{
    /// <summary>So many columns are all in the page, wherever one looks.</summary>
    public const int Few = 24;

    /// <summary>No column is wider; longer texts are cut.</summary>
    public const int Widest = 230;

    /// <summary>What lies just outside of sight is in the page as well.</summary>
    private const int Margin = 400;

    /// <summary>The columns in sight.</summary>
    /// <param name="widths">Width of each column.</param>
    /// <param name="pinned">How many stand first and stay, the name among them.</param>
    /// <param name="left">How far the table is scrolled.</param>
    /// <param name="width">How wide its place is.</param>
    public static ColumnWindow Of(IReadOnlyList<int> widths, int pinned, double left, double width)
    {
        if (widths.Count <= Few) return new(pinned, widths.Count, 0, 0);
        var (first, before) = (pinned, 0);
        while (first < widths.Count - 1 && before + widths[first] < left - Margin) before += widths[first++];
        var (end, shown) = (first, 0);
        while (end < widths.Count && before + shown < left + width + Margin) shown += widths[end++];
        return new(first, end, before, widths.Skip(end).Sum());
    }

    /// <summary>How wide a column has to be for its title and its values, of some hundred runs at the most.</summary>
    /// <param name="column">The column.</param>
    /// <param name="runs">The runs of the table.</param>
    /// <param name="groups">The groups whose means stand in it.</param>
    /// <param name="text">What stands in it.</param>
    public static int WidthOf(RunColumn column, IReadOnlyList<RunSummary> runs, IReadOnlyList<RunGroup> groups, Func<RunColumn, RunSummary, string> text)
    {
        const int looked = 100, lookedGroups = 8, apart = 7919, star = 14, narrowest = 56;
        const double letter = 7.7, titleLetter = 6.9;
        var cell = column.IsNumber ? 12 : 18;
        // Spread over all of them, and not in step with whatever their order repeats.
        var longest = runs.Count == 0 ? 0 : Enumerable.Range(0, Math.Min(looked, runs.Count)).Max(i => text(column, runs[(int)((long)i * apart % runs.Count)]).Length);
        var mean = groups.Take(lookedGroups).Select(group => group.Mean(column).Length).DefaultIfEmpty(0).Max();
        return Math.Clamp((int)(Math.Max(Math.Max(column.Title.Length * titleLetter, mean * letter), (longest * letter) + (column.Better == Better.Neither ? 0 : star)) + cell), narrowest, Widest);
    }
}

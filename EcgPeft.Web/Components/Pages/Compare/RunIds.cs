using EcgPeft.Core;
using EcgPeft.Core.Runs;

namespace EcgPeft.Web.Components.Pages.Compare;

/// <summary>The ids of runs in an address: <c>a,b,c</c>.</summary>
internal static class RunIds
{
    /// <summary>Their folders.</summary>
    /// <exception cref="UserInputException">There is no such run.</exception>
    public static IReadOnlyList<RunFolder> Folders(DataRoot root, string ids) =>
        [.. ids.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().Select(id => RunFolder.Find(root.Runs, id) ?? throw new UserInputException($"There is no run {id}; it may have been deleted."))];
}

/// <summary>The colour of a run, the same in every picture of a comparison.</summary>
internal static class RunColor
{
    private const int Colors = 8;

    /// <summary>Name of the style variable.</summary>
    public static string Variable(int run) => $"--series-{run % Colors + 1}";

    /// <summary>As a style's value.</summary>
    public static string Css(int run) => $"var({Variable(run)})";

    /// <summary>Whether the colours have begun again, so that lines have to be dashed.</summary>
    public static bool Repeats(int run) => run >= Colors;
}

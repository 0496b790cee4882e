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

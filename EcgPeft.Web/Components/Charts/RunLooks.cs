using EcgPeft.Core;
using EcgPeft.Core.Runs;

namespace EcgPeft.Web.Components.Charts;

/// <summary>Looks of runs in the words of style sheets; <c>looks.js</c> knows the same dashes.</summary>
internal static class RunLooks
{
    /// <summary>Name of the style variable, for example <c>--series-1</c>.</summary>
    public static string Variable(this RunLook look) => $"--series-{look.Color + 1}";

    /// <summary>The colour as a style's value.</summary>
    public static string Css(this RunLook look) => $"var({look.Variable()})";

    /// <summary>As <c>stroke-dasharray</c>.</summary>
    public static string DashArray(this RunLook look) => RunLook.DashArrays[look.Dash];

    /// <summary>The look of a run of a data folder.</summary>
    public static RunLook LookOf(this DataRoot root, string run) => RunLook.Of(new RunFolder(Path.Combine(root.Runs, run)));
}

using System.Globalization;
using System.Text.RegularExpressions;
using EcgPeft.Core.Runs;

namespace EcgPeft.Web.Components.Pages.Runs;

/// <summary>A condition on a column of numbers, as it is typed into the search: <c>auroc>0.9</c>, <c>epochs&lt;=5</c>, <c>seed=1</c>; a decimal comma is one too.</summary>
/// <param name="Column">The column.</param>
/// <param name="Operator">One of &lt; &lt;= > >= =.</param>
/// <param name="Value">What its value is compared with.</param>
internal sealed partial record RunCondition(RunColumn Column, string Operator, double Value)
{
    /// <summary>Reads a word of the search; null where it is an ordinary word.</summary>
    public static RunCondition? Parse(string word) =>
        Form().Match(word) is { Success: true } match && RunColumns.Find(match.Groups[1].Value) is { IsNumber: true } column
        && double.TryParse(match.Groups[3].Value.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? new RunCondition(column, match.Groups[2].Value, value) : null;

    /// <summary>Whether a run has the value and it fits.</summary>
    public bool Holds(RunSummary run) => Column.Number!(run) is { } number && Operator switch
    {
        "<" => number < Value,
        "<=" => number <= Value,
        ">" => number > Value,
        ">=" => number >= Value,
        _ => Math.Abs(number - Value) <= 1e-9 * Math.Max(1, Math.Abs(Value)),
    };

    [GeneratedRegex("^([A-Za-z0-9.-]+)(<=|>=|<|>|=)(.+)$")]
    private static partial Regex Form();
}

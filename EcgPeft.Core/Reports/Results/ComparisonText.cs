using System.Globalization;
using System.Text;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Reports.Figures;

namespace EcgPeft.Core.Reports.Results;

/// <summary>A comparison of runs as text to take along: one row a run.</summary>
public static class ComparisonText
{
    /// <summary>Every metric with interval, and difference to the baseline with interval; numbers that read back the same.</summary>
    /// <param name="comparison">The comparison.</param>
    public static string Csv(RunComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        var text = new StringBuilder("run,id,model,method,seed,baseline");
        foreach (var metric in Metric.All) text.Append(CultureInfo.InvariantCulture, $",{metric.Name},{metric.Name}_low,{metric.Name}_high,{metric.Name}_difference,{metric.Name}_difference_low,{metric.Name}_difference_high");
        text.Append('\n');
        for (var i = 0; i < comparison.Runs.Count; i++)
        {
            var run = comparison.Runs[i];
            text.Append(CultureInfo.InvariantCulture, $"{FigureCsv.Cell(run.Name)},{run.Folder.Id},{FigureCsv.Cell(run.Model)},{run.Method},{run.Recipe.Seed},{(i == comparison.BaselineIndex ? 1 : 0)}");
            foreach (var metric in Metric.All)
            {
                var (interval, pair) = (comparison.IntervalOf(i, metric), comparison.Against(i, metric));
                var bounds = pair is { TooFewGroups: false } ? pair.Interval : null;
                text.Append(CultureInfo.InvariantCulture, $",{metric.Of(run.Metrics.Test):R},{interval?.Low:R},{interval?.High:R},{pair?.Difference:R},{bounds?.Low:R},{bounds?.High:R}");
            }
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>A Markdown table of the main metrics.</summary>
    /// <param name="comparison">The comparison.</param>
    public static string Markdown(RunComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        var rows = Rows(comparison).Select(row => $"| {string.Join(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |");
        return $"| Run | {string.Join(" | ", Metric.All.Select(m => m.Title))} |\n|---|{string.Concat(Metric.All.Select(_ => "--:|"))}\n{string.Join('\n', rows)}\n";
    }

    /// <summary>A LaTeX table (booktabs) of the main metrics.</summary>
    /// <param name="comparison">The comparison.</param>
    public static string Latex(RunComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        var rows = Rows(comparison).Select(row => string.Join(" & ", row.Select(Escaped)) + " \\\\");
        return $"\\begin{{tabular}}{{l{new string('r', Metric.All.Count)}}}\n\\toprule\nRun & {string.Join(" & ", Metric.All.Select(m => m.Title))} \\\\\n\\midrule\n{string.Join('\n', rows)}\n\\bottomrule\n\\end{{tabular}}\n";
    }

    private static IEnumerable<IReadOnlyList<string>> Rows(RunComparison comparison) =>
        comparison.Runs.Select(run => (IReadOnlyList<string>)[run.Name, .. Metric.All.Select(metric => Number.Metric(metric.Of(run.Metrics.Test)))]);

    private static string Escaped(string text) => string.Concat(text.Select(c => "&%$#_{}".Contains(c, StringComparison.Ordinal) ? "\\" + c : c.ToString()));
}

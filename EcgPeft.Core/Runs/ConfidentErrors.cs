using System.Globalization;

namespace EcgPeft.Core.Runs;

/// <summary>A segment that finished runs get confidently wrong: its label may be wrong.</summary>
/// <param name="Row">Segment, from 0.</param>
/// <param name="Wrong">Runs that are confident of the other label.</param>
/// <param name="Runs">Runs that predicted it.</param>
/// <param name="Probability">Mean over those runs of the probability of label 1.</param>
public sealed record ConfidentError(int Row, int Wrong, int Runs, double Probability)
{
    /// <summary>From this probability of the other label on, a run counts as confident.</summary>
    public const double Confidence = 0.9;

    /// <summary>Collects them from the validation and test predictions of runs.</summary>
    /// <param name="runs">Finished runs on one data set; a run without readable predictions is passed over.</param>
    /// <param name="rows">Segments of the data set; a file that names others belongs to other data and is passed over.</param>
    /// <returns>The ones that most runs are wrong about first.</returns>
    public static IReadOnlyList<ConfidentError> Of(IEnumerable<RunFolder> runs, int rows)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var (wrong, seen, sum) = (new int[rows], new int[rows], new double[rows]);
        foreach (var run in runs)
        {
            if (Read(run.PredictionsFile, rows) is not { } predictions) continue;
            foreach (var (row, label, probability) in predictions)
            {
                seen[row]++;
                sum[row] += probability;
                if ((label == 1 ? 1 - probability : probability) >= Confidence) wrong[row]++;
            }
        }
        return [.. Enumerable.Range(0, rows).Where(row => wrong[row] > 0)
            .Select(row => new ConfidentError(row, wrong[row], seen[row], sum[row] / seen[row]))
            .OrderByDescending(e => e.Wrong).ThenByDescending(e => Math.Abs(e.Probability - 0.5)).ThenBy(e => e.Row)];
    }

    private static List<(int Row, int Label, double Probability)>? Read(string path, int rows)
    {
        try
        {
            var found = new List<(int, int, double)>();
            foreach (var line in File.ReadLines(path).Skip(1))
            {
                var cells = line.Split(',');
                if (cells.Length < 4 || !int.TryParse(cells[1], out var row) || row < 0 || row >= rows || !int.TryParse(cells[2], out var label)
                    || !double.TryParse(cells[3], NumberStyles.Float, CultureInfo.InvariantCulture, out var probability)) return null;
                found.Add((row, label, probability));
            }
            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

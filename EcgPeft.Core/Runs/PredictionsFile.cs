using System.Globalization;
using System.Text;
using EcgPeft.Core.Evaluation;

namespace EcgPeft.Core.Runs;

/// <summary><c>predictions.csv</c>: <c>split,row,label,probability</c>, rows counted from 0, doubles that read back the same.</summary>
/// <param name="Validation">The validation split.</param>
/// <param name="Test">The test split.</param>
public sealed record PredictionsFile(Predictions Validation, Predictions Test)
{
    private const string Header = "split,row,label,probability";

    /// <summary>Writes a run's predictions.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="validation">The validation split.</param>
    /// <param name="test">The test split; null where it was left alone.</param>
    public static void Write(RunFolder folder, Predictions validation, Predictions? test) => AtomicFile.WriteAllText(folder.PredictionsFile, Text(validation, test));

    /// <summary>The file's content.</summary>
    /// <param name="validation">The validation split.</param>
    /// <param name="test">The test split; null where it was left alone.</param>
    public static string Text(Predictions validation, Predictions? test)
    {
        var text = new StringBuilder(Header + "\n");
        foreach (var (name, split) in new[] { ("validation", validation), ("test", test) })
            for (var i = 0; i < (split?.Count ?? 0); i++)
                text.Append(CultureInfo.InvariantCulture, $"{name},{split!.Rows[i]},{split.Labels[i]},{split.Probabilities[i]:R}\n");
        return text.ToString();
    }

    /// <summary>Reads such a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UserInputException">It is missing, or a line is not of this form.</exception>
    public static PredictionsFile Read(string path)
    {
        if (!File.Exists(path)) throw new UserInputException($"{path} is missing; only a completed run has predictions.");
        var splits = new Dictionary<string, (List<int> Rows, List<byte> Labels, List<double> Probabilities)> { ["validation"] = ([], [], []), ["test"] = ([], [], []) };
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (number == 1)
            {
                if (line != Header) throw new UserInputException($"{path} does not begin with {Header}; restore it or run the recipe again.");
                continue;
            }
            var cells = line.Split(',');
            if (cells.Length != 4 || !splits.TryGetValue(cells[0], out var split)
                || !int.TryParse(cells[1], NumberStyles.None, CultureInfo.InvariantCulture, out var row) || cells[2] is not ("0" or "1")
                || !double.TryParse(cells[3], NumberStyles.Float, CultureInfo.InvariantCulture, out var probability) || probability is not (>= 0 and <= 1))
                throw new UserInputException($"{path}, line {number}: '{line}' is no prediction; restore the file or run the recipe again.");
            split.Rows.Add(row);
            split.Labels.Add(cells[2] == "1" ? (byte)1 : (byte)0);
            split.Probabilities.Add(probability);
        }
        Predictions Of(string name) => new([.. splits[name].Rows], [.. splits[name].Labels], [.. splits[name].Probabilities]);
        return new PredictionsFile(Of("validation"), Of("test"));
    }
}

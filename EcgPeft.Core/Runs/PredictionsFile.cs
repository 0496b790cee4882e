using System.Globalization;
using System.Text;

namespace EcgPeft.Core.Runs;

/// <summary><c>predictions.csv</c>: <c>split,row,label,probability</c>, rows counted from 0, doubles that read back the same.</summary>
public static class PredictionsFile
{
    /// <summary>Writes the predictions of some splits.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="splits">Name, rows and probabilities of each split.</param>
    /// <param name="labels">Label of every row of the data set.</param>
    public static void Write(RunFolder folder, IEnumerable<(string Split, int[] Rows, double[] Probabilities)> splits, ReadOnlySpan<byte> labels)
    {
        var text = new StringBuilder("split,row,label,probability\n");
        foreach (var (split, rows, probabilities) in splits)
            for (var i = 0; i < rows.Length; i++)
                text.Append(CultureInfo.InvariantCulture, $"{split},{rows[i]},{labels[rows[i]]},{probabilities[i]:R}\n");
        AtomicFile.WriteAllText(folder.PredictionsFile, text.ToString());
    }
}

using System.Text.Json;
using EcgPeft.Core.Ecg;

namespace EcgPeft.Core.Runs;

/// <summary><c>normalization.json</c>: what a later prediction on other data needs to treat it in the same way.</summary>
/// <param name="Kind">The recipe's normalisation.</param>
/// <param name="Mean">Mean of a global z-score (input's unit), else null.</param>
/// <param name="StandardDeviation">Standard deviation of a global z-score, else null.</param>
public sealed record NormalizationFile(NormalizationKind Kind, double? Mean, double? StandardDeviation)
{
    /// <summary>Reads the file of a run; null where it has none.</summary>
    /// <param name="folder">The run.</param>
    /// <exception cref="UserInputException">It is damaged.</exception>
    public static NormalizationFile? ReadFrom(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!File.Exists(folder.NormalizationFile)) return null;
        try
        {
            return JsonSerializer.Deserialize<NormalizationFile>(File.ReadAllText(folder.NormalizationFile), ProductJson.Indented);
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{folder.NormalizationFile} is not readable ({e.Message.Split('\n')[0].TrimEnd('.', '\r')}); restore it or run the recipe again.", e);
        }
    }

    /// <summary>Writes the file.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="kind">The recipe's normalisation.</param>
    /// <param name="prepared">What it gave.</param>
    public static void Write(RunFolder folder, NormalizationKind kind, PreparedSegments prepared)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(prepared);
        AtomicFile.WriteAllText(folder.NormalizationFile, JsonSerializer.Serialize(new NormalizationFile(kind, prepared.GlobalMean, prepared.GlobalStandardDeviation), ProductJson.Indented) + "\n");
    }
}

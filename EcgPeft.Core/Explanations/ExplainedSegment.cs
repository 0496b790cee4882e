using System.Text.Json;
using EcgPeft.Core.Runs;

namespace EcgPeft.Core.Explanations;

/// <summary><c>explanations/segment-{row}.json</c>: what moved the score of one segment. The score is the log-odds of label 1 before calibration.</summary>
/// <param name="Row">Row in the data set, from 0.</param>
/// <param name="Label">Its label.</param>
/// <param name="Probability">Probability of label 1 by the run.</param>
/// <param name="Attribution">How much each sample moved the score.</param>
public sealed record ExplainedSegment(int Row, byte Label, double Probability, Attribution Attribution);

/// <summary>The files that explanations are kept in: <c>explanations/</c> of a run's folder.</summary>
public static class ExplanationFiles
{
    /// <summary>The map of embeddings; null where it has not been computed.</summary>
    /// <param name="folder">The run.</param>
    public static EmbeddingMap? Map(RunFolder folder) => Read<EmbeddingMap>(MapOf(folder));

    /// <summary>What moved a segment's score; null where it has not been computed.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="row">Row in the data set, from 0.</param>
    public static ExplainedSegment? Segment(RunFolder folder, int row) => Read<ExplainedSegment>(SegmentOf(folder, row));

    internal static void Write(RunFolder folder, EmbeddingMap map) => Write(MapOf(folder), map);

    internal static void Write(RunFolder folder, ExplainedSegment segment) => Write(SegmentOf(folder, segment.Row), segment);

    private static string MapOf(RunFolder folder) => Path.Combine(folder.ExplanationsFolder, "embedding.json");

    private static string SegmentOf(RunFolder folder, int row) => Path.Combine(folder.ExplanationsFolder, FormattableString.Invariant($"segment-{row}.json"));

    private static T? Read<T>(string path) where T : class
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllText(path), ProductJson.Line) : null;
        }
        catch (JsonException)
        {
            return null; // damaged or of another version; it is computed again
        }
    }

    private static void Write<T>(string path, T value)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.WriteAllText(path, JsonSerializer.Serialize(value, ProductJson.Line));
    }
}

using System.Text.Json;
using EcgPeft.Core.Evaluation;

namespace EcgPeft.Core.Runs;

/// <summary>What a run cost.</summary>
/// <param name="TrainableParameters">PEFT parameters and head.</param>
/// <param name="TotalParameters">All parameters, frozen ones included.</param>
/// <param name="Seconds">Wall time of training, pauses taken out.</param>
/// <param name="SecondsPerEpoch">Mean wall time of an epoch with its validation.</param>
/// <param name="PeakMemoryBytes">Largest resident memory of the worker process.</param>
/// <param name="AdapterBytes">Size of the saved adapter weights.</param>
/// <param name="EpochsTrained">Epochs done, early stopping considered.</param>
/// <param name="BestEpoch">Epoch, from 1, whose weights were kept.</param>
public sealed record RunResources(
    long TrainableParameters, long TotalParameters, double Seconds, double SecondsPerEpoch, long PeakMemoryBytes, long AdapterBytes, int EpochsTrained, int BestEpoch);

/// <summary><c>metrics.json</c>: what a completed run achieved and cost.</summary>
/// <param name="Validation">Metrics on the validation split.</param>
/// <param name="Test">Metrics on the test split.</param>
/// <param name="Resources">What it cost.</param>
public sealed record RunMetrics(BinaryMetrics Validation, BinaryMetrics Test, RunResources Resources)
{
    /// <summary>Reads <c>metrics.json</c>.</summary>
    /// <param name="folder">The run.</param>
    /// <exception cref="UserInputException">It is missing or not readable.</exception>
    public static RunMetrics ReadFrom(RunFolder folder)
    {
        try
        {
            using var file = new FileStream(folder.MetricsFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return JsonSerializer.Deserialize<RunMetrics>(file, ProductJson.Indented) ?? throw new JsonException("it holds null");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserInputException($"{folder.MetricsFile} is missing; only a completed run has metrics.", e);
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{folder.MetricsFile} is not readable ({e.Message.Split('\n')[0].TrimEnd('.', '\r')}); restore it or run the recipe again.", e);
        }
    }

    /// <summary>Writes <c>metrics.json</c>; numbers read back to the same double.</summary>
    /// <param name="folder">The run.</param>
    public void WriteTo(RunFolder folder) => AtomicFile.WriteAllText(folder.MetricsFile, JsonSerializer.Serialize(this, ProductJson.Indented) + "\n");
}

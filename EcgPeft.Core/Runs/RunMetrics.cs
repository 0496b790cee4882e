using System.Text.Json;
using System.Text.Json.Serialization;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Training;

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
/// <param name="CpuSeconds">Processor time of training, all threads; null in runs that did not measure it.</param>
/// <param name="EnergyJoules">Energy that the machine's processor packages took during training, see <see cref="PackageEnergy"/>; null where the machine does not expose it.</param>
/// <param name="Inference">How fast the tuned model calls segments; null in runs that did not measure it.</param>
/// <param name="MergedInference">The same with the update merged into the weights; null where the method cannot be merged.</param>
/// <param name="Device">What computed: <c>cpu</c> or <c>cuda</c>; null in runs of earlier versions, which know the processor only.</param>
public sealed record RunResources(
    long TrainableParameters, long TotalParameters, double Seconds, double SecondsPerEpoch, long PeakMemoryBytes, long AdapterBytes, int EpochsTrained, int BestEpoch,
    double? CpuSeconds = null, double? EnergyJoules = null, InferenceSpeed? Inference = null, InferenceSpeed? MergedInference = null, string? Device = null);

/// <summary>How probabilities became decisions.</summary>
/// <param name="Threshold">Rule that chose the threshold of both splits on the validation split.</param>
/// <param name="Calibration">What the probabilities in <c>predictions.csv</c> went through; fitted on the validation split.</param>
/// <param name="ValidationCurve">Calibration curve of the validation split.</param>
/// <param name="TestCurve">Calibration curve of the test split.</param>
public sealed record RunDecisions(ThresholdRule Threshold, ProbabilityCalibration Calibration, IReadOnlyList<CalibrationBin> ValidationCurve, IReadOnlyList<CalibrationBin> TestCurve)
{
    /// <summary>Calibrates both splits and chooses the threshold, all on the validation split.</summary>
    /// <param name="recipe">The rules.</param>
    /// <param name="validation">Predictions of the validation split, uncalibrated.</param>
    /// <param name="test">Predictions of the test split, uncalibrated; null where it is left alone.</param>
    /// <returns>Both splits calibrated, the threshold, and how they came about.</returns>
    public static (Predictions Validation, Predictions? Test, double Threshold, RunDecisions Decisions) Decide(EvaluationRecipe recipe, Predictions validation, Predictions? test)
    {
        var calibration = ProbabilityCalibration.Fit(recipe.Calibration, validation.Labels, validation.Probabilities);
        validation = validation with { Probabilities = calibration.Apply(validation.Probabilities) };
        test = test is null ? null : test with { Probabilities = calibration.Apply(test.Probabilities) };
        var threshold = DecisionThreshold.Choose(recipe.Threshold, validation.Labels, validation.Probabilities, recipe.Sensitivity);
        return (validation, test, threshold, new RunDecisions(
            recipe.Threshold, calibration, CalibrationCurve.Compute(validation.Labels, validation.Probabilities), test is null ? [] : CalibrationCurve.Compute(test.Labels, test.Probabilities)));
    }
}

/// <summary><c>metrics.json</c>: what a completed run achieved and cost.</summary>
/// <param name="Validation">Metrics on the validation split.</param>
/// <param name="Tested">Metrics on the test split (<c>test</c> in the file); null where it was left alone, as the trials of a search leave it.</param>
/// <param name="Resources">What it cost.</param>
/// <param name="Decisions">How probabilities became decisions; null in files of earlier versions.</param>
public sealed record RunMetrics(BinaryMetrics Validation, [property: JsonPropertyName("test")] BinaryMetrics? Tested, RunResources Resources, RunDecisions? Decisions = null)
{
    /// <summary>Metrics on the test split.</summary>
    /// <exception cref="UserInputException">The run left it alone.</exception>
    [JsonIgnore]
    public BinaryMetrics Test
    {
        get => Tested ?? throw new UserInputException("This run was a trial of a search and left the test split alone, so there are no test results of it; the search's winner was tested.");
        init => Tested = value;
    }

    /// <summary>Reads <c>metrics.json</c>.</summary>
    /// <param name="folder">The run.</param>
    /// <exception cref="UserInputException">It is missing or not readable.</exception>
    public static RunMetrics ReadFrom(RunFolder folder)
    {
        try
        {
            using var file = new FileStream(folder.MetricsFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return JsonSerializer.Deserialize<RunMetrics>(file, ProductJson.Strict) ?? throw new JsonException("it holds null");
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

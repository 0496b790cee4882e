using System.Text.Json.Serialization;
using EcgPeft.Core.Evaluation;

namespace EcgPeft.Core.Training;

/// <summary>From probabilities to decisions: both are found on the validation split and applied to the test split.</summary>
public sealed record EvaluationRecipe
{
    /// <summary>From which probability a segment is called positive: 0.5, or chosen on the validation split.</summary>
    public ThresholdRule Threshold { get; init; } = ThresholdRule.Fixed;

    /// <summary>The recall that <see cref="ThresholdRule.Sensitivity"/> asks for on the validation split.</summary>
    public double Sensitivity { get; init; } = 0.9;

    /// <summary>Whether probabilities are calibrated, before the threshold is chosen.</summary>
    public CalibrationKind Calibration { get; init; } = CalibrationKind.None;

    /// <summary>Leaves the test split alone: nothing is predicted on it. The trials of a search set it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ValidationOnly { get; init; }
}

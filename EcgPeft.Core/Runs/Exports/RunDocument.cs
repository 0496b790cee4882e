using System.Text.Json;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Exports;

/// <summary>A run, or a study with its runs, as one JSON document.</summary>
/// <param name="ExportedUtc">When it was written, UTC.</param>
/// <param name="Study">The study; null for a run.</param>
/// <param name="Runs">The runs.</param>
public sealed record RunDocument(DateTime ExportedUtc, Study? Study, IReadOnlyList<ExportedRun> Runs)
{
    /// <summary>Gathers the document.</summary>
    /// <param name="source">What is exported.</param>
    /// <exception cref="UserInputException">A run cannot be read, or none has begun.</exception>
    public static RunDocument Of(ExportSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new(DateTime.UtcNow, source.StudyFolder is { } folder ? Study.Read(folder) : null, [.. source.Histories().Select(ExportedRun.Of)]);
    }

    /// <summary>Writes it; numbers read back to the same double.</summary>
    /// <param name="output">Where to.</param>
    public void Write(Stream output) => JsonSerializer.Serialize(output, this, ProductJson.Indented);
}

/// <summary>A run in an exported document.</summary>
/// <param name="Run">Recipe, status, metrics and cost.</param>
/// <param name="Steps">The curves of each step.</param>
/// <param name="Epochs">The curves of each epoch.</param>
public sealed record ExportedRun(RunSummary Run, StepCurves Steps, IReadOnlyList<EpochEvent> Epochs)
{
    internal static ExportedRun Of(RunHistory run) => new(run.Summary, StepCurves.Of(run.Steps), run.Epochs);
}

/// <summary>Steps as columns of equal length: a long run has many.</summary>
/// <param name="Step">Global steps, from 1.</param>
/// <param name="Epoch">Epoch of each, from 1.</param>
/// <param name="Time">When, UTC.</param>
/// <param name="Loss">Mean loss of the batch; may be <c>"NaN"</c> or <c>"Infinity"</c>.</param>
/// <param name="LearningRate">Learning rate.</param>
/// <param name="GradientNorm">Euclidean norm of all trainable gradients before clipping.</param>
/// <param name="SegmentsPerSecond">Speed.</param>
public sealed record StepCurves(
    IReadOnlyList<long> Step, IReadOnlyList<int> Epoch, IReadOnlyList<DateTime> Time, IReadOnlyList<double> Loss, IReadOnlyList<double> LearningRate,
    IReadOnlyList<double> GradientNorm, IReadOnlyList<double> SegmentsPerSecond)
{
    /// <summary>Columns of some steps.</summary>
    /// <param name="steps">The steps.</param>
    public static StepCurves Of(IReadOnlyList<StepEvent> steps) => new(
        [.. steps.Select(s => s.Step)], [.. steps.Select(s => s.Epoch)], [.. steps.Select(s => s.Time.ToUniversalTime())], [.. steps.Select(s => s.Loss)],
        [.. steps.Select(s => s.LearningRate)], [.. steps.Select(s => s.GradientNorm)], [.. steps.Select(s => s.SegmentsPerSecond)]);
}

using System.Globalization;
using System.Text.Json;

namespace EcgPeft.Core.Runs.Exports;

/// <summary>Runs as TensorBoard event files, one folder a run, as <c>tensorboard --logdir</c> expects them.</summary>
public static class TensorBoardExport
{
    /// <summary>Writes the event file of each run.</summary>
    /// <param name="folder">The log folder; made where absent.</param>
    /// <param name="runs">The runs.</param>
    public static void WriteAll(string folder, IReadOnlyList<RunHistory> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        foreach (var run in runs)
        {
            var path = Path.Combine(folder, run.Summary.Id);
            Directory.CreateDirectory(path);
            using var stream = File.Create(Path.Combine(path, FileName(run)));
            Write(run, stream);
        }
    }

    /// <summary>Name of a run's event file; TensorBoard takes files with <c>tfevents</c> in their names, in the order of the number.</summary>
    /// <param name="run">The run.</param>
    public static string FileName(RunHistory run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{(long)(run.Summary.CreatedUtc - DateTime.UnixEpoch).TotalSeconds:0000000000}.ecgpeft");
    }

    /// <summary>Writes one run's events: its recipe as a text, its curves over steps, and the metrics of the test split at the last step.</summary>
    /// <param name="run">The run.</param>
    /// <param name="output">Where to; disposed.</param>
    public static void Write(RunHistory run, Stream output)
    {
        ArgumentNullException.ThrowIfNull(run);
        var summary = run.Summary;
        using var file = new TensorBoardFile(new BufferedStream(output, 1 << 16), summary.CreatedUtc);
        if (summary.Recipe is { } recipe) file.Text("recipe", 0, summary.CreatedUtc, $"```json\n{JsonSerializer.Serialize(recipe, ProductJson.Indented)}\n```");
        foreach (var step in run.Steps)
        {
            var time = step.Time.ToUniversalTime();
            file.Scalar("step/loss", step.Step, time, step.Loss);
            file.Scalar("step/learningRate", step.Step, time, step.LearningRate);
            file.Scalar("step/gradientNorm", step.Step, time, step.GradientNorm);
            file.Scalar("step/segmentsPerSecond", step.Step, time, step.SegmentsPerSecond);
        }
        foreach (var epoch in run.Epochs)
        {
            var time = epoch.Time.ToUniversalTime();
            file.Scalar("training/loss", epoch.Step, time, epoch.TrainingLoss);
            file.Scalar("validation/loss", epoch.Step, time, epoch.ValidationLoss);
            Metrics("validation", epoch.Step, time, epoch.Validation);
        }
        Metrics("test", summary.Step, summary.LastEventUtc, summary.Test);

        void Metrics(string split, long step, DateTime time, Evaluation.BinaryMetrics? metrics)
        {
            foreach (var (name, value) in RunHistory.Named(metrics))
                if (value is { } known) file.Scalar($"{split}/{name}", step, time, known);
        }
    }
}

using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>What a completed run says of other segments, treated as its own were: filters, normalisation, resampling, calibration and threshold.</summary>
public static class RunPredictor
{
    private const long FramesKept = 1L << 30;

    /// <summary>Predicts all segments.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="root">The product's data folder.</param>
    /// <param name="segments">The segments, as long as the run's own.</param>
    /// <param name="stop">Ends the computation.</param>
    /// <returns>Calibrated probabilities of all rows, and the run's threshold.</returns>
    /// <exception cref="UserInputException">The run is not completed, its model has changed, or the segments do not fit.</exception>
    public static SplitResult Predict(RunFolder folder, DataRoot root, SegmentSet segments, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(segments);
        using var run = LoadedRun.Open(folder, root, segments, asTrained: true);
        var (model, inputs, metrics) = (run.Model, run.Inputs, run.Metrics);
        using var frames = model.TrainsBeforeLayers ? FrozenFrames.Trained(model.Classifier.Backbone, inputs) : FrozenFrames.Compute(model.Classifier.Backbone, inputs, FramesKept, progress: null, stop, model.FrozenLayers);
        int[] rows = [.. Enumerable.Range(0, segments.Count)];
        var probabilities = Predictor.Probabilities(model, frames, rows);
        return new SplitResult(new Predictions(rows, segments.Labels.ToArray(), (metrics.Decisions?.Calibration ?? ProbabilityCalibration.Identity).Apply(probabilities)), metrics.Validation.Threshold);
    }
}

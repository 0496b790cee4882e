using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using static TorchSharp.torch;

namespace EcgPeft.Core.Explanations;

/// <summary>
/// What a completed run has learned: which samples of a segment moved its score, and where the backbone puts the test segments before and after tuning.
/// Works in the process of its caller, one thread, in float32 and evaluation mode; results lie in the run's folder.
/// </summary>
public sealed class RunExplainer : IDisposable
{
    /// <summary>Most test segments on a map.</summary>
    public const int MostMapped = 500;

    private const int PointsAtOnce = 8, SegmentsAtOnce = 8;

    private readonly RunFolder _folder;
    private readonly DataRoot _root;
    private readonly LoadedRun _run;
    private readonly PredictionsFile _predictions;
    private readonly Dictionary<int, (byte Label, double Probability)> _calls;

    /// <summary>Loads a completed run with its own data.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="root">The product's data folder.</param>
    /// <exception cref="UserInputException">The run is not completed, or its model or data have changed.</exception>
    public RunExplainer(RunFolder folder, DataRoot root)
    {
        ArgumentNullException.ThrowIfNull(folder);
        (_folder, _root) = (folder, root);
        var recipe = folder.ReadRecipe();
        if (recipe.Pretraining is not null) throw new UserInputException($"{folder.Id} is a pre-training run; only runs that classify can be explained.");
        _predictions = PredictionsFile.Read(folder.PredictionsFile);
        var segments = SegmentSource.Load(recipe.Data.Path ?? "", recipe.Data.Groups).Segments;
        if (recipe.Data.Hash is { } hash && segments.Hash != hash)
            throw new UserInputException($"{recipe.Data.Path} no longer holds the data of the run (another content hash); restore the file to explain the run.");
        _calls = new[] { _predictions.Validation, _predictions.Test }.SelectMany(split => Enumerable.Range(0, split.Count).Select(i => (Row: split.Rows[i], Label: split.Labels[i], Probability: split.Probabilities[i])))
            .DistinctBy(call => call.Row).ToDictionary(call => call.Row, call => (call.Label, call.Probability));
        _run = LoadedRun.Open(folder, root, segments, asTrained: false);
        _run.Model.Classifier.eval();
    }

    /// <summary>The surest calls of each kind in the test split.</summary>
    /// <param name="each">How many of each kind.</param>
    public IReadOnlyList<int> Surest(int each)
    {
        var calls = SegmentCall.Of(_predictions.Test, _run.Metrics.Test.Threshold);
        return [.. Enum.GetValues<CallKind>().SelectMany(kind => calls[kind].Take(each)).Select(call => call.Row)];
    }

    /// <summary>Explains one segment and keeps the result in the run's folder.</summary>
    /// <param name="row">Row in the data set, from 0; of the validation or test split.</param>
    /// <param name="stop">Ends the computation.</param>
    /// <exception cref="UserInputException">The run predicted no such row.</exception>
    public ExplainedSegment Explain(int row, CancellationToken stop)
    {
        if (!_calls.TryGetValue(row, out var call)) throw new UserInputException($"Row {row} is in neither the validation nor the test split of {_folder.Id}; predictions.csv lists the rows that can be explained.");
        var elements = _run.Segment(row);
        var input = new float[_run.Resampler.OutputLength];
        _run.Resampler.Apply(elements, input);
        var explained = new ExplainedSegment(row, call.Label, call.Probability, IntegratedGradients.Of(LogOdds, input, PullBack, elements, PointsAtOnce, stop));
        ExplanationFiles.Write(_folder, explained);
        return explained;
    }

    /// <summary>Maps test segments before and after tuning and keeps the result in the run's folder.</summary>
    /// <param name="progress">Called with the share done, 0 to 1.</param>
    /// <param name="stop">Ends the computation.</param>
    public EmbeddingMap Map(Action<double> progress, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var test = _predictions.Test;
        var order = Enumerable.Range(0, test.Count).ToArray();
        new Random(1).Shuffle(order);
        int[] chosen = [.. order.Take(MostMapped).Order()];
        int[] rows = [.. chosen.Select(i => test.Rows[i])];
        byte[] labels = [.. chosen.Select(i => test.Labels[i])];
        using var plain = ModelFolder.Load(new ModelCatalogue(_root).FolderOf(_run.Recipe.Backbone.Model), new SeededWeights(0), _run.Model.Classifier.Backbone.Device);
        plain.eval();
        var before = EmbeddedSegments.Of(Embeddings(plain.Backbone, rows, share => progress(share / 2), stop), labels);
        var after = EmbeddedSegments.Of(Embeddings(_run.Model.Classifier.Backbone, rows, share => progress((1 + share) / 2), stop), labels);
        var map = new EmbeddingMap(rows, labels, test.Count, before, after);
        ExplanationFiles.Write(_folder, map);
        return map;
    }

    /// <inheritdoc/>
    public void Dispose() => _run.Dispose();

    private Tensor LogOdds(Tensor inputs)
    {
        var logits = _run.Model.Classifier.forward(_run.Inputs.Placed(inputs).to(_run.Model.Classifier.Backbone.Device), null);
        return logits.select(1, 1) - logits.select(1, 0);
    }

    /// <summary>The transpose of resampling: how much the slope weighs each sample of the segment.</summary>
    private double[] PullBack(float[] slope)
    {
        var length = _run.SegmentLength;
        var slopes = new double[length];
        Parallel.For(0, length, () => (Unit: new float[length], Made: new float[slope.Length]), (i, _, buffers) =>
        {
            buffers.Unit[i] = 1;
            _run.Resampler.Apply(buffers.Unit, buffers.Made);
            buffers.Unit[i] = 0;
            for (var j = 0; j < slope.Length; j++) slopes[i] += (double)buffers.Made[j] * slope[j];
            return buffers;
        }, _ => { });
        return slopes;
    }

    private float[] Embeddings(Backbone backbone, int[] rows, Action<double> progress, CancellationToken stop)
    {
        using var _ = no_grad();
        var found = new List<float>();
        foreach (var some in rows.Chunk(SegmentsAtOnce))
        {
            stop.ThrowIfCancellationRequested();
            using var undisturbed = NoCollection.Begin();
            using var scope = NewDisposeScope();
            found.AddRange(backbone.Encode(backbone.Embed(_run.Inputs.Inputs(some).to(backbone.Device), attentionMask: null)).mean([1L]).contiguous().cpu().data<float>().ToArray());
            progress((double)(Array.IndexOf(rows, some[^1]) + 1) / rows.Length);
        }
        return [.. found];
    }
}

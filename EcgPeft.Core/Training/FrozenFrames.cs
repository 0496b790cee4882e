using EcgPeft.Core.Backbones;
using EcgPeft.Core.Ecg;
using static TorchSharp.torch;

namespace EcgPeft.Core.Training;

/// <summary>
/// What enters the first transformer layer, for every segment. Where nothing before that layer is trained, it is computed once
/// and kept in memory when it fits; otherwise it is computed for each batch. Where something is, nothing is frozen: each batch
/// is computed in the model's present mode and takes part in the backward pass.
/// </summary>
public sealed class FrozenFrames : IDisposable
{
    private const int BatchSize = 16;

    private readonly Backbone backbone;
    private readonly SegmentInputs inputs;
    private readonly Tensor? kept;
    private readonly bool trained;

    private FrozenFrames(Backbone backbone, SegmentInputs inputs, Tensor? kept, bool trained = false)
    {
        this.backbone = backbone;
        this.inputs = inputs;
        this.kept = kept;
        this.trained = trained;
    }

    /// <summary>Whether the frames are kept in memory.</summary>
    public bool Kept => kept is not null;

    /// <summary>Computes the frames of all segments, or decides not to keep them.</summary>
    /// <param name="backbone">The backbone; dropout before the first layer is off, since what is frozen is computed once.</param>
    /// <param name="inputs">The segments.</param>
    /// <param name="memoryLimit">Bytes that may be kept.</param>
    /// <param name="progress">Called with the number of segments done.</param>
    /// <param name="stop">Ends the computation.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FrozenFrames Compute(Backbone backbone, SegmentInputs inputs, long memoryLimit, Action<int>? progress, CancellationToken stop)
    {
        var count = inputs.Labels.Length;
        Tensor? kept = null;
        for (var start = 0; start < count; start += BatchSize)
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var rows = Enumerable.Range(start, Math.Min(BatchSize, count - start)).ToArray();
            var hidden = Embed(backbone, inputs.Inputs(rows));
            if (kept is null)
            {
                var bytes = (long)count * hidden.shape[1] * hidden.shape[2] * sizeof(float);
                if (bytes > memoryLimit) return new FrozenFrames(backbone, inputs, null);
                kept = empty([count, hidden.shape[1], hidden.shape[2]]).DetachFromDisposeScope();
            }
            kept.narrow(0, start, rows.Length).copy_(hidden);
            progress?.Invoke(start + rows.Length);
        }
        return new FrozenFrames(backbone, inputs, kept);
    }

    /// <summary>The frames for a method that trains something before the first transformer layer.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="inputs">The segments.</param>
    public static FrozenFrames Trained(Backbone backbone, SegmentInputs inputs) => new(backbone, inputs, kept: null, trained: true);

    /// <summary>The frames where training segments are varied at random: nothing frozen stays the same, so each batch is computed.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="inputs">The segments.</param>
    public static FrozenFrames EachBatch(Backbone backbone, SegmentInputs inputs) => new(backbone, inputs, kept: null);

    /// <summary>The frames of some training rows, varied at random.</summary>
    /// <param name="rows">Row numbers.</param>
    /// <param name="strength">How strongly.</param>
    /// <param name="seed">Seed of the batch.</param>
    public Frames Varied(int[] rows, AugmentationStrength strength, int seed) =>
        trained ? backbone.Embed(inputs.Inputs(rows, (strength, seed)), attentionMask: null) : new(Embed(backbone, inputs.Inputs(rows, (strength, seed))), FrameMask: null);

    /// <summary>The frames of some rows.</summary>
    /// <param name="rows">Row numbers.</param>
    public Frames Of(int[] rows) =>
        trained ? backbone.Embed(inputs.Inputs(rows), attentionMask: null)
        : new(kept is null ? Embed(backbone, inputs.Inputs(rows)) : kept.index_select(0, tensor(rows.Select(r => (long)r).ToArray())), FrameMask: null);

    /// <inheritdoc/>
    public void Dispose() => kept?.Dispose();

    private static Tensor Embed(Backbone backbone, Tensor input)
    {
        using var _ = no_grad();
        var training = backbone.training;
        if (training) backbone.eval();
        var hidden = backbone.Embed(input, attentionMask: null).Hidden;
        if (training) backbone.train();
        return hidden;
    }
}

using System.Buffers;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Training.Caching;
using static TorchSharp.torch;

namespace EcgPeft.Core.Training;

/// <summary>
/// What enters the first transformer layer that is trained, for every segment. What is frozen is computed once, in evaluation
/// mode, and kept in half precision, on disk or in memory. Where nothing can be kept it is computed for each batch; where something before the layers is trained, each batch is computed in the model's present mode and takes part in the
/// backward pass.
/// </summary>
public sealed class FrozenFrames : IDisposable
{
    private readonly Backbone backbone;
    private readonly SegmentInputs inputs;
    private readonly int depth;
    private readonly FrameFile? kept;
    private readonly bool trained;
    private readonly Action<string>? warn;

    private readonly Queue<(int[] Rows, Task<byte[]?> Bytes)> ahead = [];

    private FrozenFrames(Backbone backbone, SegmentInputs inputs, int depth, FrameFile? kept, bool trained = false, Action<string>? warn = null) =>
        (this.backbone, this.inputs, this.depth, this.kept, this.trained, this.warn) = (backbone, inputs, depth, kept, trained, warn);

    /// <summary>Whether the frames are kept.</summary>
    public bool Kept => kept is not null;

    /// <summary>Frames of one segment.</summary>
    public long FramesOfSegment => backbone.Contract.FramesOf(inputs.Length);

    /// <summary>Computes the frames before the first layer for all segments and keeps them in memory, or decides not to.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="inputs">The segments.</param>
    /// <param name="memoryLimit">Bytes that may be kept.</param>
    /// <param name="progress">Called with the number of segments done.</param>
    /// <param name="stop">Ends the computation.</param>
    /// <param name="depth">Transformer layers that are frozen.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FrozenFrames Compute(Backbone backbone, SegmentInputs inputs, long memoryLimit, Action<int>? progress, CancellationToken stop, int depth = 0)
    {
        var size = RowBytes(backbone, inputs, depth);
        var keep = FrameFile.Size(inputs.Labels.Length, size) <= memoryLimit;
        var frames = new FrozenFrames(backbone, inputs, depth, keep ? FrameFile.InMemory(inputs.Labels.Length, size) : null);
        return frames.Filled(progress, stop);
    }

    /// <summary>Opens the frames of all segments in the cache and computes those that are not there.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="inputs">The segments.</param>
    /// <param name="cache">Where they are kept.</param>
    /// <param name="backboneHash">Content hash of the backbone's weights.</param>
    /// <param name="depth">Transformer layers that are frozen, see <see cref="Peft.PeftModel.FrozenLayers"/>.</param>
    /// <param name="log">Receives sentences for people: what is kept, or why not; what was damaged.</param>
    /// <param name="progress">Called with the number of segments done.</param>
    /// <param name="stop">Ends the computation; what is computed stays.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FrozenFrames Cached(
        Backbone backbone, SegmentInputs inputs, FrameCache cache, string backboneHash, int depth, Action<string, string> log, Action<int>? progress, CancellationToken stop)
    {
        var count = inputs.Labels.Length;
        var precision = (backbone.InBf16 ? "bf16" : "fp32") + (OnProcessor(backbone) ? "" : $" {backbone.Device.type}"); // other devices round otherwise
        var content = $"frames 1|{backboneHash}|{inputs.Hash()}|{inputs.Length}|{depth}|{precision}|{TypeOf(backbone, depth)}";
        var file = cache.Open(content, count, RowBytes(backbone, inputs, depth), out var why);
        var what = depth == 0 ? "The output of the frozen layers before the transformer"
            : depth == backbone.Layers.Count ? "The output of the backbone, all of it frozen," : $"The output of the frozen part, with the first {depth} transformer layers,";
        if (file is null)
        {
            log("warning", $"{what} cannot be kept, since {why}: computed for each batch.");
            return new FrozenFrames(backbone, inputs, depth, null);
        }
        var missing = Enumerable.Range(0, file.Blocks).Count(block => !file.Has(block));
        log("info", missing == 0 ? $"{what} is in the cache already." : $"{what} is computed once and kept in the cache ({FrameFile.Size(count, file.RowBytes) / 1e6:F0} MB).");
        var frames = new FrozenFrames(backbone, inputs, depth, file, warn: message => log("warning", message));
        try
        {
            return frames.Filled(progress, stop);
        }
        catch (IOException e)
        {
            frames.Dispose();
            log("warning", $"{what} cannot be kept, since writing to the cache failed ({e.Message}): computed for each batch.");
            return new FrozenFrames(backbone, inputs, depth, null);
        }
        catch
        {
            frames.Dispose();
            throw;
        }
    }

    /// <summary>The frames for a method that trains something before the first transformer layer.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="inputs">The segments.</param>
    public static FrozenFrames Trained(Backbone backbone, SegmentInputs inputs) => new(backbone, inputs, 0, kept: null, trained: true);

    /// <summary>The frames where training segments are varied at random: nothing frozen stays the same, so each batch is computed.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="inputs">The segments.</param>
    public static FrozenFrames EachBatch(Backbone backbone, SegmentInputs inputs) => new(backbone, inputs, 0, kept: null);

    /// <summary>The frames of some training rows, varied at random.</summary>
    /// <param name="rows">Row numbers.</param>
    /// <param name="strength">How strongly.</param>
    /// <param name="seed">Seed of the batch.</param>
    public Frames Varied(int[] rows, AugmentationStrength strength, int seed) =>
        trained ? backbone.Embed(There(inputs.Inputs(rows, (strength, seed))), attentionMask: null) : Enter(Computed(inputs.Inputs(rows, (strength, seed))));

    /// <summary>The frames of some rows.</summary>
    /// <param name="rows">Row numbers.</param>
    public Frames Of(int[] rows) =>
        trained ? backbone.Embed(There(inputs.Inputs(rows)), attentionMask: null)
        : Enter(kept is null ? Computed(inputs.Inputs(rows)) : Gathered(rows));

    /// <summary>Fetches the kept frames of the next batch while this one trains, so that a step never waits for the disk.</summary>
    /// <param name="rows">Row numbers, as <see cref="Of"/> will be asked for, in the same order.</param>
    public void Prepare(int[] rows)
    {
        if (kept is not null) ahead.Enqueue((rows, Task.Run(() => Fetched(rows))));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Task.WaitAll(ahead.Select(next => next.Bytes)); // they read the map
        kept?.Dispose();
    }

    private static ScalarType TypeOf(Backbone backbone, int depth) =>
        // Before a norm the sums of a pre-norm model know no bound; everything else is normed and fits half precision.
        backbone.Layers[0].PreNorm && depth < backbone.Layers.Count ? ScalarType.Float32 : ScalarType.Float16;

    private static long RowBytes(Backbone backbone, SegmentInputs inputs, int depth) => backbone.Contract.FramesOf(inputs.Length) * backbone.Layers[0].HiddenSize * (TypeOf(backbone, depth) == ScalarType.Float32 ? sizeof(float) : sizeof(ushort));

    private static bool OnProcessor(Backbone backbone) => backbone.Device.type == TorchSharp.DeviceType.CPU;

    private Frames Enter(Tensor stored) => new(There(stored).to(ScalarType.Float32), FrameMask: null, depth);

    /// <summary>On the backbone's device.</summary>
    private Tensor There(Tensor x) => OnProcessor(backbone) ? x : x.to(backbone.Device);

    private FrozenFrames Filled(Action<int>? progress, CancellationToken stop)
    {
        if (kept is null) return this;
        // Two workers that begin at once begin at different places and share the work.
        var first = Environment.ProcessId * 7919 % kept.Blocks;
        for (var i = 0; i < kept.Blocks; i++)
        {
            var block = (first + i) % kept.Blocks;
            if (kept.Has(block)) continue;
            stop.ThrowIfCancellationRequested();
            Keep(block);
            progress?.Invoke(Math.Min((i + 1) * FrameFile.BlockRows, inputs.Labels.Length));
        }
        return this;
    }

    private int[] RowsOf(int block) => [.. Enumerable.Range(block * FrameFile.BlockRows, Math.Min(FrameFile.BlockRows, inputs.Labels.Length - block * FrameFile.BlockRows))];

    private void Keep(int block)
    {
        using var undisturbed = NoCollection.Begin();
        using var scope = NewDisposeScope();
        kept!.Write(block, Computed(inputs.Inputs(RowsOf(block))).cpu().bytes);
    }

    private Tensor Computed(Tensor input)
    {
        using var _ = no_grad();
        var training = backbone.training;
        if (training) backbone.eval();
        var hidden = backbone.UpTo(depth, backbone.Embed(There(input), attentionMask: null));
        if (training) backbone.train();
        return hidden.to(TypeOf(backbone, depth)).contiguous();
    }

    /// <summary>The frames of rows one after the other; null where a block is damaged.</summary>
    private unsafe byte[]? Fetched(int[] rows)
    {
        if (rows.Select(row => row / FrameFile.BlockRows).Distinct().Any(block => !kept!.IsSound(block, RowsOf(block).Length))) return null;
        var rowBytes = checked((int)kept!.RowBytes);
        var bytes = ArrayPool<byte>.Shared.Rent(rows.Length * rowBytes); // megabytes a step would be collected again and again
        for (var i = 0; i < rows.Length; i++) new ReadOnlySpan<byte>(kept.Row(rows[i]), rowBytes).CopyTo(bytes.AsSpan(i * rowBytes));
        return bytes;
    }

    private Tensor Gathered(int[] rows)
    {
        var fetched = ahead.TryPeek(out var next) && next.Rows.AsSpan().SequenceEqual(rows) ? ahead.Dequeue().Bytes.Result : Fetched(rows);
        if (fetched is null)
        {
            foreach (var block in rows.Select(row => row / FrameFile.BlockRows).Distinct())
            {
                if (kept!.IsSound(block, RowsOf(block).Length)) continue;
                warn?.Invoke($"A part of the cached frames was damaged (rows {RowsOf(block)[0]} to {RowsOf(block)[^1]}); it is computed again.");
                Keep(block);
            }
            fetched = Fetched(rows) ?? throw new IOException("The cached frames are damaged again as soon as they are written; look at the disk that holds the cache.");
        }
        var batch = empty([rows.Length, FramesOfSegment, backbone.Layers[0].HiddenSize], dtype: TypeOf(backbone, depth), device: CPU);
        var target = batch.bytes;
        fetched.AsSpan(0, target.Length).CopyTo(target);
        ArrayPool<byte>.Shared.Return(fetched);
        return batch;
    }
}

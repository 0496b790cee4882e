using EcgPeft.Core.Backbones;
using EcgPeft.Core.Checkpoints;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Pretraining;

/// <summary>The cluster of every frame of every segment, which HuBERT learns to predict.</summary>
public sealed class ClusterTargets : IDisposable
{
    private const string Key = "targets";
    private const int BatchSize = 64;
    private const int WindowPoints = 16;

    private readonly Tensor frames;

    private ClusterTargets(Tensor frames, int clusters)
    {
        this.frames = frames;
        Clusters = clusters;
    }

    /// <summary>Number of clusters.</summary>
    public int Clusters { get; }

    /// <summary>Clusters of some rows' frames.</summary>
    /// <param name="rows">Row numbers.</param>
    /// <returns>int64 [rows, F].</returns>
    public Tensor Of(int[] rows) => frames.index_select(0, tensor(rows.Select(row => (long)row).ToArray(), device: CPU));

    /// <summary>Clusters descriptors of frames, and keeps the result in a file, so that a resumed run has the same targets.</summary>
    /// <param name="file">The file; where it exists it is read, and nothing is computed.</param>
    /// <param name="rows">Number of segments.</param>
    /// <param name="describe">Descriptors of some rows' frames, [rows, F, D].</param>
    /// <param name="clusters">Number of clusters.</param>
    /// <param name="fitOn">Frames on which k-means is fitted, at the most.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="stop">Ends the computation.</param>
    public static ClusterTargets Of(string file, int rows, Func<int[], Tensor> describe, int clusters, int fitOn, Random random, CancellationToken stop)
    {
        if (File.Exists(file))
        {
            using var open = SafetensorsFile.Open(file);
            return new ClusterTargets(open.Read(Key).DetachFromDisposeScope(), clusters);
        }
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var order = Enumerable.Range(0, rows).ToArray();
        random.Shuffle(order);
        var sample = new List<Tensor>();
        for (var (at, taken) = (0, 0L); at < rows && taken < fitOn; at += BatchSize)
        {
            stop.ThrowIfCancellationRequested();
            var described = Described(describe, order[at..Math.Min(rows, at + BatchSize)]);
            sample.Add(described.reshape(-1, described.shape[2]));
            taken += sample[^1].shape[0];
        }
        var points = cat(sample);
        var (mean, deviation) = (points.mean([0L]), points.std(0, unbiased: false).clamp_min(Constant.Of(1e-6)));
        points = (points - mean) / deviation;
        if (points.shape[0] > fitOn) points = points.narrow(0, 0, fitOn);
        var centres = KMeans.Fit(points, clusters, random);

        var assigned = new List<Tensor>();
        for (var at = 0; at < rows; at += BatchSize)
        {
            stop.ThrowIfCancellationRequested();
            using var undisturbed = NoCollection.Begin();
            using var inner = NewDisposeScope();
            var described = Described(describe, [.. Enumerable.Range(at, Math.Min(BatchSize, rows - at))]);
            var flat = (described.reshape(-1, described.shape[2]) - mean) / deviation;
            assigned.Add(KMeans.Assign(flat, centres).view(described.shape[0], described.shape[1]).MoveToOuterDisposeScope());
        }
        var frames = cat(assigned).cpu();
        SafetensorsWriter.Write(file, [KeyValuePair.Create(Key, frames)]);
        return new ClusterTargets(frames.DetachFromDisposeScope(), clusters);
    }

    /// <summary>
    /// Descriptors of the waveform itself, for the first iteration, in the place of speech's cepstral coefficients: the samples that
    /// a frame and its neighbours see, averaged to 16 points, and the differences between them.
    /// </summary>
    /// <param name="input">[B, T] or [B, leads, T], of which the first lead counts.</param>
    /// <param name="contract">Frames of the backbone.</param>
    /// <returns>[B, F, 31].</returns>
    public static Tensor DescribeWaveform(Tensor input, InputContract contract)
    {
        var lead = input.dim() == 3 ? input.select(1, 0) : input;
        var frames = contract.FramesOf(lead.shape[1]);
        var window = Math.Max(contract.ReceptiveField, 2 * contract.Hop);
        // Windows of frames near the ends reach beyond the segment, where its last sample goes on.
        var before = (window - contract.ReceptiveField) / 2;
        var after = Math.Max(0, (frames - 1) * contract.Hop + window - before - lead.shape[1]);
        var padded = functional.pad(lead.unsqueeze(1), [before, after], TorchSharp.PaddingModes.Replicate).squeeze(1);
        var windows = padded.unfold(1, window, contract.Hop).narrow(1, 0, frames);
        var points = functional.adaptive_avg_pool1d(windows.reshape(-1, 1, window), WindowPoints).view(lead.shape[0], frames, WindowPoints);
        return cat([points, points.narrow(2, 1, WindowPoints - 1) - points.narrow(2, 0, WindowPoints - 1)], 2);
    }

    /// <summary>Hidden states of one layer, for every iteration but the first.</summary>
    /// <param name="backbone">The backbone, in evaluation mode.</param>
    /// <param name="input">[B, T] or [B, leads, T].</param>
    /// <param name="layer">From 1.</param>
    /// <returns>[B, F, H].</returns>
    public static Tensor DescribeHidden(Backbone backbone, Tensor input, int layer)
    {
        Tensor? found = null;
        backbone.Encode(backbone.Embed(input, attentionMask: null), (i, hidden) =>
        {
            if (i == layer - 1) found = hidden;
        });
        return found!;
    }

    /// <inheritdoc/>
    public void Dispose() => frames.Dispose();

    private static Tensor Described(Func<int[], Tensor> describe, int[] rows)
    {
        using var scope = NewDisposeScope();
        return describe(rows).MoveToOuterDisposeScope();
    }
}

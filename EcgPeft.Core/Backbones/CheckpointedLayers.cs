using EcgPeft.Core.Backbones.Blocks;
using static TorchSharp.torch;

namespace EcgPeft.Core.Backbones;

/// <summary>
/// The transformer layers with activation checkpointing (Chen et al. 2016, "Training deep nets with sublinear memory cost"): the forward pass keeps
/// each layer's input only, and the backward pass computes a layer once more, with the same random numbers, before it goes back through it. The
/// gradients are those of <see cref="Backbone.Encode"/>, bit for bit; memory holds one layer's results at a time, at the price of a second forward pass.
/// </summary>
public sealed class CheckpointedLayers
{
    private readonly Frames frames;
    private readonly Tensor? keyMask;
    private readonly List<(TransformerLayer Layer, Tensor Input, Tensor Randomness)> passed = [];

    /// <summary>The forward pass, in the caller's dispose scope.</summary>
    /// <param name="backbone">The backbone, in training mode.</param>
    /// <param name="frames">What enters the first layer that is trained.</param>
    public CheckpointedLayers(Backbone backbone, Frames frames)
    {
        this.frames = frames;
        keyMask = Backbone.KeyMaskOf(frames);
        var hidden = frames.Hidden.detach();
        using (no_grad())
        {
            for (var i = frames.Depth; i < backbone.Layers.Count; i++)
            {
                if (backbone.Skips()) continue;
                passed.Add((backbone.Layers[i], hidden, Randomness(hidden)));
                hidden = Backbone.Through(backbone.Layers[i], hidden, keyMask);
            }
        }
        Leaving = hidden.detach().requires_grad_();
        Hidden = backbone.Finish(Leaving);
    }

    /// <summary>Output of the backbone, [B, F, H]; a graph leads from it to the last layer's output and no further.</summary>
    public Tensor Hidden { get; }

    private Tensor Leaving { get; }

    private static bool OnProcessor(Tensor x) => x.device_type == TorchSharp.DeviceType.CPU;

    /// <summary>What brings the same random numbers back: the processor's generator as it is; elsewhere, where none can be read, a seed that is set now.</summary>
    private static Tensor Randomness(Tensor x)
    {
        if (OnProcessor(x)) return get_rng_state();
        var seed = randint(long.MaxValue, [1L], dtype: ScalarType.Int64, device: CPU);
        manual_seed(seed.item<long>());
        return seed;
    }

    /// <summary>The rest of the backward pass, once a loss of <see cref="Hidden"/> has gone back.</summary>
    public void Backward()
    {
        var gradient = Leaving.grad ?? throw new InvalidOperationException("The loss has not gone back yet.");
        // Below the first layer that trains something there is nothing to go back for.
        var last = frames.Hidden.requires_grad ? 0 : passed.FindIndex(p => !p.Layer.IsFrozen);
        for (var i = passed.Count - 1; last >= 0 && i >= last; i--)
        {
            var (layer, input, randomness) = passed[i];
            using var scope = NewDisposeScope();
            var entering = input.detach().requires_grad_(i > last || frames.Hidden.requires_grad);
            if (OnProcessor(input)) set_rng_state(randomness);
            else manual_seed(randomness.item<long>());
            Backbone.Through(layer, entering, keyMask).backward([gradient]);
            gradient = entering.grad?.MoveToOuterDisposeScope() ?? gradient;
        }
        if (frames.Hidden.requires_grad) frames.Hidden.backward([gradient]);
    }
}

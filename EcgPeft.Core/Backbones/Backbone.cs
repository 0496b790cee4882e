using EcgPeft.Core.Backbones.Blocks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Backbones;

/// <summary>Frames that enter or leave the transformer layers.</summary>
/// <param name="Hidden">[B, F, H].</param>
/// <param name="FrameMask">Which frames are real, boolean [B, F]; null when all are.</param>
/// <param name="Depth">Transformer layers that they have been through.</param>
public sealed record Frames(Tensor Hidden, Tensor? FrameMask, int Depth = 0);

/// <summary>
/// A pre-trained model that turns samples into hidden states: convolutions, positions, transformer layers. Everything before
/// the first layer is <see cref="Embed"/>, so that what stays frozen can be computed once.
/// </summary>
/// <param name="name">Name of the module's type.</param>
public abstract class Backbone(string name) : Module(name)
{
    private Device? device;

    /// <summary>Nothing: every child is registered by hand under its checkpoint's name, and TorchSharp would add fields under theirs.</summary>
    protected override void RegisterComponents()
    {
    }

    /// <summary>Where its parameters are, and so where it computes; inputs have to be brought there.</summary>
    public Device Device => device ??= parameters().First().device;

    /// <summary>Input that it expects.</summary>
    public abstract InputContract Contract { get; }

    /// <summary>Its parts in a line for people: convolutions, norms, layers, widths.</summary>
    public abstract string Architecture { get; }

    /// <summary>Channels of the convolutional encoder's output, C.</summary>
    public abstract long FeatureSize { get; }

    /// <summary>The transformer layers in order.</summary>
    public abstract IReadOnlyList<TransformerLayer> Layers { get; }

    /// <summary>Probability that a whole layer is skipped while training (Fan et al. 2019).</summary>
    protected abstract double LayerDrop { get; }

    /// <summary>The line of <see cref="Architecture"/>.</summary>
    /// <param name="convLayers">Layers of the convolutional encoder.</param>
    /// <param name="norm">Their norm.</param>
    /// <param name="layer">Shape of the transformer layers.</param>
    /// <param name="layers">Number of transformer layers.</param>
    private protected static string Describe(IReadOnlyList<ConvLayerShape> convLayers, ConvNorm norm, TransformerLayerShape layer, int layers) =>
        $"{convLayers.Count} convolutions of {convLayers[^1].Channels} channels ({(norm == ConvNorm.EachLayer ? "layer norm after each" : "group norm after the first")}), " +
        $"{layers} {(layer.PreNorm ? "pre" : "post")}-norm transformer layers of width {layer.HiddenSize} with {layer.Heads} heads";

    /// <summary>The convolutional encoder's output.</summary>
    /// <param name="input">[B, T] for one lead, else [B, leads, T].</param>
    /// <returns>[B, C, F].</returns>
    public abstract Tensor ConvFeatures(Tensor input);

    /// <summary>The convolutional encoder's output as the feature projection sees it: normed, frames before channels.</summary>
    /// <param name="convFeatures">Output of <see cref="ConvFeatures"/>, [B, C, F].</param>
    /// <returns>[B, F, C].</returns>
    public abstract Tensor NormedFeatures(Tensor convFeatures);

    /// <summary>From normed features to what enters the first transformer layer: projection and positions.</summary>
    /// <param name="features">Output of <see cref="NormedFeatures"/>, [B, F, C].</param>
    /// <param name="attentionMask">1 for real samples, [B, T]; null when all are.</param>
    /// <param name="masking">Replaces projected frames, [B, F, H], before positions are added (pre-training); null leaves them.</param>
    public abstract Frames EmbedFeatures(Tensor features, Tensor? attentionMask, Func<Tensor, Tensor>? masking = null);

    /// <summary>Everything before the first transformer layer.</summary>
    /// <param name="input">[B, T] for one lead, else [B, leads, T].</param>
    /// <param name="attentionMask">1 for real samples, [B, T]; null when all are.</param>
    public Frames Embed(Tensor input, Tensor? attentionMask) => EmbedFeatures(NormedFeatures(ConvFeatures(input)), attentionMask);

    /// <summary>What follows the last layer (a norm in pre-norm models).</summary>
    /// <param name="hidden">[B, F, H].</param>
    protected internal virtual Tensor Finish(Tensor hidden) => hidden;

    /// <summary>The first transformer layers, and what follows the last one if it is among them.</summary>
    /// <param name="depth">How many layers.</param>
    /// <param name="frames">Output of <see cref="Embed"/>.</param>
    /// <returns>[B, F, H].</returns>
    public Tensor UpTo(int depth, Frames frames)
    {
        var keyMask = KeyMaskOf(frames);
        var hidden = frames.Hidden;
        for (var i = frames.Depth; i < depth; i++) hidden = Through(Layers[i], hidden, keyMask);
        return depth == Layers.Count ? Finish(hidden) : hidden;
    }

    /// <summary>The transformer layers that the frames have not been through, and what follows them.</summary>
    /// <param name="frames">Output of <see cref="Embed"/>, or of <see cref="UpTo"/>.</param>
    /// <param name="eachLayer">Called with the index and output of each layer, the last one finished; or null.</param>
    /// <returns>[B, F, H].</returns>
    public Tensor Encode(Frames frames, Action<int, Tensor>? eachLayer = null)
    {
        var keyMask = KeyMaskOf(frames);
        var hidden = frames.Hidden;
        for (var i = frames.Depth; i < Layers.Count; i++)
        {
            if (!Skips()) hidden = Through(Layers[i], hidden, keyMask);
            if (i == Layers.Count - 1) hidden = Finish(hidden);
            eachLayer?.Invoke(i, hidden);
        }
        return hidden;
    }

    /// <summary>Whether products with frozen weights are computed in bfloat16.</summary>
    public bool InBf16 { get; private set; }

    /// <summary>
    /// From now on products with frozen weights are computed in bfloat16; norms, residual sums and everything trained stay in
    /// float32. After a method is in and what it trains is unfrozen.
    /// </summary>
    /// <param name="copies">Where bfloat16 copies come from; null makes them here, for this model alone.</param>
    public void UseBf16(Bf16Copies? copies = null)
    {
        using var undisturbed = NoCollection.Begin();
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        InBf16 = true;
        copies ??= new Bf16Copies();
        var named = named_modules().DistinctBy(m => m.module, ReferenceEqualityComparer.Instance).ToList();
        foreach (var (name, module) in named)
        {
            if (module is SelfAttention attention && !new[] { attention.Query, attention.Key, attention.Value }.Any(p => p.Weight.requires_grad)) attention.UseBf16(name, copies);
        }
        foreach (var (name, module) in named)
        {
            if (module is Projection { InBf16: false, Weight.requires_grad: false } projection) projection.UseBf16(copies.Take(name, () => projection.Weight.to(ScalarType.BFloat16), projection.IsChanged));
            if (module is ConvEncoder encoder) encoder.UseBf16(name, copies);
            if (module is PositionalConvolution positions) positions.UseBf16(name, copies);
        }
    }

    /// <summary>
    /// One layer; what it made on the way is given back at once, not at the end of the step. The backward pass keeps what it needs.
    /// </summary>
    internal static Tensor Through(TransformerLayer layer, Tensor hidden, Tensor? keyMask)
    {
        using var scope = NewDisposeScope();
        return layer.forward(hidden, keyMask).MoveToOuterDisposeScope();
    }

    /// <summary>Whether the next layer is skipped, drawn at random while training.</summary>
    internal bool Skips() => training && LayerDrop > 0 && rand(1, device: CPU).item<float>() < LayerDrop;

    /// <summary>What is added to the attention scores, or null where all frames are real.</summary>
    internal static Tensor? KeyMaskOf(Frames frames) => frames.FrameMask is null ? null : KeyMask(frames.FrameMask, frames.Hidden.dtype);

    private static Tensor KeyMask(Tensor frameMask, ScalarType type)
    {
        var lowest = type == ScalarType.BFloat16 ? -3.3895313892515355e38 : float.MinValue;
        return zeros_like(frameMask, dtype: type).masked_fill(frameMask.logical_not(), lowest).unsqueeze(1).unsqueeze(1);
    }
}

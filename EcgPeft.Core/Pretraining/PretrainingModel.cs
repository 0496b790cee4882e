using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Pretraining;

/// <summary>What a model says of one batch.</summary>
/// <param name="Total">What is minimised.</param>
/// <param name="Parts">Named values to watch, such as the share of masked frames that are told apart.</param>
public sealed record PretrainingLoss(Tensor Total, IReadOnlyList<(string Name, Tensor Value)> Parts);

/// <summary>One batch of pre-training.</summary>
/// <param name="Input">[B, T] or [B, leads, T].</param>
/// <param name="Rows">Their row numbers, B.</param>
/// <param name="Mask">Masked frames.</param>
/// <param name="Persons">The persons of the first half's rows, whose partners are the second half; null without pairs.</param>
/// <param name="Random">Where chance comes from.</param>
/// <param name="Step">Step within its iteration, from 1.</param>
public sealed record PretrainingBatch(Tensor Input, int[] Rows, SpanMask Mask, long[]? Persons, Random Random, long Step);

/// <summary>
/// A backbone with what its pre-training needs beside it, under the names that the authors' pre-training checkpoints have. All
/// of it is trained.
/// </summary>
public abstract class PretrainingModel : Module
{
    private readonly Parameter maskEmbedding;
    private readonly double gradientScale;

    /// <summary>Takes the backbone, and the mask embedding from the scope.</summary>
    /// <param name="name">Name of the module's type.</param>
    /// <param name="classifier">Holds the backbone; its head is not used.</param>
    /// <param name="parts">Where parts come from that only pre-training uses.</param>
    /// <param name="maskName">What checkpoints call the embedding of masked frames.</param>
    /// <param name="gradientScale">Factor on the gradients that reach the convolutional encoder.</param>
    protected PretrainingModel(string name, SequenceClassifier classifier, WeightScope parts, string maskName, double gradientScale) : base(name)
    {
        Classifier = classifier;
        this.gradientScale = gradientScale;
        register_module(classifier.BackboneName, classifier.Backbone);
        MaskName = maskName;
        maskEmbedding = classifier.Backbone.named_parameters().FirstOrDefault(p => p.name == maskName).parameter
            ?? parts.Parameter(maskName, [classifier.Backbone.Layers[0].HiddenSize], WeightInit.Uniform(1));
    }

    /// <summary>Nothing: every child is registered by hand under its checkpoint's name, and TorchSharp would add fields under theirs.</summary>
    protected override void RegisterComponents()
    {
    }

    /// <summary>The backbone.</summary>
    public Backbone Backbone => Classifier.Backbone;

    /// <summary>Share of frames that spans cover by default.</summary>
    public abstract double DefaultMaskProbability { get; }

    /// <summary>Whether batches come as pairs of segments of one person.</summary>
    public virtual bool Paired => false;

    /// <summary>Holds the backbone.</summary>
    protected SequenceClassifier Classifier { get; }

    /// <summary>What checkpoints call the embedding of masked frames.</summary>
    protected string MaskName { get; }

    /// <summary>Everything that is trained, sorted by name.</summary>
    public IReadOnlyList<TrainableTensor> Trainable()
    {
        var all = named_parameters().Where(p => !ReferenceEquals(p.parameter, maskEmbedding)).Append((MaskName, maskEmbedding));
        return [.. all.OrderBy(p => p.Item1, StringComparer.Ordinal).Select(p =>
        {
            p.Item2.requires_grad = true;
            return new TrainableTensor(p.Item1, p.Item1, p.Item2);
        })];
    }

    /// <summary>The tensors as a checkpoint of this pre-training holds them.</summary>
    /// <param name="backbonePrefix">What stands before the backbone's names: its own name, or nothing.</param>
    public IEnumerable<KeyValuePair<string, Tensor>> CheckpointTensors(string backbonePrefix)
    {
        var own = Classifier.BackboneName + ".";
        return Trainable().Select(t => KeyValuePair.Create<string, Tensor>(
            t.Name.StartsWith(own, StringComparison.Ordinal) ? backbonePrefix + t.Name[own.Length..] : t.Name == MaskName ? backbonePrefix + MaskName : t.Name, t.Parameter));
    }

    /// <summary>The loss of one batch.</summary>
    /// <param name="batch">The batch.</param>
    public abstract PretrainingLoss Loss(PretrainingBatch batch);

    /// <summary>The convolutional encoder's output, [B, C, F], through which gradients flow back scaled.</summary>
    /// <param name="input">[B, T] or [B, leads, T].</param>
    protected Tensor ConvFeatures(Tensor input)
    {
        var features = Backbone.ConvFeatures(input);
        return gradientScale == 1 ? features : features * Constant.Of(gradientScale) + features.detach() * Constant.Of(1 - gradientScale);
    }

    /// <summary>What the transformer makes of frames of which the masked ones are hidden from it.</summary>
    /// <param name="features">Normed features, [B, F, C].</param>
    /// <param name="masked">Flat positions of masked frames in B x F, int64.</param>
    /// <returns>[B, F, H].</returns>
    protected Tensor EncodeMasked(Tensor features, Tensor masked)
    {
        var hidden = zeros(features.shape[0] * features.shape[1], dtype: ScalarType.Bool, device: features.device).index_fill(0, masked, Constant.Of(1)).view(features.shape[0], features.shape[1], 1);
        return Backbone.Encode(Backbone.EmbedFeatures(features, attentionMask: null, projected => where(hidden, maskEmbedding, projected)));
    }

    /// <summary>Frames at flat positions.</summary>
    /// <param name="frames">[B, F, D].</param>
    /// <param name="positions">int64 [N].</param>
    /// <returns>[N, D].</returns>
    protected static Tensor At(Tensor frames, Tensor positions) => frames.reshape(-1, frames.shape[2]).index_select(0, positions);

    /// <summary>Share of rows whose largest logit is the right class.</summary>
    /// <param name="logits">[N, classes].</param>
    /// <param name="right">int64 [N].</param>
    protected static Tensor Accuracy(Tensor logits, Tensor right) => logits.argmax(-1).eq(right).to(ScalarType.Float32).mean();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            maskEmbedding.Dispose();
            Classifier.Dispose();
        }
        base.Dispose(disposing);
    }
}

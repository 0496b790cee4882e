using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Training;
using static TorchSharp.torch;

namespace EcgPeft.Core.Pretraining;

/// <summary>How checkpoints name the parts of contrastive pre-training.</summary>
/// <param name="Mask">Embedding of masked frames.</param>
/// <param name="Entries">The quantiser's entries.</param>
/// <param name="ProjectTargets">Projection of quantised frames.</param>
/// <param name="ProjectContext">Projection of the transformer's output.</param>
public sealed record ContrastiveNames(string Mask, string Entries, string ProjectTargets, string ProjectContext)
{
    /// <summary>Hugging Face's <c>Wav2Vec2ForPreTraining</c>.</summary>
    public static ContrastiveNames Speech { get; } = new("masked_spec_embed", "codevectors", "project_q", "project_hid");

    /// <summary>fairseq-signals.</summary>
    public static ContrastiveNames EcgFm { get; } = new("mask_emb", "vars", "project_q", "final_proj");
}

/// <summary>
/// wav2vec 2.0's pre-training (Baevski et al. 2020): the transformer's output at a masked frame must be nearer to that frame's quantised
/// features than to those of other masked frames. Where a batch comes in pairs of segments of one person, with CMSC (ECG-FM).
/// </summary>
public sealed class ContrastivePretraining : PretrainingModel
{
    private readonly PretrainingRecipe settings;
    private readonly GumbelQuantizer quantizer;
    private readonly Projection projectTargets;
    private readonly Projection projectContext;

    /// <summary>Joins a backbone and the parts.</summary>
    /// <param name="classifier">Holds the backbone.</param>
    /// <param name="parts">Where the parts come from.</param>
    /// <param name="names">Their names.</param>
    /// <param name="settings">Settings.</param>
    public ContrastivePretraining(SequenceClassifier classifier, IWeightSource parts, ContrastiveNames names, PretrainingRecipe settings)
        : base(nameof(ContrastivePretraining), classifier, new WeightScope(parts), names.Mask, settings.FeatureGradientScale)
    {
        this.settings = settings;
        Paired = names == ContrastiveNames.EcgFm && settings.CmscWeight > 0;
        var scope = new WeightScope(parts);
        var (channels, hidden) = (classifier.Backbone.FeatureSize, classifier.Backbone.Layers[0].HiddenSize);
        quantizer = new GumbelQuantizer(scope.Child("quantizer"), channels, settings.Codebooks, settings.CodebookEntries, settings.CodeSize, names.Entries);
        projectTargets = New(names.ProjectTargets, settings.CodeSize);
        projectContext = New(names.ProjectContext, hidden);
        register_module("quantizer", quantizer);
        register_module(names.ProjectTargets, projectTargets);
        register_module(names.ProjectContext, projectContext);

        Projection New(string name, long size) =>
            new(scope.Child(name), size, settings.ProjectionSize, WeightInit.LinearDefault(size), biasInit: WeightInit.LinearDefault(size));
    }

    /// <inheritdoc/>
    public override double DefaultMaskProbability => 0.65;

    /// <inheritdoc/>
    public override bool Paired { get; }

    /// <inheritdoc/>
    public override PretrainingLoss Loss(PretrainingBatch batch)
    {
        var (rows, masked) = (batch.Mask.Rows.Length, batch.Mask.Masked);
        var positions = tensor(batch.Mask.FlatPositions(), device: Backbone.Device);
        var convolved = ConvFeatures(batch.Input);
        var features = Backbone.NormedFeatures(convolved);
        var quantized = quantizer.Quantize(At(features, positions), GumbelTemperature(batch.Step));
        var targets = projectTargets.forward(quantized.Codes).view(rows, masked, -1);
        var hidden = EncodeMasked(features, positions);
        var context = projectContext.forward(At(hidden, positions)).view(rows, masked, -1);

        var negatives = tensor(batch.Mask.Negatives(settings.Negatives, batch.Random), [rows, masked, settings.Negatives], device: Backbone.Device);
        var logits = PretrainingLosses.ContrastiveLogits(context, targets, negatives, settings.Temperature);
        var contrastive = PretrainingLosses.Contrastive(logits);
        var total = contrastive
            + PretrainingLosses.Diversity(quantized.Probabilities) * Constant.Of(settings.DiversityWeight)
            + convolved.square().mean() * Constant.Of(settings.FeaturePenalty);
        var parts = new List<(string, Tensor)>
        {
            ("contrastive loss", contrastive),
            ("accuracy", Accuracy(logits, zeros(logits.shape[0], dtype: ScalarType.Int64, device: logits.device))),
            ("codebook perplexity", PretrainingLosses.Perplexity(quantized.Probabilities)),
        };
        if (batch.Persons is { } persons)
        {
            var pooled = hidden.mean([1L]).chunk(2, 0);
            var cmsc = PretrainingLosses.Cmsc(pooled[0], pooled[1], tensor(persons, device: Backbone.Device), settings.CmscTemperature);
            total += cmsc * Constant.Of(settings.CmscWeight);
            parts.Add(("CMSC loss", cmsc));
        }
        return new PretrainingLoss(total, parts);
    }

    private double GumbelTemperature(long step) => Math.Max(settings.GumbelEnd, settings.GumbelStart * Math.Pow(settings.GumbelDecay, step));
}

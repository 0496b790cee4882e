using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Pretraining;

/// <summary>
/// HuBERT's pre-training (Hsu et al. 2021): the transformer's output at a masked frame must name the cluster that the frame
/// belongs to. Names are fairseq's.
/// </summary>
public sealed class ClusterPretraining : PretrainingModel
{
    private readonly PretrainingRecipe settings;
    private readonly ClusterTargets targets;
    private readonly Projection projection;
    private readonly Parameter embeddings;

    /// <summary>Joins a backbone and the parts. The model owns the targets from then on.</summary>
    /// <param name="classifier">Holds the backbone.</param>
    /// <param name="parts">Where the parts come from.</param>
    /// <param name="targets">The cluster of every frame.</param>
    /// <param name="settings">Settings.</param>
    public ClusterPretraining(SequenceClassifier classifier, IWeightSource parts, ClusterTargets targets, PretrainingRecipe settings)
        : base(nameof(ClusterPretraining), classifier, new WeightScope(parts), "masked_spec_embed", settings.FeatureGradientScale)
    {
        this.settings = settings;
        this.targets = targets;
        var scope = new WeightScope(parts);
        var hidden = classifier.Backbone.Layers[0].HiddenSize;
        projection = new Projection(scope.Child("final_proj"), hidden, settings.ProjectionSize, WeightInit.LinearDefault(hidden), biasInit: WeightInit.LinearDefault(hidden));
        embeddings = scope.Parameter("label_embs_concat", [targets.Clusters, settings.ProjectionSize], WeightInit.Uniform(1));
        register_module("final_proj", projection);
        register_parameter("label_embs_concat", embeddings);
    }

    /// <inheritdoc/>
    public override double DefaultMaskProbability => 0.8;

    /// <inheritdoc/>
    public override PretrainingLoss Loss(PretrainingBatch batch)
    {
        var positions = tensor(batch.Mask.FlatPositions(), device: Backbone.Device);
        var convolved = ConvFeatures(batch.Input);
        var hidden = EncodeMasked(Backbone.NormedFeatures(convolved), positions);
        var right = targets.Of(batch.Rows).to(Backbone.Device).reshape(-1).index_select(0, positions);
        var logits = PretrainingLosses.ClusterLogits(projection.forward(At(hidden, positions)), embeddings, settings.Temperature);
        var prediction = functional.cross_entropy(logits, right);
        return new PretrainingLoss(
            prediction + convolved.square().mean() * Constant.Of(settings.FeaturePenalty),
            [("prediction loss", prediction), ("accuracy", Accuracy(logits, right))]);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) targets.Dispose();
        base.Dispose(disposing);
    }
}

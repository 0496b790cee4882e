using EcgPeft.Core.Backbones.Blocks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Backbones;

/// <summary>A backbone with a classification head; module names equal those of the reference library's classifier.</summary>
public sealed class SequenceClassifier : Module<Tensor, Tensor?, Tensor>
{
    /// <summary>Joins the two.</summary>
    /// <param name="backboneName">Name of the backbone in checkpoints of the whole classifier (<c>wav2vec2</c>, <c>hubert</c>, <c>encoder</c>).</param>
    /// <param name="backbone">The backbone.</param>
    /// <param name="head">The head.</param>
    public SequenceClassifier(string backboneName, Backbone backbone, ClassificationHead head) : base(nameof(SequenceClassifier))
    {
        BackboneName = backboneName;
        Backbone = backbone;
        Head = head;
        register_module(backboneName, backbone);
        foreach (var (name, module) in head.Modules) register_module(name, module);
    }

    /// <summary>Nothing: every child is registered by hand under its checkpoint's name, and TorchSharp would add fields under theirs.</summary>
    protected override void RegisterComponents()
    {
    }

    /// <summary>Name of the backbone among this module's children.</summary>
    public string BackboneName { get; }

    /// <summary>The backbone.</summary>
    public Backbone Backbone { get; }

    /// <summary>The head.</summary>
    public ClassificationHead Head { get; }

    /// <summary>Every module once, by the name that checkpoints know it by.</summary>
    public IEnumerable<(string Path, Module Module)> ModulesByPath() =>
        named_modules().DistinctBy(m => m.module, ReferenceEqualityComparer.Instance).Select(m => (m.name, m.module));

    /// <summary>All linear layers of the backbone by their path in this classifier.</summary>
    public IEnumerable<(string Path, Projection Projection)> BackboneProjections() =>
        ModulesByPath().Where(m => m.Module is Projection && m.Path.StartsWith(BackboneName + ".", StringComparison.Ordinal)).Select(m => (m.Path, (Projection)m.Module));

    /// <summary>Logits from samples.</summary>
    /// <param name="input">[B, T] for one lead, else [B, leads, T].</param>
    /// <param name="attentionMask">1 for real samples, [B, T]; null when all are.</param>
    /// <returns>[B, 2].</returns>
    public override Tensor forward(Tensor input, Tensor? attentionMask) => FromFrames(Backbone.Embed(input, attentionMask));

    /// <summary>Logits from what enters the first transformer layer.</summary>
    /// <param name="frames">Output of <see cref="Backbone.Embed"/>.</param>
    /// <returns>[B, 2].</returns>
    public Tensor FromFrames(Frames frames) => Head.Logits(Backbone.Encode(frames), frames.FrameMask);
}

using EcgPeft.Core.Backbones.Weights;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Backbones.Blocks;

/// <summary>Sizes and switches of the transformer layers, all from the config.</summary>
/// <param name="HiddenSize">H.</param>
/// <param name="IntermediateSize">Width of the feed-forward block.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="PreNorm">Norms before the blocks ("stable layer norm") instead of after them.</param>
/// <param name="Epsilon">Of the layer norms.</param>
/// <param name="Activation">Name of the feed-forward activation.</param>
/// <param name="HiddenDropout">After attention and feed-forward.</param>
/// <param name="AttentionDropout">On attention weights.</param>
/// <param name="ActivationDropout">Inside the feed-forward block.</param>
/// <param name="InitRange">Standard deviation of new weights.</param>
public sealed record TransformerLayerShape(
    int HiddenSize, int IntermediateSize, int Heads, bool PreNorm, double Epsilon, string Activation,
    double HiddenDropout, double AttentionDropout, double ActivationDropout, double InitRange);

/// <summary>How a checkpoint names the parts of a transformer layer.</summary>
/// <param name="Attention">Attention block.</param>
/// <param name="AttentionNorm">Norm of the attention block.</param>
/// <param name="FeedForward">Level that holds the two linear layers, or null if they lie in the layer itself.</param>
/// <param name="Intermediate">First linear layer of the feed-forward block.</param>
/// <param name="Output">Second linear layer.</param>
/// <param name="FinalNorm">Norm of the feed-forward block.</param>
public sealed record TransformerLayerNames(string Attention, string AttentionNorm, string? FeedForward, string Intermediate, string Output, string FinalNorm);

/// <summary>
/// One transformer encoder layer, pre- or post-norm, as wav2vec 2.0, HuBERT and ECG-FM have it. Dropouts act only in training
/// mode.
/// </summary>
public sealed class TransformerLayer : Module<Tensor, Tensor?, Tensor>
{
    /// <summary>Under this name a layer adapter is registered.</summary>
    public const string AdapterName = "adapter";

    private readonly TransformerLayerShape shape;
    private readonly SelfAttention attention;
    private readonly Norm attentionNorm;
    private readonly Projection intermediate;
    private readonly Projection output;
    private readonly Norm finalNorm;
    private readonly Func<Tensor, Tensor> activation;

    /// <summary>Takes the layer's parameters from the scope.</summary>
    /// <param name="weights">Scope of the layer.</param>
    /// <param name="shape">Sizes and switches.</param>
    /// <param name="names">How the checkpoint names the parts.</param>
    public TransformerLayer(WeightScope weights, TransformerLayerShape shape, TransformerLayerNames names) : base(nameof(TransformerLayer))
    {
        this.shape = shape;
        activation = Blocks.Activation.ByName(shape.Activation);
        var init = WeightInit.Normal(shape.InitRange);
        attention = new SelfAttention(weights.Child(names.Attention), shape.HiddenSize, shape.Heads, shape.AttentionDropout, init);
        attentionNorm = new Norm(weights.Child(names.AttentionNorm), shape.HiddenSize, shape.Epsilon);
        var feedForward = names.FeedForward is null ? weights : weights.Child(names.FeedForward);
        intermediate = new Projection(feedForward.Child(names.Intermediate), shape.HiddenSize, shape.IntermediateSize, init);
        output = new Projection(feedForward.Child(names.Output), shape.IntermediateSize, shape.HiddenSize, init);
        finalNorm = new Norm(weights.Child(names.FinalNorm), shape.HiddenSize, shape.Epsilon);

        register_module(names.Attention, attention);
        register_module(names.AttentionNorm, attentionNorm);
        if (names.FeedForward is null)
        {
            register_module(names.Intermediate, intermediate);
            register_module(names.Output, output);
        }
        else
        {
            register_module(names.FeedForward, new ModuleGroup((names.Intermediate, intermediate), (names.Output, output)));
        }
        register_module(names.FinalNorm, finalNorm);
    }

    /// <summary>Nothing: every child is registered by hand under its checkpoint's name, and TorchSharp would add fields under theirs.</summary>
    protected override void RegisterComponents()
    {
    }

    /// <summary>H.</summary>
    public int HiddenSize => shape.HiddenSize;

    /// <summary>Whether norms stand before the blocks.</summary>
    public bool PreNorm => shape.PreNorm;

    /// <summary>Norm of the attention block.</summary>
    public Norm AttentionNorm => attentionNorm;

    /// <summary>Norm of the feed-forward block.</summary>
    public Norm FinalNorm => finalNorm;

    /// <summary>The attention block.</summary>
    public SelfAttention Attention => attention;

    /// <summary>First linear layer of the feed-forward block.</summary>
    public Projection Intermediate => intermediate;

    /// <summary>Second linear layer of the feed-forward block.</summary>
    public Projection Output => output;

    /// <summary>The PEFT method on this layer, or null.</summary>
    public LayerAdapter? Adapter { get; private set; }

    /// <summary>Whether there is no PEFT method in this layer and nothing of it is trained.</summary>
    public bool IsFrozen =>
        Adapter is null && !attention.HasPrefix && !parameters().Any(p => p.requires_grad)
        && !new[] { attention.Query, attention.Key, attention.Value, attention.Output, intermediate, output }.Any(p => p.Update is not null);

    /// <summary>Puts a PEFT method on this layer.</summary>
    /// <param name="adapter">The method.</param>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public void Attach(LayerAdapter adapter)
    {
        if (Adapter is not null) throw new InvalidOperationException("This transformer layer has an adapter already.");
        Adapter = adapter;
        register_module(AdapterName, adapter);
    }

    /// <summary>One layer.</summary>
    /// <param name="hidden">[B, F, H].</param>
    /// <param name="keyMask">Added to the attention scores, [B, 1, 1, F], or null.</param>
    /// <returns>[B, F, H].</returns>
    public override Tensor forward(Tensor hidden, Tensor? keyMask)
    {
        var attended = Dropped(attention.forward(shape.PreNorm ? attentionNorm.forward(hidden) : hidden, keyMask), shape.HiddenDropout);
        if (Adapter is not null) attended = Adapter.AfterAttention(attended);
        var x = hidden + attended;
        if (!shape.PreNorm) x = attentionNorm.forward(x);

        var input = shape.PreNorm ? finalNorm.forward(x) : x;
        var fed = FeedForward(input);
        if (Adapter is not null) fed = Adapter.AfterFeedForward(fed, input);
        var y = x + fed;
        if (Adapter is not null) y = Adapter.BeforeFinalNorm(y, shape.PreNorm ? null : finalNorm);
        if (!shape.PreNorm) y = finalNorm.forward(y);
        return Adapter is null ? y : Adapter.AtEnd(y);
    }

    private Tensor FeedForward(Tensor input)
    {
        var wide = Dropped(activation(intermediate.forward(input)), shape.ActivationDropout);
        return Dropped(output.forward(wide), shape.HiddenDropout);
    }

    private Tensor Dropped(Tensor x, double p) => FastDropout.Apply(x, p, training);
}

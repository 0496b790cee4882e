using EcgPeft.Core.Backbones.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Backbones.Blocks;

/// <summary>
/// A linear layer of a backbone, y = x W^T + b, and the place where a PEFT method that changes a linear layer attaches: the
/// method's own tensors become children of this module, as in the PEFT library's files.
/// </summary>
public sealed class Projection : Module<Tensor, Tensor>
{
    private IProjectionUpdate? update;
    private Tensor? half;
    private Tensor? halfBias;
    private (Tensor Weight, Tensor? Bias)? mergedHalf;

    /// <summary>Takes <c>weight</c> [out, in] and, if asked, <c>bias</c> [out] from the scope.</summary>
    /// <param name="weights">Where they come from.</param>
    /// <param name="inFeatures">Inputs.</param>
    /// <param name="outFeatures">Outputs.</param>
    /// <param name="init">How the weight starts where it is new.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="biasInit">How the bias starts where it is new; null means zeros.</param>
    public Projection(WeightScope weights, long inFeatures, long outFeatures, WeightInit init, bool bias = true, WeightInit? biasInit = null) : base(nameof(Projection))
    {
        InFeatures = inFeatures;
        OutFeatures = outFeatures;
        Weight = weights.Parameter("weight", [outFeatures, inFeatures], init);
        register_parameter("weight", Weight);
        if (!bias) return;
        Bias = weights.Parameter("bias", [outFeatures], biasInit ?? WeightInit.Zeros);
        register_parameter("bias", Bias);
    }

    /// <summary>Nothing: what is registered is registered by hand, and TorchSharp would take the bfloat16 copies for saved buffers.</summary>
    protected override void RegisterComponents()
    {
    }

    /// <summary>Number of inputs.</summary>
    public long InFeatures { get; }

    /// <summary>Number of outputs.</summary>
    public long OutFeatures { get; }

    /// <summary>W, [out, in].</summary>
    public Parameter Weight { get; }

    /// <summary>b, [out], or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>The PEFT method on this layer, or null.</summary>
    public IProjectionUpdate? Update => update;

    /// <summary>Whether the method's update is part of <see cref="Weight"/> at present, so that the plain layer is used.</summary>
    public bool UpdateIsMerged { get; set; }

    /// <summary>Puts a PEFT method on this layer.</summary>
    /// <param name="method">The method; its modules and parameters are registered here under their own names.</param>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public void Attach(IProjectionUpdate method)
    {
        if (update is not null) throw new InvalidOperationException("This linear layer has a PEFT method already.");
        update = method;
        foreach (var (name, module) in method.Modules) register_module(name, module);
        foreach (var (name, parameter) in method.Parameters) register_parameter(name, parameter);
    }

    /// <summary>Whether a method took a part out of the weight when it was put in (PiSSA, OLoRA), so that it is no longer the checkpoint's.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>Takes a part out of the frozen weight for good.</summary>
    /// <param name="part">[out, in].</param>
    public void TakeOut(Tensor part)
    {
        using var _ = no_grad();
        Weight.sub_(part);
        IsChanged = true;
    }

    /// <summary>Whether the frozen weight is multiplied in bfloat16; outputs then have that type.</summary>
    public bool InBf16 => half is not null;

    /// <summary>From now on the product with the frozen weight is computed in bfloat16; the float32 weight stays what it is.</summary>
    /// <param name="copy">The weight as bfloat16, [out, in]. It is never written to, so that several processes can share its pages; the layer disposes it.</param>
    /// <exception cref="InvalidOperationException">The weight is trained, or is in bfloat16 already.</exception>
    public void UseBf16(Tensor copy)
    {
        if (Weight.requires_grad || half is not null) throw new InvalidOperationException("Only a frozen weight is multiplied in bfloat16, and once.");
        using var _ = no_grad();
        half = copy.DetachFromDisposeScope();
        halfBias = Bias is null || Bias.requires_grad ? null : Bias.to(ScalarType.BFloat16, copy: true).DetachFromDisposeScope();
    }

    /// <summary>From now on the bfloat16 product is computed with these values, in which the method's update is.</summary>
    /// <param name="weight">[out, in], any type.</param>
    /// <param name="bias">[out], or null where it stays.</param>
    public void MergeBf16(Tensor weight, Tensor? bias)
    {
        using var _ = no_grad();
        var place = (Joined is { } joined ? joined.Whole.MergedPlace(joined.Start, OutFeatures) : empty_like(half!)).DetachFromDisposeScope();
        place.copy_(weight);
        mergedHalf = (place, bias is null || halfBias is null ? null : bias.to(ScalarType.BFloat16, copy: true).DetachFromDisposeScope());
    }

    /// <summary>From now on the bfloat16 product is computed with the frozen weight again.</summary>
    public void UnmergeBf16()
    {
        mergedHalf?.Weight.Dispose();
        mergedHalf?.Bias?.Dispose();
        mergedHalf = null;
        Joined?.Whole.EndMerged();
    }

    /// <summary>The product of several layers that this one is part of in bfloat16, and its first row there; or null.</summary>
    internal (JoinedProjections Whole, long Start)? Joined { get; set; }

    /// <summary>The layer without any PEFT method.</summary>
    /// <param name="input">[..., in].</param>
    /// <returns>[..., out].</returns>
    public Tensor Plain(Tensor input)
    {
        if (Half is { } frozen) return functional.linear(Bf16(input), frozen, BiasInBf16);
        // A trained layer between bfloat16 ones: float32 parameters, a bfloat16 product.
        return input.dtype == ScalarType.BFloat16 ? functional.linear(input, Bf16(Weight), BiasInBf16) : functional.linear(input, Weight, Bias);
    }

    /// <summary>x W^T, without bias or PEFT method.</summary>
    /// <param name="input">[..., in].</param>
    /// <returns>[..., out].</returns>
    public Tensor Product(Tensor input) => Half is { } frozen ? functional.linear(Bf16(input), frozen) : functional.linear(input, Weight);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        if (update is null || UpdateIsMerged) return Plain(input);
        if (half is null || update.AsLowRank() is not { } thin) return update.Apply(this, input);
        var x = Bf16(input);
        var narrow = FastDropout.Apply(x, thin.Dropout, training).reshape(-1, InFeatures).mm(Bf16(thin.Down).t());
        return addmm(Plain(x).view(-1, OutFeatures), narrow, Bf16(thin.Up * Constant.Of(thin.Scale)).t(), beta: 1, alpha: 1).view([.. x.shape[..^1], OutFeatures]);
    }

    /// <summary>The bias as bfloat16, or null.</summary>
    internal Tensor? BiasInBf16 => Bias is null ? null : mergedHalf?.Bias ?? halfBias ?? Bf16(Bias);

    private Tensor? Half => mergedHalf?.Weight ?? half;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            UnmergeBf16();
            half?.Dispose();
            halfBias?.Dispose();
        }
        base.Dispose(disposing);
    }

    internal static Tensor Bf16(Tensor x) => x.dtype == ScalarType.BFloat16 ? x : x.to(ScalarType.BFloat16);
}

/// <summary>A trained product of two thin matrices that is added to a linear layer: scale Up Down dropout(x).</summary>
/// <param name="Down">[r, in].</param>
/// <param name="Up">[out, r].</param>
/// <param name="Scale">Factor on the product.</param>
/// <param name="Dropout">Dropout on x while training.</param>
public sealed record LowRank(Tensor Down, Tensor Up, double Scale, double Dropout);

/// <summary>A PEFT method on one linear layer.</summary>
public interface IProjectionUpdate
{
    /// <summary>The method's own modules, by the names they have in files.</summary>
    IEnumerable<(string Name, Module Module)> Modules => [];

    /// <summary>The method's own parameters that lie in no module, by the names they have in files.</summary>
    IEnumerable<(string Name, Parameter Parameter)> Parameters => [];

    /// <summary>The layer's output with the method applied.</summary>
    /// <param name="projection">The layer.</param>
    /// <param name="input">[..., in].</param>
    /// <returns>[..., out].</returns>
    Tensor Apply(Projection projection, Tensor input);

    /// <summary>The method as a trained product of two thin matrices, or null where it is something else; fast paths use it instead of <see cref="Apply"/>.</summary>
    LowRank? AsLowRank() => null;

    /// <summary>Weight and bias of the plain layer that gives the same outputs.</summary>
    /// <param name="projection">The layer.</param>
    /// <returns>[out, in], and [out] or null where the bias stays as it is.</returns>
    (Tensor Weight, Tensor? Bias) Merged(Projection projection);
}

using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Peft.Lora;

/// <summary>What decides the update of one linear layer.</summary>
/// <param name="Rank">r.</param>
/// <param name="Scale">alpha / r, or alpha / sqrt(r).</param>
/// <param name="Dropout">Dropout while training.</param>
/// <param name="Init">How A and B start.</param>
/// <param name="Dora">Whether magnitudes are trained apart.</param>
public sealed record LoraShape(int Rank, double Scale, double Dropout, LoraInit Init, bool Dora);

/// <summary>
/// The low-rank update of one linear layer: scale B A dropout(x) (Hu et al. 2021, section 4.1); with DoRA the whole is brought
/// to trained magnitudes m: m / |W + scale B A| (W x + scale B A x), the norm over inputs and constant in the backward pass (Liu
/// et al. 2024, section 4.3).
/// </summary>
public sealed class LoraUpdate : IProjectionUpdate, IDisposable
{
    private readonly LoraShape shape;
    private readonly Projection a;
    private readonly Projection b;
    private readonly Parameter? magnitude;
    private readonly (Tensor A, Tensor B)? start;

    /// <summary>Takes <c>lora_A</c> [r, in], <c>lora_B</c> [out, r] and with DoRA <c>lora_magnitude_vector</c> [out] from the scope.</summary>
    /// <param name="weights">Scope of the linear layer.</param>
    /// <param name="projection">The layer; PiSSA and OLoRA take their part out of its weight.</param>
    /// <param name="shape">Rank, scale and start.</param>
    public LoraUpdate(WeightScope weights, Projection projection, LoraShape shape)
    {
        this.shape = shape;
        var init = shape.Init == LoraInit.Gaussian ? WeightInit.Normal(1.0 / shape.Rank) : WeightInit.LinearDefault(projection.InFeatures);
        a = new Projection(weights.Child("lora_A"), projection.InFeatures, shape.Rank, init, bias: false);
        b = new Projection(weights.Child("lora_B"), shape.Rank, projection.OutFeatures, WeightInit.Zeros, bias: false);
        if (shape.Dora) magnitude = weights.Parameter("lora_magnitude_vector", [projection.OutFeatures], WeightInit.Ones);
        // A model of the meta device has shapes only.
        if (projection.Weight.device_type == DeviceType.META)
        {
            if (shape.Init is LoraInit.Pissa or LoraInit.Olora) start = (a.Weight.clone().DetachFromDisposeScope(), b.Weight.clone().DetachFromDisposeScope());
            return;
        }
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        if (WeightDecomposition.Start(projection.Weight, shape) is (var startA, var startB))
        {
            a.Weight.copy_(startA);
            b.Weight.copy_(startB);
            projection.TakeOut(startB.mm(startA) * shape.Scale);
            start = (startA.DetachFromDisposeScope(), startB.DetachFromDisposeScope());
        }
        magnitude?.copy_(Direction(projection));
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Module Module)> Modules => [("lora_A", a), ("lora_B", b)];

    /// <inheritdoc/>
    public IEnumerable<(string Name, Parameter Parameter)> Parameters => magnitude is null ? [] : [("lora_magnitude_vector", magnitude)];

    /// <inheritdoc/>
    public Tensor Apply(Projection projection, Tensor input)
    {
        var x = FastDropout.Apply(input, shape.Dropout, projection.training);
        var update = b.forward(a.forward(x)) * Constant.Of(shape.Scale);
        if (magnitude is null) return projection.Plain(input) + update;
        var ratio = magnitude / Norm(projection);
        return projection.Plain(input) + (ratio - 1) * projection.Product(x) + ratio * update;
    }

    /// <inheritdoc/>
    public LowRank? AsLowRank() => magnitude is null ? new LowRank(a.Weight, b.Weight, shape.Scale, shape.Dropout) : null;

    /// <inheritdoc/>
    public (Tensor Weight, Tensor? Bias) Merged(Projection projection)
    {
        var sum = Sum(projection);
        return (magnitude is null ? sum : (magnitude / Norm(projection)).unsqueeze(1) * sum, null);
    }

    /// <summary>
    /// The tensors of a LoRA of twice the rank for the weight before PiSSA or OLoRA took their part out of it:
    /// [A; A0] and [B, -B0], so that their product is B A - B0 A0 (as the PEFT library converts them).
    /// </summary>
    internal IEnumerable<(string Name, Tensor Value)> ForOriginalWeight()
    {
        if (start is not (var startA, var startB)) yield break;
        yield return ("lora_A.weight", cat([a.Weight, startA], 0));
        yield return ("lora_B.weight", cat([b.Weight, -startB], 1));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        start?.A.Dispose();
        start?.B.Dispose();
    }

    private Tensor Sum(Projection projection) => projection.Weight + b.Weight.mm(a.Weight) * Constant.Of(shape.Scale);

    private Tensor Direction(Projection projection) => Sum(projection).norm(1);

    private Tensor Norm(Projection projection)
    {
        using var _ = no_grad();
        return Direction(projection);
    }
}

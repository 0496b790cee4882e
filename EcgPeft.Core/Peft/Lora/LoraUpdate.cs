using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Peft.Lora;

/// <summary>The low-rank update of one linear layer (Hu et al. 2021, section 4.1): (alpha / r) B A dropout(x).</summary>
public sealed class LoraUpdate : IProjectionUpdate
{
    private readonly Projection a;
    private readonly Projection b;
    private readonly double scale;
    private readonly double dropout;

    /// <summary>Takes <c>lora_A</c> [r, in] and <c>lora_B</c> [out, r] from the scope; new ones start Kaiming-uniform and zero.</summary>
    /// <param name="weights">Scope of the linear layer.</param>
    /// <param name="projection">The layer.</param>
    /// <param name="rank">r.</param>
    /// <param name="alpha">alpha.</param>
    /// <param name="dropout">Dropout while training.</param>
    public LoraUpdate(WeightScope weights, Projection projection, int rank, double alpha, double dropout)
    {
        a = new Projection(weights.Child("lora_A"), projection.InFeatures, rank, WeightInit.LinearDefault(projection.InFeatures), bias: false);
        b = new Projection(weights.Child("lora_B"), rank, projection.OutFeatures, WeightInit.Zeros, bias: false);
        scale = alpha / rank;
        this.dropout = dropout;
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Module Module)> Modules => [("lora_A", a), ("lora_B", b)];

    /// <inheritdoc/>
    public Tensor Apply(Projection projection, Tensor input)
    {
        var x = projection.training && dropout > 0 ? functional.dropout(input, dropout, training: true) : input;
        return projection.Plain(input) + b.forward(a.forward(x)) * scale;
    }

    /// <summary>The weight with the update added, W + (alpha / r) B A.</summary>
    /// <param name="projection">The layer.</param>
    /// <returns>[out, in].</returns>
    public Tensor MergedWeight(Projection projection) => projection.Weight + b.Weight.mm(a.Weight) * scale;
}

using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Peft.AdaLora;

/// <summary>AdaLoRA on one linear layer: W x + scale B (E * A dropout(x)).</summary>
public sealed class AdaLoraUpdate : IProjectionUpdate
{
    /// <summary>Name of the singular values in files.</summary>
    public const string E = "lora_E";

    /// <summary>Names of A, B and E in files.</summary>
    internal static readonly string[] Names = ["lora_A", "lora_B", E];

    private const double StartDeviation = 0.02;

    private readonly double scale;
    private readonly double dropout;

    /// <summary>Takes <c>lora_A</c> [r, in], <c>lora_B</c> [out, r] and <c>lora_E</c> [r, 1] from the scope; E starts at zero.</summary>
    /// <param name="weights">Scope of the linear layer.</param>
    /// <param name="projection">The layer.</param>
    /// <param name="rank">r.</param>
    /// <param name="scale">Factor on the update: alpha / (initial rank + 1e-5).</param>
    /// <param name="dropout">Dropout while training.</param>
    public AdaLoraUpdate(WeightScope weights, Projection projection, int rank, double scale, double dropout)
    {
        this.scale = scale;
        this.dropout = dropout;
        Right = weights.Parameter(Names[0], [rank, projection.InFeatures], WeightInit.Normal(StartDeviation));
        Left = weights.Parameter(Names[1], [projection.OutFeatures, rank], WeightInit.Normal(StartDeviation));
        Singular = weights.Parameter(E, [rank, 1], WeightInit.Zeros);
    }

    /// <summary>A, the right singular vectors, [r, in].</summary>
    public Parameter Right { get; }

    /// <summary>B, the left singular vectors, [out, r].</summary>
    public Parameter Left { get; }

    /// <summary>E, the singular values, [r, 1].</summary>
    public Parameter Singular { get; }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Parameter Parameter)> Parameters => [(Names[0], Right), (Names[1], Left), (E, Singular)];

    /// <inheritdoc/>
    public Tensor Apply(Projection projection, Tensor input)
    {
        var x = FastDropout.Apply(input, dropout, projection.training);
        return projection.Plain(input) + functional.linear(functional.linear(x, Right * Singular), Left) * scale;
    }

    /// <inheritdoc/>
    public LowRank? AsLowRank() => new(Right * Singular, Left, scale, dropout);

    /// <inheritdoc/>
    public (Tensor Weight, Tensor? Bias) Merged(Projection projection) => (projection.Weight + Left.mm(Right * Singular) * scale, null);

    /// <summary>How far A and B are from orthogonal: (|A A^T - I| + |B^T B - I|), Frobenius norms (Zhang et al. 2023, equation 4, unsquared as the PEFT library has it).</summary>
    public Tensor OrthogonalPenalty() => DistanceFromIdentity(Right.mm(Right.t())) + DistanceFromIdentity(Left.t().mm(Left));

    /// <summary>Which triplets are not switched off.</summary>
    internal bool[] NonZero() => Singular.detach().view(-1).ne(0).cpu().data<bool>().ToArray();

    /// <summary>The tensors of some triplets only.</summary>
    /// <param name="kept">Which.</param>
    internal IEnumerable<(string Name, Tensor Value)> Of(bool[] kept)
    {
        var indices = tensor(kept.Select((keep, i) => keep ? i : -1L).Where(i => i >= 0).ToArray(), device: Singular.device);
        yield return (Names[0], Right.index_select(0, indices));
        yield return (Names[1], Left.index_select(1, indices));
        yield return (E, Singular.index_select(0, indices));
    }

    private static Tensor DistanceFromIdentity(Tensor gram) => (gram - eye(gram.shape[0], device: gram.device)).norm();
}

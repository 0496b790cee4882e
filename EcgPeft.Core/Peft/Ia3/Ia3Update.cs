using EcgPeft.Core.Backbones.Blocks;
using EcgPeft.Core.Backbones.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace EcgPeft.Core.Peft.Ia3;

/// <summary>IA3 on one linear layer: l * (W x + b), or W (l * x) + b where the input is scaled. New factors are 1.</summary>
public sealed class Ia3Update : IProjectionUpdate
{
    /// <summary>Name of the factors in files.</summary>
    public const string ParameterName = "ia3_l";

    private readonly Parameter factors;

    /// <summary>Takes <c>ia3_l</c> from the scope: [out, 1], or [1, in] where the input is scaled.</summary>
    /// <param name="weights">Scope of the linear layer.</param>
    /// <param name="projection">The layer.</param>
    /// <param name="scalesInput">Whether the input is scaled instead of the output.</param>
    public Ia3Update(WeightScope weights, Projection projection, bool scalesInput)
    {
        ScalesInput = scalesInput;
        factors = weights.Parameter(ParameterName, scalesInput ? [1, projection.InFeatures] : [projection.OutFeatures, 1], WeightInit.Ones);
    }

    /// <summary>Whether the input is scaled instead of the output.</summary>
    public bool ScalesInput { get; }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Parameter Parameter)> Parameters => [(ParameterName, factors)];

    /// <inheritdoc/>
    public Tensor Apply(Projection projection, Tensor input) =>
        ScalesInput ? projection.Plain(input * factors.view(-1)) : projection.Plain(input) * factors.view(-1);

    /// <inheritdoc/>
    public (Tensor Weight, Tensor? Bias) Merged(Projection projection) =>
        (projection.Weight * factors, ScalesInput || projection.Bias is null ? null : projection.Bias * factors.view(-1));
}

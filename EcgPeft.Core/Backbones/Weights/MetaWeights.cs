using static TorchSharp.torch;

namespace EcgPeft.Core.Backbones.Weights;

/// <summary>Names and shapes only, on the meta device: a model of any size is built in an instant and holds no weights.</summary>
public sealed class MetaWeights : IWeightSource
{
    /// <inheritdoc/>
    public Tensor Take(string name, ReadOnlySpan<long> shape, WeightInit init) => empty(shape, dtype: ScalarType.Float32, device: META);

    /// <inheritdoc/>
    public bool Has(string name) => true;
}

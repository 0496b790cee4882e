using TorchSharp;
using static TorchSharp.torch;

namespace EcgPeft.Core.Backbones.Weights;

/// <summary>Another source's tensors on a device, so that a model is built where it will compute. Tensors without values stay on the meta device.</summary>
/// <param name="source">Where tensors come from.</param>
/// <param name="device">Where they go.</param>
public sealed class DeviceWeights(IWeightSource source, Device device) : IWeightSource
{
    /// <summary>A source on a device; the source itself where that is the processor.</summary>
    /// <param name="source">Where tensors come from.</param>
    /// <param name="device">Where they go; null for the processor.</param>
    public static IWeightSource On(IWeightSource source, Device? device) => device is null || device.type == DeviceType.CPU ? source : new DeviceWeights(source, device);

    /// <inheritdoc/>
    public Tensor Take(string name, ReadOnlySpan<long> shape, WeightInit init)
    {
        var tensor = source.Take(name, shape, init);
        if (tensor.device_type == DeviceType.META) return tensor;
        using (tensor) return tensor.to(device);
    }

    /// <inheritdoc/>
    public bool Has(string name) => source.Has(name);
}

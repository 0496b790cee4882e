using static TorchSharp.torch;

namespace EcgPeft.Core.Backbones.Blocks;

/// <summary>Where the bfloat16 copies of frozen weights come from: made for one model, or taken from a file that several processes share.</summary>
public class Bf16Copies
{
    /// <summary>One weight as bfloat16; whoever takes it disposes it and never writes to it.</summary>
    /// <param name="name">Name of the module within the backbone.</param>
    /// <param name="make">Makes it from the float32 weight.</param>
    /// <param name="changed">Whether the float32 weight is no longer the checkpoint's.</param>
    public virtual Tensor Take(string name, Func<Tensor> make, bool changed = false) => make();
}

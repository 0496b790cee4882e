using static TorchSharp.torch;

namespace EcgPeft.Core.Checkpoints;

/// <summary>What a checkpoint file says about one tensor, before anything of it is read.</summary>
/// <param name="Name">The key in the file.</param>
/// <param name="Type">The stored element type.</param>
/// <param name="Shape">The sizes, outermost first; empty for a scalar.</param>
/// <param name="ByteLength">Elements times element size, in bytes.</param>
public sealed record TensorEntry(string Name, ScalarType Type, IReadOnlyList<long> Shape, long ByteLength);

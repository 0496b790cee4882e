using static TorchSharp.torch;

namespace EcgPeft.Core.Checkpoints;

/// <summary>The element types' names in safetensors headers.</summary>
internal static class SafetensorsTypes
{
    /// <summary>In the order in which the reference implementation lays tensors out: wide types first, so that all stay aligned.</summary>
    private static readonly (ScalarType Type, string Name)[] Order =
    [
        (ScalarType.Int64, "I64"), (ScalarType.Float64, "F64"), (ScalarType.Float32, "F32"), (ScalarType.Int32, "I32"), (ScalarType.BFloat16, "BF16"),
        (ScalarType.Float16, "F16"), (ScalarType.Int16, "I16"), (ScalarType.Int8, "I8"), (ScalarType.Byte, "U8"), (ScalarType.Bool, "BOOL"),
    ];

    public static ScalarType? Parse(string name)
    {
        foreach (var known in Order) if (known.Name == name) return known.Type;
        return null;
    }

    public static string NameOf(ScalarType type) => Order[RankOf(type)].Name;

    public static int RankOf(ScalarType type)
    {
        var rank = Array.FindIndex(Order, o => o.Type == type);
        return rank >= 0 ? rank : throw new ArgumentException($"Safetensors has no element type for {type} here.", nameof(type));
    }
}

using System.Buffers.Binary;

namespace EcgPeft.Core.Checkpoints.Pickle;

/// <summary>NumPy scalars, which fairseq's training state is full of: <c>scalar(dtype, bytes)</c>.</summary>
internal static class NumPyScalar
{
    /// <summary>The number as long, double or bool; null if the element type is not a plain little-endian number.</summary>
    public static object? Value(PickleObject scalar)
    {
        if (scalar.Arguments is not [PickleObject { TypeName: "numpy.dtype", Arguments: [string code, ..] } type, byte[] bytes]) return null;
        if (type.State is PickleSequence { Items: [_, ">", ..] }) return null;
        return (code, bytes.Length) switch
        {
            ("f8", 8) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            ("f4", 4) => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes),
            ("f2", 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
            ("i8", 8) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            ("i4", 4) => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes),
            ("i2", 2) => (long)BinaryPrimitives.ReadInt16LittleEndian(bytes),
            ("i1", 1) => (long)(sbyte)bytes[0],
            ("u4", 4) => (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            ("u2", 2) => (long)BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            ("u1", 1) => (long)bytes[0],
            ("b1", 1) => bytes[0] != 0,
            _ => null,
        };
    }
}

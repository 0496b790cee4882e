using System.Numerics;
using System.Runtime.InteropServices;

namespace EcgPeft.Core.Training.Caching;

/// <summary>CRC-32C (Castagnoli), which processors compute by themselves: it finds what a disk has damaged, not what somebody has forged.</summary>
internal static class Crc32
{
    /// <summary>The checksum of some bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="before">The checksum of what comes before them.</param>
    public static uint Of(ReadOnlySpan<byte> bytes, uint before = 0)
    {
        var crc = before;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var rest in bytes[(words.Length * sizeof(ulong))..]) crc = BitOperations.Crc32C(crc, rest);
        return crc;
    }
}

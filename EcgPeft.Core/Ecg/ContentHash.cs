using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace EcgPeft.Core.Ecg;

/// <summary>SHA-256 over L (32-bit), the samples (float32) and the labels, all little-endian, taken in as they come; see <see cref="SegmentSet.Hash"/>.</summary>
internal sealed class ContentHash : IDisposable
{
    // Pieces that fit a span of bytes.
    private const int Piece = 1 << 24;

    private readonly IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public ContentHash(int length)
    {
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("The content hash is defined on little-endian numbers.");
        Span<byte> header = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(header, length);
        sha.AppendData(header);
    }

    /// <summary>Takes in samples, in the order of segments.</summary>
    public void Add(ReadOnlySpan<float> samples)
    {
        for (var start = 0; start < samples.Length; start += Piece)
            sha.AppendData(MemoryMarshal.AsBytes(samples.Slice(start, Math.Min(Piece, samples.Length - start))));
    }

    /// <summary>Takes in the labels; lower-case hex.</summary>
    public string Finish(ReadOnlySpan<byte> labels)
    {
        sha.AppendData(labels);
        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    public void Dispose() => sha.Dispose();
}

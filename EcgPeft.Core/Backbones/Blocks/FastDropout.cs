using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EcgPeft.Core.Backbones.Blocks;

/// <summary>
/// Dropout (Srivastava et al. 2014). libtorch draws a processor's random numbers one after the other, at about 5 ns each: at base
/// size that takes longer than the layer's matrix products. Here a seed comes from libtorch's generator and the mask from a
/// vector of xoshiro128++ generators, block by block, so that it depends on the seed alone, not on threads.
/// </summary>
public static class FastDropout
{
    private const int Lanes = 16;
    private const int BlockSize = 1 << 14;

    /// <summary>Sets each element to 0 with a probability and scales the others so that the mean stays.</summary>
    /// <param name="input">Any shape, float32 or bfloat16.</param>
    /// <param name="probability">0 to below 1.</param>
    /// <param name="training">Nothing happens where this is false.</param>
    public static Tensor Apply(Tensor input, double probability, bool training)
    {
        if (!training || probability <= 0) return input;
        var ours = input.device_type == DeviceType.CPU && input.dtype is ScalarType.Float32 or ScalarType.BFloat16;
        return ours ? input * Mask(input.shape, input.dtype, probability) : functional.dropout(input, probability, training: true);
    }

    /// <summary>0 with a probability, else 1 / (1 - probability).</summary>
    /// <param name="shape">Shape of the mask.</param>
    /// <param name="type">Float32 or bfloat16.</param>
    /// <param name="probability">0 to below 1.</param>
    public static unsafe Tensor Mask(long[] shape, ScalarType type, double probability)
    {
        var count = shape.Aggregate(1L, (product, size) => product * size);
        var padded = (count + 2 * Lanes - 1) / (2 * Lanes) * (2 * Lanes);
        var seed = (ulong)randint(long.MaxValue, [1L], dtype: ScalarType.Int64, device: CPU).item<long>();
        var mask = empty(padded, dtype: type, device: CPU);
        var threshold = (uint)Math.Min(uint.MaxValue, probability * 4294967296.0);
        var kept = (float)(1 / (1 - probability));
        fixed (byte* start = mask.bytes)
        {
            var memory = (nint)start;
            void Block(int block)
            {
                var first = (long)block * BlockSize;
                var length = (int)Math.Min(BlockSize, padded - first);
                if (type == ScalarType.Float32) Fill(new Span<float>((float*)memory + first, length), new Generators(seed, block), threshold, kept);
                else Fill(new Span<ushort>((ushort*)memory + first, length), new Generators(seed, block), threshold, Bf16Bits(kept));
            }
            var blocks = (int)((padded + BlockSize - 1) / BlockSize);
            if (blocks < 8) for (var block = 0; block < blocks; block++) Block(block);
            else Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = get_num_threads() }, Block);
        }
        return (padded == count ? mask : mask.narrow(0, 0, count)).view(shape);
    }

    private static void Fill(Span<float> mask, Generators random, uint threshold, float kept)
    {
        var (limit, value) = (Vector512.Create(threshold), Vector512.Create(kept));
        foreach (ref var vector in MemoryMarshal.Cast<float, Vector512<float>>(mask))
            vector = Vector512.GreaterThanOrEqual(random.Next(), limit).AsSingle() & value;
    }

    private static void Fill(Span<ushort> mask, Generators random, uint threshold, uint kept)
    {
        var (limit, value) = (Vector512.Create(threshold), Vector512.Create(kept));
        foreach (ref var vector in MemoryMarshal.Cast<ushort, Vector512<ushort>>(mask))
            vector = Vector512.Narrow(Vector512.GreaterThanOrEqual(random.Next(), limit) & value, Vector512.GreaterThanOrEqual(random.Next(), limit) & value);
    }

    private static uint Bf16Bits(float value) => (BitConverter.SingleToUInt32Bits(value) + 0x8000) >> 16;

    /// <summary>Sixteen xoshiro128++ generators (Blackman and Vigna 2019) side by side, seeded by SplitMix64.</summary>
    private ref struct Generators
    {
        private Vector512<uint> s0, s1, s2, s3;

        public Generators(ulong seed, int block)
        {
            Span<ulong> words = stackalloc ulong[Lanes * 2];
            var state = seed + (ulong)block * 0xD1342543DE82EF95;
            foreach (ref var word in words)
            {
                state += 0x9E3779B97F4A7C15;
                var z = state;
                z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
                z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
                word = z ^ (z >> 31);
            }
            var vectors = MemoryMarshal.Cast<ulong, Vector512<uint>>(words);
            (s0, s1, s2, s3) = (vectors[0], vectors[1], vectors[2], vectors[3]);
        }

        public Vector512<uint> Next()
        {
            var result = Rotate(s0 + s3, 7) + s0;
            var t = s1 << 9;
            s2 ^= s0;
            s3 ^= s1;
            s1 ^= s2;
            s0 ^= s3;
            s2 ^= t;
            s3 = Rotate(s3, 11);
            return result;
        }

        private static Vector512<uint> Rotate(Vector512<uint> x, int bits) => (x << bits) | (x >>> (32 - bits));
    }
}

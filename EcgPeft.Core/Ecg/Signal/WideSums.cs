using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EcgPeft.Core.Ecg.Signal;

/// <summary>
/// Sums of float32 numbers in double precision, four lanes at a time on every processor: the order of additions, and so the last bit
/// of a result, does not depend on how wide its vectors are.
/// </summary>
internal static class WideSums
{
    private const int Width = 4;

    /// <summary>Sum of the values.</summary>
    public static double Sum(ReadOnlySpan<float> values)
    {
        var total = Vector256.Sum(Sum(values, Vector256<double>.Zero));
        foreach (var value in values[(values.Length / Width * Width)..]) total += value;
        return total;
    }

    /// <summary>Goes on with the four lanes of a sum; what four does not divide is left out.</summary>
    public static Vector256<double> Sum(ReadOnlySpan<float> values, Vector256<double> sum)
    {
        foreach (var block in MemoryMarshal.Cast<float, Vector128<float>>(values)) sum += Widen(block);
        return sum;
    }

    /// <summary>Sum of squared distances from <paramref name="mean"/>.</summary>
    public static double Squares(ReadOnlySpan<float> values, double mean)
    {
        var total = Vector256.Sum(Squares(values, mean, Vector256<double>.Zero));
        foreach (var value in values[(values.Length / Width * Width)..]) total += (value - mean) * (value - mean);
        return total;
    }

    /// <summary>Goes on with the four lanes of a sum of squares; what four does not divide is left out.</summary>
    public static Vector256<double> Squares(ReadOnlySpan<float> values, double mean, Vector256<double> sum)
    {
        var means = Vector256.Create(mean);
        foreach (var block in MemoryMarshal.Cast<float, Vector128<float>>(values))
        {
            var deviation = Widen(block) - means;
            sum += deviation * deviation;
        }
        return sum;
    }

    /// <summary>Sum of products; both spans have one length.</summary>
    public static double Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var a = MemoryMarshal.Cast<float, Vector128<float>>(left);
        var b = MemoryMarshal.Cast<float, Vector128<float>>(right);
        var sum = Vector256<double>.Zero;
        for (var i = 0; i < a.Length; i++) sum += Widen(a[i]) * Widen(b[i]);
        var total = Vector256.Sum(sum);
        for (var i = a.Length * Width; i < left.Length; i++) total += (double)left[i] * right[i];
        return total;
    }

    /// <summary>to = (from - mean) / deviation, or zeros where the deviation is 0.</summary>
    public static void Scale(ReadOnlySpan<float> from, Span<float> to, double mean, double deviation)
    {
        if (!(deviation > 0))
        {
            to[..from.Length].Clear();
            return;
        }
        var input = MemoryMarshal.Cast<float, Vector128<float>>(from);
        var output = MemoryMarshal.Cast<float, Vector128<float>>(to[..from.Length]);
        var (means, deviations) = (Vector256.Create(mean), Vector256.Create(deviation));
        for (var i = 0; i < input.Length; i++)
        {
            var scaled = (Widen(input[i]) - means) / deviations;
            output[i] = Vector128.Narrow(scaled.GetLower(), scaled.GetUpper());
        }
        for (var i = input.Length * Width; i < from.Length; i++) to[i] = (float)((from[i] - mean) / deviation);
    }

    private static Vector256<double> Widen(Vector128<float> four)
    {
        var (lower, upper) = Vector128.Widen(four);
        return Vector256.Create(lower, upper);
    }
}

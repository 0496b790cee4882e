using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EcgPeft.Core.Ecg.Signal;

/// <summary>
/// Sum of values that come in blocks, or of their squared distances from a mean: the same to the last bit as <see cref="WideSums"/> over all of them at once,
/// as long as every block but the last has a multiple of four values.
/// </summary>
/// <param name="mean">Where given, squared distances from it are summed up.</param>
internal sealed class RunningSum(double? mean = null)
{
    private Vector256<double> lanes;
    private float[] rest = [];

    /// <summary>Takes in a block.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        if (rest.Length > 0) throw new InvalidOperationException("Only the last block may have a number of values that four does not divide.");
        lanes = mean is { } m ? WideSums.Squares(values, m, lanes) : WideSums.Sum(values, lanes);
        var blocks = MemoryMarshal.Cast<float, Vector128<float>>(values).Length;
        rest = values[(blocks * Vector128<float>.Count)..].ToArray();
    }

    /// <summary>The sum.</summary>
    public double Total()
    {
        var total = Vector256.Sum(lanes);
        foreach (var value in rest) total += mean is { } m ? (value - m) * (value - m) : value;
        return total;
    }
}

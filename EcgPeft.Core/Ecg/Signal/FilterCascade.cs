using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace EcgPeft.Core.Ecg.Signal;

/// <summary>Filters designed for a data set, applied to some of its segments at a time; may be used from several threads.</summary>
/// <param name="detrend">Whether the straight line of least squares is taken out first.</param>
/// <param name="filters">What follows.</param>
internal sealed class FilterCascade(bool detrend, IReadOnlyList<ZeroPhaseFilter> filters)
{
    /// <summary>Filters segments; what comes out of one does not depend on the others.</summary>
    /// <param name="set">The segments.</param>
    /// <param name="rows">Which ones, from 0.</param>
    /// <param name="to">Receives rows x L samples.</param>
    public void Apply(SegmentSet set, ReadOnlySpan<int> rows, Span<float> to)
    {
        var (width, length) = (Vector<double>.Count, set.Length);
        var rented = ArrayPool<double>.Shared.Rent(length * width);
        var buffer = rented.AsSpan(0, length * width);
        var lanes = MemoryMarshal.Cast<double, Vector<double>>(buffer);
        for (var first = 0; first < rows.Length; first += width)
        {
            var together = Math.Min(width, rows.Length - first);
            buffer.Clear();
            for (var lane = 0; lane < together; lane++)
            {
                var segment = set.Segment(rows[first + lane]);
                for (var i = 0; i < length; i++) buffer[i * width + lane] = segment[i];
            }
            if (detrend) TakeOutLine(lanes);
            foreach (var filter in filters) filter.Apply(lanes);
            for (var lane = 0; lane < together; lane++)
            {
                var segment = to.Slice((first + lane) * length, length);
                for (var i = 0; i < length; i++) segment[i] = (float)buffer[i * width + lane];
            }
        }
        ArrayPool<double>.Shared.Return(rented);
    }

    // Least squares against the centred sample number.
    private static void TakeOutLine(Span<Vector<double>> lanes)
    {
        var middle = (lanes.Length - 1) / 2.0;
        Vector<double> sum = default, moment = default;
        double squares = 0;
        for (var i = 0; i < lanes.Length; i++)
        {
            sum += lanes[i];
            moment += lanes[i] * (i - middle);
            squares += (i - middle) * (i - middle);
        }
        var mean = sum / lanes.Length;
        var slope = squares > 0 ? moment / squares : default;
        for (var i = 0; i < lanes.Length; i++) lanes[i] -= mean + slope * (i - middle);
    }
}

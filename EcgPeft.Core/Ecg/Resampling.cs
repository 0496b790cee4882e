namespace EcgPeft.Core.Ecg;

/// <summary>Stretches a segment to another number of samples.</summary>
public static class Resampling
{
    /// <summary>
    /// Linear interpolation on a [0, 1] grid, as <c>numpy.interp</c> does: first and last sample are kept, the others lie at equal
    /// distances between them (align_corners=True in PyTorch's words). No low-pass filter before shortening.
    /// </summary>
    /// <param name="source">At least one sample.</param>
    /// <param name="destination">Receives the stretched segment; its length is the new number of samples.</param>
    /// <exception cref="ArgumentException"><paramref name="source"/> is empty.</exception>
    public static void Linear(ReadOnlySpan<float> source, Span<float> destination)
    {
        if (source.IsEmpty) throw new ArgumentException("There is no sample to interpolate.", nameof(source));
        var step = destination.Length > 1 ? (source.Length - 1) / (double)(destination.Length - 1) : 0;
        for (var i = 0; i < destination.Length; i++)
        {
            var position = i * step;
            var left = Math.Min((int)position, source.Length - 1);
            var right = Math.Min(left + 1, source.Length - 1);
            var share = position - left;
            destination[i] = (float)(source[left] + share * ((double)source[right] - source[left]));
        }
    }
}

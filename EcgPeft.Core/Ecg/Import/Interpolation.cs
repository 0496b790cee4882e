namespace EcgPeft.Core.Ecg.Import;

/// <summary>Fills missing samples.</summary>
internal static class Interpolation
{
    /// <summary>Straight lines between the neighbours of each gap; a gap at an end takes its one neighbour's value.</summary>
    /// <param name="samples">The segment.</param>
    /// <param name="gaps">Missing samples, ascending.</param>
    /// <returns>False where no sample is there to go by.</returns>
    public static bool Fill(Span<float> samples, List<int> gaps)
    {
        if (gaps.Count == samples.Length) return false;
        for (var g = 0; g < gaps.Count;)
        {
            var end = g;
            while (end + 1 < gaps.Count && gaps[end + 1] == gaps[end] + 1) end++;
            var (before, after) = (gaps[g] - 1, gaps[end] + 1);
            var left = before >= 0 ? samples[before] : samples[after];
            var right = after < samples.Length ? samples[after] : left;
            for (var i = g; i <= end; i++) samples[gaps[i]] = (float)(left + ((double)right - left) * (gaps[i] - before) / (after - before));
            g = end + 1;
        }
        return true;
    }
}

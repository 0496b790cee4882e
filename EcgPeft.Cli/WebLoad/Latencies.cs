namespace EcgPeft.Cli.WebLoad;

/// <summary>Counts latencies by whole milliseconds: an hour of them takes as much room as a second.</summary>
internal sealed class Latencies
{
    private const int Longest = 60_000;

    private readonly long[] _counts = new long[Longest + 1];

    /// <summary>Counts one, or some that took as long.</summary>
    public void Add(double milliseconds, long count = 1) => _counts[(int)Math.Clamp(milliseconds, 0, Longest)] += count;

    /// <summary>Median, 95th percentile and largest of several together.</summary>
    public static Spread Of(IEnumerable<Latencies> all)
    {
        var counts = new long[Longest + 1];
        foreach (var one in all)
            for (var i = 0; i < counts.Length; i++) counts[i] += one._counts[i];
        var total = counts.Sum();
        double At(double share)
        {
            if (total == 0) return double.NaN;
            var (left, i) = ((long)Math.Ceiling(share * total), 0);
            while ((left -= counts[i]) > 0) i++;
            return i;
        }
        return new(At(.5), At(.95), At(1));
    }
}

using System.Diagnostics;

namespace EcgPeft.Core.Benchmarks;

/// <summary>Seconds of several things that are measured in turn, so that a busy moment of the machine meets all of them.</summary>
internal static class Alternating
{
    /// <summary>Each once to warm up, then in turn.</summary>
    /// <param name="rounds">How often.</param>
    /// <param name="actions">The things.</param>
    /// <returns>Sorted seconds of each.</returns>
    public static IReadOnlyList<double[]> Measure(int rounds, params Action[] actions)
    {
        foreach (var action in actions) action();
        var seconds = actions.Select(_ => new double[rounds]).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < actions.Length; i++)
            {
                var clock = Stopwatch.StartNew();
                actions[i]();
                seconds[i][round] = clock.Elapsed.TotalSeconds;
            }
        }
        foreach (var each in seconds) Array.Sort(each);
        return seconds;
    }

    /// <summary>The middle one of sorted values.</summary>
    public static double Median(IReadOnlyList<double> sorted) => sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[sorted.Count / 2 - 1] + sorted[sorted.Count / 2]) / 2;
}

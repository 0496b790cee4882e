using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>A stretch of a run's step curves, thinned for drawing.</summary>
/// <param name="From">First step asked for.</param>
/// <param name="To">Last step asked for.</param>
/// <param name="Total">Steps that the run has in this stretch.</param>
/// <param name="Steps">The steps that were kept, in order; all of them where they are few.</param>
public sealed record CurveWindow(long From, long To, int Total, IReadOnlyList<StepEvent> Steps)
{
    /// <summary>Most buckets that can be asked for: more than a screen has pixels.</summary>
    public const int MostBuckets = 4096;

    private static readonly Func<StepEvent, double>[] Curves = [step => step.Loss, step => step.GradientNorm, step => step.LearningRate, step => step.SegmentsPerSecond];

    /// <summary>
    /// Keeps of each bucket the first and the last step and, for each curve (loss, gradient norm, learning rate, speed), the lowest, the
    /// highest and the first value that is not finite: so no spike disappears, however wide the stretch (M4: Jugel et al., VLDB 2014).
    /// </summary>
    /// <param name="steps">All steps in order.</param>
    /// <param name="from">First step of the stretch.</param>
    /// <param name="to">Last step of the stretch.</param>
    /// <param name="buckets">Parts of equal width, such as the pixels of a chart; clamped to 1 to <see cref="MostBuckets"/>.</param>
    public static CurveWindow Of(IReadOnlyList<StepEvent> steps, long from, long to, int buckets)
    {
        buckets = Math.Clamp(buckets, 1, MostBuckets);
        var (start, end) = (FirstNotBelow(steps, from), to == long.MaxValue ? steps.Count : FirstNotBelow(steps, to + 1));
        var total = Math.Max(0, end - start);
        // Few enough to draw as they are.
        if (total <= buckets * 4) return new(from, to, total, [.. steps.Skip(start).Take(total)]);

        var (low, width) = (steps[start].Step, steps[end - 1].Step + 1 - steps[start].Step);
        var kept = new List<StepEvent>();
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            // Step s belongs to bucket (s - low) * buckets / width, rounded down.
            var next = FirstNotBelow(steps, low + ((((bucket + 1) * width) + buckets - 1) / buckets));
            kept.AddRange(Kept(steps, start, next).Select(at => steps[at]));
            start = next;
        }
        return new(from, to, total, kept);
    }

    private static SortedSet<int> Kept(IReadOnlyList<StepEvent> steps, int start, int end)
    {
        var kept = new SortedSet<int>();
        if (start >= end) return kept;
        kept.Add(start);
        kept.Add(end - 1);
        foreach (var value in Curves)
        {
            int lowest = -1, highest = -1, broken = -1;
            for (var at = start; at < end; at++)
            {
                var here = value(steps[at]);
                if (!double.IsFinite(here))
                {
                    if (broken < 0) broken = at;
                    continue;
                }
                if (lowest < 0 || here < value(steps[lowest])) lowest = at;
                if (highest < 0 || here > value(steps[highest])) highest = at;
            }
            foreach (var at in new[] { lowest, highest, broken })
                if (at >= 0) kept.Add(at);
        }
        return kept;
    }

    private static int FirstNotBelow(IReadOnlyList<StepEvent> steps, long step)
    {
        var (low, high) = (0, steps.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (steps[middle].Step < step) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}

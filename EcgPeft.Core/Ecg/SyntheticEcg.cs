namespace EcgPeft.Core.Ecg;

/// <summary>
/// Single-lead ECG from the dynamical model of McSharry, Clifford, Tarassenko and Smith, "A dynamical model for generating synthetic
/// electrocardiogram signals", IEEE Trans Biomed Eng 50(3):289-294, 2003: a phase runs around the unit circle, one turn a beat, and P, Q, R,
/// S and T pull the voltage up or down as it passes them. Here with premature ventricular beats, and several virtual people who differ in
/// rate, shape, noise, baseline drift and power-line interference.
/// </summary>
/// <remarks>
/// Segments have 600 samples at 360 Hz (1.67 s: one to three beats), in millivolts, cut around one beat whose R peak lies up to
/// <see cref="Jitter"/> samples from the middle. Label 1: that beat is a premature ventricular one; label 0: all beats are normal.
/// About a third is positive, more in some people than in others. Values are rounded to 10 nV, so the last bits of a processor's
/// exponential function do not show: the same arguments give the same segments everywhere.
/// </remarks>
public static class SyntheticEcg
{
    /// <summary>Samples a segment.</summary>
    public const int SegmentLength = 600;

    /// <summary>Samples a second.</summary>
    public const double SamplingRateHz = 360;

    /// <summary>How far the beat in the middle is shifted at the most, in samples: large enough that its shape, not its place, tells.</summary>
    internal const int Jitter = 120;

    /// <summary>Generates segments; their groups are the people, whose segments stand mixed.</summary>
    /// <param name="segments">Number of segments, at least 2.</param>
    /// <param name="users">Number of virtual people, at least 1 and at most as many as segments.</param>
    /// <param name="seed">The same seed gives the same segments.</param>
    /// <exception cref="UserInputException">The numbers are out of range.</exception>
    public static SegmentSet Generate(int segments, int users, int seed)
    {
        if (segments < 2 || (long)segments * SegmentLength > Array.MaxLength) throw new UserInputException($"The number of segments is {segments}; it must be at least 2 and at most {Array.MaxLength / SegmentLength}.");
        if (users < 1 || users > segments) throw new UserInputException($"The number of people is {users}; it must be at least 1 and at most the number of segments ({segments}).");

        var random = new Random(seed);
        var people = People(users, random);
        var (person, labels) = Plan(segments, people, random);
        var seeds = new int[segments];
        for (var i = 0; i < segments; i++) seeds[i] = random.Next();

        var values = GC.AllocateUninitializedArray<float>(segments * SegmentLength);
        // Each segment has a generator of its own, so the result does not depend on how many threads work.
        Parallel.For(0, segments, i =>
            SyntheticSegment.Generate(people[person[i]], labels[i] == 1, new Random(seeds[i]), values.AsSpan(i * SegmentLength, SegmentLength)));
        return new SegmentSet(values, labels, SegmentLength, [.. person.Select(p => people[p].Name)], SamplingRateHz);
    }

    private static EcgPerson[] People(int users, Random random)
    {
        // Shares spread evenly around a third, in random order.
        var order = Enumerable.Range(0, users).ToArray();
        Splits.Shuffle(order, random);
        var digits = Math.Max(2, SegmentCsv.Plain(users).Length);
        return [.. order.Select((rank, i) => new EcgPerson("person-" + SegmentCsv.Plain(i + 1).PadLeft(digits, '0'), 0.13 + 0.4 * (rank + 0.5) / users, random))];
    }

    // Who each segment belongs to, and its label: nearly equal numbers, each person's share of positives, at least one of each class.
    private static (int[] Person, byte[] Labels) Plan(int segments, EcgPerson[] people, Random random)
    {
        var plan = new (int Person, byte Label)[segments];
        var at = 0;
        double due = 0;
        for (var p = 0; p < people.Length; p++)
        {
            var own = segments / people.Length + (p < segments % people.Length ? 1 : 0);
            // Rounded on the running sum, so that many people with few segments still add up to a third.
            var before = (int)Math.Round(due);
            due += own * people[p].PositiveShare;
            var positives = Math.Min(own, (int)Math.Round(due) - before);
            for (var i = 0; i < own; i++) plan[at++] = (p, (byte)(i < positives ? 1 : 0));
        }
        if (plan.All(s => s.Label == 0)) plan[0].Label = 1;
        Splits.Shuffle(plan, random);
        return ([.. plan.Select(s => s.Person)], [.. plan.Select(s => s.Label)]);
    }
}

namespace EcgPeft.Core.Ecg;

/// <summary>One segment of a virtual person's ECG; the model is explained at <see cref="SyntheticEcg"/>.</summary>
internal static class SyntheticSegment
{
    private const double Dt = 1 / SyntheticEcg.SamplingRateHz;

    // A beat's phase runs from -pi to pi. An ectopic beat has no P and begins where its QRS does, after the T of the beat before.
    private const double EctopicStart = -1.1;
    private const double StepsPerMillivolt = 1e5;

    private readonly record struct Beat(Wave[] Waves, double StartPhase, double EndPhase, double Velocity);

    /// <summary>Fills <paramref name="segment"/> with millivolts.</summary>
    public static void Generate(EcgPerson person, bool ectopic, Random random, Span<float> segment)
    {
        var beats = Rhythm(person, ectopic, random, out var peakTime);
        var peakSample = SyntheticEcg.SegmentLength / 2 + random.Next(-SyntheticEcg.Jitter, SyntheticEcg.Jitter + 1);
        var skip = (int)Math.Round(peakTime / Dt) - peakSample;

        var driftPhase = 2 * Math.PI * random.NextDouble();
        var linePhase = 2 * Math.PI * random.NextDouble();
        var decay = Math.Exp(-Dt);
        double z = 0;
        var beat = 0;
        var phase = beats[0].StartPhase;
        for (var i = -skip; i < segment.Length; i++)
        {
            // Equation (1) of the paper, z' = -sum a_i dtheta_i exp(-dtheta_i^2 / 2 b_i^2) - (z - z0), z0 apart: the linear part exactly,
            // the pull of the waves at the middle of the step.
            var current = beats[beat];
            var middle = phase + current.Velocity * Dt / 2;
            double pull = 0;
            foreach (var wave in current.Waves)
            {
                var delta = middle - wave.Angle;
                var ratio = delta / wave.Width;
                if (Math.Abs(ratio) < 6) pull -= wave.Height * current.Velocity / (wave.Width * wave.Width) * delta * Math.Exp(-ratio * ratio / 2);
            }
            z = z * decay + pull * (1 - decay);
            phase += current.Velocity * Dt;
            if (phase >= current.EndPhase && beat + 1 < beats.Length) phase = beats[++beat].StartPhase + (phase - current.EndPhase);
            if (i < 0) continue;
            var time = i * Dt;
            var disturbed = z
                + person.Drift * Math.Sin(2 * Math.PI * person.DriftHz * time + driftPhase)
                + person.PowerLine * Math.Sin(2 * Math.PI * person.PowerLineHz * time + linePhase)
                + person.Noise * Gaussian(random);
            // + 0 turns -0 into 0, as the CSV reader does.
            segment[i] = (float)(Math.Round(disturbed * StepsPerMillivolt) / StepsPerMillivolt) + 0f;
        }
    }

    // Beats from well before the segment to well after it; the peak of the fourth is the one the segment is cut around.
    private static Beat[] Rhythm(EcgPerson person, bool ectopic, Random random, out double peakTime)
    {
        const int before = 3;
        const int after = 4;
        var respiration = 2 * Math.PI * random.NextDouble();
        var pressure = 2 * Math.PI * random.NextDouble();
        var beats = new Beat[before + 1 + after];
        double time = 0;
        peakTime = 0;
        for (var k = 0; k < beats.Length; k++)
        {
            var variation = Math.Sin(2 * Math.PI * 0.25 * time + respiration) + Math.Sin(2 * Math.PI * 0.1 * time + pressure) + Gaussian(random) / 2;
            var interval = person.MeanInterval * (1 + person.IntervalVariation * variation);
            var velocity = 2 * Math.PI / interval;
            var beat = new Beat(person.Normal, -Math.PI, Math.PI, velocity);
            if (ectopic && k == before - 1)
            {
                // Cut short so that the R-R interval into the ectopic beat is the coupling interval.
                var end = 2 * Math.PI * person.Coupling * EcgPerson.Uniform(random, 0.93, 1.07) + EctopicStart;
                beat = beat with { EndPhase = end };
            }
            else if (ectopic && k == before)
            {
                // Its phase runs on through the compensatory pause until the next normal beat begins in its turn.
                beat = new Beat(person.Ectopic, EctopicStart, Math.PI + 2 * Math.PI * (1 - person.Coupling) * 0.9, velocity);
            }
            if (k == before) peakTime = time - beat.StartPhase / beat.Velocity;
            beats[k] = beat;
            time += (beat.EndPhase - beat.StartPhase) / beat.Velocity;
        }
        return beats;
    }

    // Box and Muller 1958.
    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

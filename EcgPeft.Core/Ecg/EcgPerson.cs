namespace EcgPeft.Core.Ecg;

/// <summary>
/// One extremum of the PQRST cycle (McSharry et al. 2003, table 1): at phase <paramref name="Angle"/> (radians, R at 0), of width
/// <paramref name="Width"/> (radians, the paper's b) and height <paramref name="Height"/> (millivolts; the paper's a is height x angular
/// velocity / b^2, so that the height does not depend on the heart rate).
/// </summary>
internal readonly record struct Wave(double Angle, double Width, double Height);

/// <summary>What makes a virtual person's ECG: rate, shape of normal and ectopic beats, and what disturbs the recording.</summary>
internal sealed class EcgPerson
{
    /// <summary>Draws a person.</summary>
    public EcgPerson(string name, double positiveShare, Random random)
    {
        Name = name;
        PositiveShare = positiveShare;
        MeanInterval = 60 / Uniform(random, 55, 100);
        IntervalVariation = Uniform(random, 0.02, 0.06);
        Normal = NormalBeat(random, MeanInterval);
        Ectopic = EctopicBeat(random);
        Coupling = Uniform(random, 0.55, 0.75);
        Noise = Uniform(random, 0.01, 0.05);
        Drift = Uniform(random, 0.05, 0.3);
        DriftHz = Uniform(random, 0.15, 0.35);
        PowerLine = Uniform(random, 0, 0.03);
        PowerLineHz = random.Next(2) == 0 ? 50 : 60;
    }

    /// <summary>The group's name.</summary>
    public string Name { get; }

    /// <summary>Share of segments with an ectopic beat.</summary>
    public double PositiveShare { get; }

    /// <summary>Mean R-R interval in seconds.</summary>
    public double MeanInterval { get; }

    /// <summary>Relative variation of the interval by respiration (0.25 Hz) and blood pressure waves (0.1 Hz).</summary>
    public double IntervalVariation { get; }

    /// <summary>Waves of a normal beat.</summary>
    public Wave[] Normal { get; }

    /// <summary>Waves of a premature ventricular beat: no P, broad QRS, T against it.</summary>
    public Wave[] Ectopic { get; }

    /// <summary>Interval before an ectopic beat, relative to the normal one.</summary>
    public double Coupling { get; }

    /// <summary>Standard deviation of white noise, millivolts.</summary>
    public double Noise { get; }

    /// <summary>Amplitude of the baseline drift by respiration, millivolts.</summary>
    public double Drift { get; }

    /// <summary>Frequency of the baseline drift.</summary>
    public double DriftHz { get; }

    /// <summary>Amplitude of the power-line interference, millivolts.</summary>
    public double PowerLine { get; }

    /// <summary>Frequency of the power line.</summary>
    public double PowerLineHz { get; }

    /// <summary>A number between <paramref name="low"/> and <paramref name="high"/>.</summary>
    internal static double Uniform(Random random, double low, double high) => low + (high - low) * random.NextDouble();

    // Angles and widths of the paper, moved with the heart rate as in the authors' ECGSYN (the square root of rate / 60).
    private static Wave[] NormalBeat(Random random, double interval)
    {
        var stretch = Math.Sqrt(1 / interval);
        double Vary(double value, double share) => value * Uniform(random, 1 - share, 1 + share);
        return
        [
            new(Vary(-Math.PI / 3, 0.08) * Math.Sqrt(stretch), Vary(0.25, 0.2) * stretch, Vary(0.12, 0.5)),
            new(Vary(-Math.PI / 12, 0.05) * stretch, Vary(0.1, 0.1) * stretch, -Vary(0.12, 0.6)),
            new(0, Vary(0.1, 0.2) * stretch, Vary(1.1, 0.35)),
            new(Vary(Math.PI / 12, 0.05) * stretch, Vary(0.1, 0.1) * stretch, -Vary(0.22, 0.6)),
            new(Vary(Math.PI / 2, 0.06) * Math.Sqrt(stretch), Vary(0.4, 0.15) * stretch, Vary(0.3, 0.5)),
        ];
    }

    private static Wave[] EctopicBeat(Random random)
    {
        // Upright in most people, downward in some: that depends on where the focus lies.
        var sign = random.NextDouble() < 0.7 ? 1 : -1;
        var height = Uniform(random, 0.9, 1.7);
        return
        [
            new(0, Uniform(random, 0.22, 0.34), sign * height),
            new(Uniform(random, 0.55, 0.75), Uniform(random, 0.2, 0.3), -sign * height * Uniform(random, 0.1, 0.4)),
            new(Uniform(random, 1.4, 1.8), Uniform(random, 0.35, 0.5), -sign * height * Uniform(random, 0.25, 0.5)),
        ];
    }
}

using EcgPeft.Core.Ecg.Signal;

namespace EcgPeft.Core.Ecg;

/// <summary>How strongly training segments are varied; 0 switches a variation off.</summary>
/// <param name="Scaling">Standard deviation of the logarithm of a random gain.</param>
/// <param name="Shift">Largest shift in time, as a share of the segment; the end sample fills the gap.</param>
/// <param name="Noise">Standard deviation of white noise, in standard deviations of the segment.</param>
/// <param name="BaselineWander">Largest amplitude of a slow sine (0.1 to 1 period a segment), in standard deviations of the segment.</param>
/// <param name="LeadMasking">Probability that a lead of a model of several leads is set to zero; one is always kept.</param>
public sealed record AugmentationStrength(double Scaling, double Shift, double Noise, double BaselineWander, double LeadMasking = 0);

/// <summary>Random variations of a segment that do not change what it is.</summary>
public static class Augmentation
{
    /// <summary>Varies one segment in place.</summary>
    /// <param name="segment">L samples.</param>
    /// <param name="strength">How strongly.</param>
    /// <param name="random">Where random choices come from; the same generator gives the same segment.</param>
    public static void Apply(Span<float> segment, AugmentationStrength strength, Random random)
    {
        ArgumentNullException.ThrowIfNull(strength);
        ArgumentNullException.ThrowIfNull(random);
        var mean = WideSums.Sum(segment) / segment.Length;
        var deviation = Math.Sqrt(WideSums.Squares(segment, mean) / segment.Length);
        if (strength.Shift > 0) Shift(segment, (int)Math.Round((2 * random.NextDouble() - 1) * strength.Shift * segment.Length));
        if (strength.Scaling > 0)
        {
            var gain = Math.Exp(strength.Scaling * Gaussian(random));
            for (var i = 0; i < segment.Length; i++) segment[i] = (float)(mean + gain * (segment[i] - mean));
        }
        if (strength.Noise > 0)
            for (var i = 0; i < segment.Length; i++) segment[i] += (float)(strength.Noise * deviation * Gaussian(random));
        if (strength.BaselineWander > 0)
        {
            var amplitude = strength.BaselineWander * deviation * random.NextDouble();
            var (periods, phase) = (0.1 + 0.9 * random.NextDouble(), 2 * Math.PI * random.NextDouble());
            for (var i = 0; i < segment.Length; i++) segment[i] += (float)(amplitude * Math.Sin(2 * Math.PI * periods * i / segment.Length + phase));
        }
    }

    /// <summary>Which leads of a segment stay, drawn at random (random lead masking, Oh et al. 2022).</summary>
    /// <param name="leads">How many there are.</param>
    /// <param name="probability">That a lead is set to zero, below 1.</param>
    /// <param name="random">Where random choices come from.</param>
    /// <returns>1 for a lead that stays, else 0; at least one stays.</returns>
    public static float[] LeadMask(int leads, double probability, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var mask = new float[leads];
        for (var i = 0; i < leads; i++) mask[i] = random.NextDouble() < probability ? 0 : 1;
        if (!mask.Contains(1)) mask[random.Next(leads)] = 1;
        return mask;
    }

    // To the right where positive.
    private static void Shift(Span<float> segment, int by)
    {
        if (by == 0) return;
        if (Math.Abs(by) >= segment.Length) by = Math.Sign(by) * (segment.Length - 1);
        if (by > 0)
        {
            segment[..^by].CopyTo(segment[by..]);
            segment[..by].Fill(segment[by]);
        }
        else
        {
            segment[-by..].CopyTo(segment);
            segment[(segment.Length + by)..].Fill(segment[segment.Length + by - 1]);
        }
    }

    // Box and Muller 1958.
    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

using EcgPeft.Core.Ecg;

namespace EcgPeft.Core.Training;

/// <summary>Random variations of the training segments; all off by default. See <see cref="AugmentationStrength"/>.</summary>
public sealed record AugmentationRecipe
{
    /// <summary>Standard deviation of the logarithm of a random gain.</summary>
    public double Scaling { get; init; }

    /// <summary>Largest shift in time, as a share of the segment.</summary>
    public double Shift { get; init; }

    /// <summary>Standard deviation of white noise, in standard deviations of the segment.</summary>
    public double Noise { get; init; }

    /// <summary>Largest amplitude of a slow sine, in standard deviations of the segment.</summary>
    public double BaselineWander { get; init; }

    /// <summary>Probability that a lead of a model of several leads is set to zero.</summary>
    public double LeadMasking { get; init; }

    /// <summary>The strengths, or null where everything is off.</summary>
    public AugmentationStrength? Strength() =>
        Scaling > 0 || Shift > 0 || Noise > 0 || BaselineWander > 0 || LeadMasking > 0 ? new(Scaling, Shift, Noise, BaselineWander, LeadMasking) : null;

    /// <summary>What is wrong with the settings, by dotted path.</summary>
    public IEnumerable<RecipeProblem> Problems()
    {
        foreach (var (name, value, most) in new[] { ("scaling", Scaling, 1.0), ("shift", Shift, 0.5), ("noise", Noise, 10.0), ("baselineWander", BaselineWander, 10.0), ("leadMasking", LeadMasking, 0.95) })
            if (!(value >= 0 && value <= most)) yield return new($"augmentation.{name}", FormattableString.Invariant($"augmentation.{name} is {value}; it must be between 0 (off) and {most}."));
    }
}

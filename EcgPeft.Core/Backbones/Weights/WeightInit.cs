namespace EcgPeft.Core.Backbones.Weights;

/// <summary>How a tensor starts when no checkpoint gives it: the distribution and its width.</summary>
/// <param name="Kind">The distribution.</param>
/// <param name="Value">Standard deviation, half-width or constant, as the kind says.</param>
public readonly record struct WeightInit(WeightInitKind Kind, double Value)
{
    /// <summary>All zeros.</summary>
    public static WeightInit Zeros { get; } = new(WeightInitKind.Constant, 0);

    /// <summary>All ones.</summary>
    public static WeightInit Ones { get; } = new(WeightInitKind.Constant, 1);

    /// <summary>Normal with mean 0.</summary>
    /// <param name="standardDeviation">Its standard deviation.</param>
    public static WeightInit Normal(double standardDeviation) => new(WeightInitKind.Normal, standardDeviation);

    /// <summary>Uniform in [-halfWidth, halfWidth].</summary>
    /// <param name="halfWidth">Half the width of the interval.</param>
    public static WeightInit Uniform(double halfWidth) => new(WeightInitKind.Uniform, halfWidth);

    /// <summary>PyTorch's default for a linear layer's weight and bias: uniform within 1 / sqrt(fan in) (Kaiming, a = sqrt 5).</summary>
    /// <param name="fanIn">Number of inputs.</param>
    public static WeightInit LinearDefault(long fanIn) => Uniform(1 / Math.Sqrt(fanIn));

    /// <summary>He et al. 2015 for a rectifier: normal with standard deviation sqrt(2 / fan in).</summary>
    /// <param name="fanIn">Number of inputs.</param>
    public static WeightInit KaimingNormal(long fanIn) => Normal(Math.Sqrt(2.0 / fanIn));
}

/// <summary>Distributions of <see cref="WeightInit"/>.</summary>
public enum WeightInitKind
{
    /// <summary>Every element the same.</summary>
    Constant,

    /// <summary>Normal with mean 0.</summary>
    Normal,

    /// <summary>Uniform around 0.</summary>
    Uniform,
}

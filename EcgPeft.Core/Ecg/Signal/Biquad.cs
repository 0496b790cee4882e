namespace EcgPeft.Core.Ecg.Signal;

/// <summary>A second-order section: y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2].</summary>
/// <param name="B0">Numerator.</param>
/// <param name="B1">Numerator.</param>
/// <param name="B2">Numerator.</param>
/// <param name="A1">Denominator, with a0 = 1.</param>
/// <param name="A2">Denominator, with a0 = 1.</param>
public readonly record struct Biquad(double B0, double B1, double B2, double A1, double A2)
{
    /// <summary>Gain of a constant signal.</summary>
    public double GainAtZero => (B0 + B1 + B2) / (1 + A1 + A2);
}

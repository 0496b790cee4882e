using System.Numerics;

namespace EcgPeft.Core.Ecg.Signal;

/// <summary>Recursive filters as second-order sections, designed as SciPy's <c>butter</c> and <c>iirnotch</c> do.</summary>
public static class IirDesign
{
    /// <summary>
    /// Butterworth band-pass: the analogue prototype's poles on the unit circle, transformed to the band and to the z plane by the
    /// bilinear transform with pre-warped edges (Oppenheim and Schafer, Discrete-Time Signal Processing, chapter 7).
    /// </summary>
    /// <param name="order">Order of the prototype; the band-pass has twice as many poles.</param>
    /// <param name="lowHz">Lower edge, above 0 (gain -3 dB).</param>
    /// <param name="highHz">Upper edge, below half the sampling rate.</param>
    /// <param name="samplingRateHz">Samples a second.</param>
    /// <exception cref="ArgumentOutOfRangeException">Order or edges are impossible.</exception>
    public static Biquad[] ButterworthBandPass(int order, double lowHz, double highHz, double samplingRateHz)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        if (!(lowHz > 0 && lowHz < highHz && highHz < samplingRateHz / 2)) throw new ArgumentOutOfRangeException(nameof(lowHz), "A band lies above 0 and below half the sampling rate.");
        var twice = 2 * samplingRateHz;
        var (low, high) = (twice * Math.Tan(Math.PI * lowHz / samplingRateHz), twice * Math.Tan(Math.PI * highHz / samplingRateHz));
        var (width, centreSquared) = (high - low, low * high);
        var poles = new List<Complex>();
        Complex gain = 1;
        for (var k = 0; k < order; k++)
        {
            var half = Complex.FromPolarCoordinates(width / 2, Math.PI * (2 * k + order + 1) / (2 * order));
            var root = Complex.Sqrt(half * half - centreSquared);
            foreach (var pole in new[] { half + root, half - root })
            {
                poles.Add((twice + pole) / (twice - pole));
                gain /= twice - pole;
            }
            gain *= width * twice; // one zero at 0, the other at infinity
        }
        return Sections(poles, gain.Real);
    }

    /// <summary>Notch with unit gain away from one frequency (Orfanidis, Introduction to Signal Processing, chapter 11).</summary>
    /// <param name="frequencyHz">What is taken out, above 0 and below half the sampling rate.</param>
    /// <param name="quality">Frequency divided by the width of the notch at -3 dB.</param>
    /// <param name="samplingRateHz">Samples a second.</param>
    /// <exception cref="ArgumentOutOfRangeException">Frequency or quality is impossible.</exception>
    public static Biquad[] Notch(double frequencyHz, double quality, double samplingRateHz)
    {
        if (!(frequencyHz > 0 && frequencyHz < samplingRateHz / 2)) throw new ArgumentOutOfRangeException(nameof(frequencyHz), "A notch lies above 0 and below half the sampling rate.");
        if (!(quality > 0)) throw new ArgumentOutOfRangeException(nameof(quality), "A quality is above 0.");
        var w = 2 * Math.PI * frequencyHz / samplingRateHz;
        var gain = 1 / (1 + Math.Tan(w / quality / 2));
        var cosine = Math.Cos(w);
        return [new Biquad(gain, -2 * gain * cosine, gain, -2 * gain * cosine, 2 * gain - 1)];
    }

    // Each section takes a pair of poles, a zero at 1 and a zero at -1; the gain is spread evenly.
    private static Biquad[] Sections(List<Complex> poles, double gain)
    {
        const double real = 1e-12;
        var pairs = poles.Where(p => p.Imaginary > real).Select(p => (p, Complex.Conjugate(p))).ToList();
        var onAxis = poles.Where(p => Math.Abs(p.Imaginary) <= real).OrderBy(p => p.Real).ToList();
        for (var i = 0; i + 1 < onAxis.Count; i += 2) pairs.Add((onAxis[i], onAxis[i + 1]));
        var each = Math.Pow(gain, 1.0 / pairs.Count);
        return [.. pairs.Select(pair => new Biquad(each, 0, -each, -(pair.Item1 + pair.Item2).Real, (pair.Item1 * pair.Item2).Real))];
    }
}

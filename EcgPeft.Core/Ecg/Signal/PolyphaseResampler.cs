namespace EcgPeft.Core.Ecg.Signal;

/// <summary>
/// Resampling to another rate as SciPy's <c>resample_poly</c>: a windowed-sinc low-pass (Kaiser, beta 5) of ten zero crossings on each
/// side, of which each output sample uses only the taps that meet an input sample.
/// </summary>
public sealed class PolyphaseResampler
{
    private const int MostTerms = 20_000;
    private const double Beta = 5;

    private readonly int up;
    private readonly int down;
    private readonly int reach; // taps on each side of the middle one
    private readonly float[][] phases; // taps by phase, each in the order of input samples

    /// <summary>Designs the filter for a ratio of rates.</summary>
    /// <param name="fromHz">Present rate.</param>
    /// <param name="toHz">Wanted rate.</param>
    /// <exception cref="UserInputException">The rates have no ratio of whole numbers of reasonable size.</exception>
    public PolyphaseResampler(double fromHz, double toHz)
    {
        (up, down) = Ratio(fromHz, toHz);
        reach = 10 * Math.Max(up, down);
        phases = Phases(LowPass());
    }

    /// <summary>Samples that a segment has afterwards.</summary>
    /// <param name="length">Samples before.</param>
    public int LengthOf(int length) => checked((int)(((long)length * up + down - 1) / down));

    /// <summary>Resamples one segment; beyond its ends the signal counts as <paramref name="outside"/>.</summary>
    /// <param name="source">The segment.</param>
    /// <param name="destination">Receives <see cref="LengthOf"/> samples.</param>
    /// <param name="outside">0 as SciPy's default; a segment's mean keeps its ends from falling towards 0.</param>
    public void Apply(ReadOnlySpan<float> source, Span<float> destination, float outside = 0)
    {
        if (up == down)
        {
            source.CopyTo(destination);
            return;
        }
        for (var i = 0; i < destination.Length; i++)
        {
            // Tap t of the full filter meets input k where t = reach + i*down - k*up.
            var position = (long)i * down;
            var (phase, newest) = ((int)((position + reach) % up), (int)((position + reach) / up));
            var taps = phases[phase];
            var oldest = newest - taps.Length + 1;
            var (from, to) = (Math.Max(0, oldest), Math.Min(newest, source.Length - 1) + 1);
            var met = taps.AsSpan(from - oldest, to - from);
            var sum = WideSums.Dot(met, source[from..to]);
            destination[i] = (float)(outside == 0 ? sum : sum + outside * (1 - WideSums.Sum(met)));
        }
    }

    private static (int Up, int Down) Ratio(double fromHz, double toHz)
    {
        if (fromHz > 0 && toHz > 0 && double.IsFinite(fromHz) && double.IsFinite(toHz) && Math.Max(fromHz, toHz) < 1e9)
        {
            var (up, down) = ((long)Math.Round(toHz * 1000), (long)Math.Round(fromHz * 1000));
            var (a, b) = (up, down);
            while (b != 0) (a, b) = (b, a % b);
            if (a > 0 && Math.Max(up, down) / a <= MostTerms && Math.Min(up, down) > 0) return ((int)(up / a), (int)(down / a));
        }
        throw new UserInputException(FormattableString.Invariant($"{fromHz} Hz cannot be resampled to {toHz} Hz; both must be above 0 and their ratio one of whole numbers up to {MostTerms}."));
    }

    private double[] LowPass()
    {
        var taps = new double[2 * reach + 1];
        var cutoff = 1.0 / Math.Max(up, down);
        double sum = 0;
        for (var i = 0; i < taps.Length; i++)
        {
            var x = Math.PI * cutoff * (i - reach);
            var place = (i - reach) / (double)reach;
            taps[i] = (x == 0 ? 1 : Math.Sin(x) / x) * Bessel(Beta * Math.Sqrt(1 - place * place));
            sum += taps[i];
        }
        for (var i = 0; i < taps.Length; i++) taps[i] *= up / sum;
        return taps;
    }

    private float[][] Phases(double[] taps)
    {
        var result = new float[up][];
        for (var phase = 0; phase < up; phase++)
        {
            var own = new List<float>();
            for (var t = phase; t < taps.Length; t += up) own.Add((float)taps[t]);
            own.Reverse();
            result[phase] = [.. own];
        }
        return result;
    }

    // Modified Bessel function of the first kind, order 0 (Abramowitz and Stegun 9.6.12).
    private static double Bessel(double x)
    {
        double sum = 1, term = 1;
        for (var k = 1; term > 1e-17 * sum; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }
        return sum;
    }
}

using EcgPeft.Core.Reports.Results;

namespace EcgPeft.Core.Reports.Figures;

/// <summary>A numeric axis from values to pixels, with round ticks.</summary>
internal sealed class Axis
{
    private readonly double _low, _high, _from, _to;

    private Axis(double low, double high, double from, double to, bool log, IReadOnlyList<double> ticks) => (_low, _high, _from, _to, Log, Ticks) = (low, high, from, to, log, ticks);

    public bool Log { get; }

    public IReadOnlyList<double> Ticks { get; }

    /// <param name="values">What has to fit on it.</param>
    /// <param name="from">Pixel of the low end.</param>
    /// <param name="to">Pixel of the high end.</param>
    /// <param name="fixedRange">Low and high end, or null to find them.</param>
    /// <param name="log">Logarithmic; all values are above 0.</param>
    /// <param name="whole">Whether it counts: ticks are whole numbers.</param>
    public static Axis Over(IEnumerable<double> values, double from, double to, (double Low, double High)? fixedRange, bool log, bool whole = false)
    {
        var known = values.Where(double.IsFinite).ToList();
        var (low, high) = fixedRange ?? (known.Count == 0 ? log ? (1, 10) : (0, 1) : (known.Min(), known.Max()));
        if (log)
        {
            var (a, b) = (Math.Floor(Math.Log10(low) * 2 - 0.2) / 2, Math.Ceiling(Math.Log10(high) * 2 + 0.2) / 2);
            double[] leads = b - a > 2 ? [1] : [1, 2, 5];
            var decades = Enumerable.Range((int)Math.Floor(a), (int)(Math.Ceiling(b) - Math.Floor(a)) + 1).SelectMany(d => leads.Select(lead => Math.Log10(lead) + d));
            return new Axis(a, b, from, to, true, [.. decades.Where(d => d >= a - 1e-9 && d <= b + 1e-9).Select(d => Math.Pow(10, d))]);
        }
        if (high <= low) (low, high) = (low - Math.Max(0.05, Math.Abs(low) * 0.1), high + Math.Max(0.05, Math.Abs(high) * 0.1));
        var part = whole ? Math.Max(1, Math.Ceiling(Step((high - low) / 5))) : Step((high - low) / 5);
        if (fixedRange is null) (low, high) = (Math.Floor(low / part + 1e-9) * part, Math.Ceiling(high / part - 1e-9) * part);
        var first = Math.Ceiling(low / part - 1e-9);
        return new Axis(low, high, from, to, false, [.. Enumerable.Range(0, 20).Select(i => (first + i) * part).TakeWhile(t => t <= high + part * 1e-6).Select(t => Math.Abs(t) < part * 1e-6 ? 0 : t)]);
    }

    public double At(double value) => _from + ((Log ? Math.Log10(value) : value) - _low) / (_high - _low) * (_to - _from);

    public static string Label(double tick) => Math.Abs(tick) switch
    {
        0 => "0",
        >= 1e9 => (tick / 1e9).ToString("0.##", Number.Culture) + " G",
        >= 1e6 => (tick / 1e6).ToString("0.##", Number.Culture) + " M",
        >= 1e4 => (tick / 1e3).ToString("0.##", Number.Culture) + " k",
        _ => tick.ToString("0.####", Number.Culture).Replace('-', '−'),
    };

    private static double Step(double least)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return new[] { 1.0, 2, 2.5, 5, 10 }.First(lead => lead * power >= least * 0.999) * power;
    }
}

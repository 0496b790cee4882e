using System.Globalization;
using System.Text;
using EcgPeft.Web.Components.Shared;

namespace EcgPeft.Web.Components.Charts;

/// <summary>A line of the grid or a tick with its label.</summary>
/// <param name="At">Pixel.</param>
/// <param name="Label">What stands beside it; empty on most lines.</param>
internal sealed record PaperTick(double At, string Label);

/// <summary>
/// Where things lie when one segment is drawn on ECG paper: 25 mm a second, 10 mm a millivolt, so a small box is 0.04 s x 0.1 mV and square,
/// whatever the window's width. With an unknown sampling rate x counts samples; of standardised segments y counts standard deviations; values
/// too large for millivolts are drawn to fit and called values: none of these has small boxes. Samples that are no numbers stay gaps.
/// </summary>
internal sealed class EcgPaper
{
    private const double MillimetreAtOne = 3;

    /// <summary>Where the paper begins, right of the labels.</summary>
    public const double Left = 32;

    /// <summary>Where the paper begins, below the unit.</summary>
    public const double Top = 16;

    private const double Bottom = 34, Right = 6;
    private const double FittedWidth = 300, FittedHeight = 180;

    private readonly float[] _samples;
    private readonly double? _rate;
    private readonly double _millimetre;
    private readonly double _low, _high, _pixelsPerUnit, _pixelsPerSample, _begin;

    /// <param name="samples">The segment.</param>
    /// <param name="samplingRateHz">Samples a second, or null.</param>
    /// <param name="zoom">1 is 3 pixels a millimetre, about life size on a screen of 76 dpi; both axes grow alike.</param>
    public EcgPaper(ReadOnlySpan<float> samples, double? samplingRateHz, double zoom = 2)
    {
        _millimetre = MillimetreAtOne * zoom;
        _samples = samples.ToArray();
        _rate = samplingRateHz;
        var finite = _samples.Where(float.IsFinite).DefaultIfEmpty(0).ToList();
        var (low, high) = (finite.Min(), finite.Max());
        IsStandardized = Standardized(finite);
        InMillivolts = !IsStandardized && Math.Max(Math.Abs(low), Math.Abs(high)) <= 20;
        (_low, _high) = InMillivolts ? (Math.Floor(low * 2) / 2, Math.Ceiling(high * 2) / 2) : IsStandardized ? (Math.Floor(low), Math.Ceiling(high)) : (low, high);
        if (_high - _low < 1e-9) (_low, _high) = (_low - .5, _high + .5);
        if (HasPulse) _high = Math.Max(_high, _low + PulseMillivolts); // a quiet segment leaves room for the pulse, too
        _pixelsPerUnit = InMillivolts ? 10 * _millimetre : FittedHeight * zoom / 2 / (_high - _low);
        _begin = Left + (HasPulse ? PulseWidth + PulseGap : 0);
        _pixelsPerSample = _rate is { } rate ? 25 * _millimetre / rate : FittedWidth * zoom / 2 / Math.Max(1, _samples.Length - 1);
    }

    private const double PulseMillivolts = 1;

    private double PulseWidth => 5 * _millimetre;

    private double PulseGap => 2 * _millimetre;

    /// <summary>Whether the values can be millivolts: no ECG has more than 20.</summary>
    public bool InMillivolts { get; }

    /// <summary>Whether mean 0 and standard deviation 1 say that the segment was z-scored: then nobody knows its millivolts any more.</summary>
    public bool IsStandardized { get; }

    /// <summary>Pixels of a second; null where the rate is unknown.</summary>
    public double? PixelsPerSecond => _rate is null ? null : 25 * _millimetre;

    /// <summary>Pixels of a millivolt or of a standard deviation; null where neither is known.</summary>
    public double? PixelsPerUnit => InMillivolts || IsStandardized ? _pixelsPerUnit : null;

    /// <summary>The scales, as they stand on every paper recording.</summary>
    public string Scale => string.Join("   ", new[] { _rate is null ? null : "25 mm/s", InMillivolts ? "10 mm/mV" : null }.OfType<string>());

    /// <summary>The calibration pulse needs both scales.</summary>
    public bool HasPulse => InMillivolts && _rate is not null;

    public double Width => _begin + (_samples.Length - 1) * _pixelsPerSample + Right;

    public double Height => Top + (_high - _low) * _pixelsPerUnit + Bottom;

    public double Floor => Height - Bottom;

    public double End => Width - Right;

    /// <summary>The small boxes as one path; null where a scale is unknown.</summary>
    public string? FineGrid
    {
        get
        {
            if (!HasPulse) return null;
            var path = new StringBuilder();
            for (var x = Left; x <= End + .01; x += _millimetre) path.Append(CultureInfo.InvariantCulture, $"M{x:0.##} {Top}V{Floor:0.##}");
            for (var y = Floor; y >= Top - .01; y -= _millimetre) path.Append(CultureInfo.InvariantCulture, $"M{Left} {y:0.##}H{End:0.##}");
            return path.ToString();
        }
    }

    /// <summary>Every 0.2 s, or round numbers of samples.</summary>
    public IReadOnlyList<PaperTick> XTicks
    {
        get
        {
            var ticks = new List<PaperTick>();
            var duration = (_samples.Length - 1) * _pixelsPerSample;
            if (_rate is not null)
            {
                for (var n = 0; n * 5 * _millimetre <= duration + .01; n++)
                    ticks.Add(new(_begin + n * 5 * _millimetre, n % 2 == 0 ? Show.Fixed(n * .2, 1) : ""));
                return ticks;
            }
            var step = RoundStep(_samples.Length / 5.0);
            for (var n = 0; n < _samples.Length; n += step) ticks.Add(new(_begin + n * _pixelsPerSample, Show.Count(n)));
            return ticks;
        }
    }

    /// <summary>Every 0.5 mV, or lowest and highest value.</summary>
    public IReadOnlyList<PaperTick> YTicks
    {
        get
        {
            var ticks = new List<PaperTick>();
            if (IsStandardized)
            {
                for (var value = _low; value <= _high + 1e-9; value++) ticks.Add(new(Y(value), value.ToString("0", CultureInfo.InvariantCulture)));
                return ticks;
            }
            if (!InMillivolts) return [new(Floor, Plain(_low)), new(Top, Plain(_high))];
            for (var value = _low; value <= _high + 1e-9; value += .5) ticks.Add(new(Y(value), Show.Fixed(value, 1)));
            return ticks;
        }
    }

    public string XTitle => _rate is null ? "samples" : "s";

    public string YTitle => InMillivolts ? "mV" : IsStandardized ? "SD" : "value";

    /// <summary>The curve itself.</summary>
    public string Trace
    {
        get
        {
            var path = new StringBuilder();
            var pen = 'M';
            for (var i = 0; i < _samples.Length; i++)
            {
                if (float.IsFinite(_samples[i])) path.Append(CultureInfo.InvariantCulture, $"{pen}{_begin + i * _pixelsPerSample:0.#} {Y(_samples[i]):0.#}");
                pen = float.IsFinite(_samples[i]) ? 'L' : 'M';
            }
            return path.ToString();
        }
    }

    /// <summary>1 mV high, 0.2 s wide, from the zero line or as near to it as the paper reaches; null where a scale is unknown.</summary>
    public string? Pulse
    {
        get
        {
            if (!HasPulse) return null;
            var foot = Math.Clamp(0, _low, _high - PulseMillivolts);
            return string.Create(CultureInfo.InvariantCulture, $"M{Left + 4:0.#} {Y(foot):0.#}h4V{Y(foot + PulseMillivolts):0.#}h{PulseWidth - 8:0.#}V{Y(foot):0.#}h4");
        }
    }

    /// <summary>Where a sample stands.</summary>
    public double X(int sample) => _begin + sample * _pixelsPerSample;

    private static bool Standardized(List<float> values)
    {
        const double tolerance = 0.01;
        if (values.Count < 2) return false;
        var mean = values.Average(value => (double)value);
        return Math.Abs(mean) < tolerance && Math.Abs(Math.Sqrt(values.Average(value => (value - mean) * (value - mean))) - 1) < tolerance;
    }

    private double Y(double value) => Floor - (value - _low) * _pixelsPerUnit;

    private static string Plain(double value) => value.ToString("G4", Show.Culture);

    private static int RoundStep(double about)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(1, about))));
        var lead = about / power;
        return (int)Math.Max(1, power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10));
    }
}

namespace EcgPeft.Core.Ecg.Signal;

/// <summary>A Butterworth band-pass, see <see cref="IirDesign.ButterworthBandPass"/>.</summary>
/// <param name="LowHz">Lower edge.</param>
/// <param name="HighHz">Upper edge.</param>
/// <param name="Order">Order of the prototype.</param>
public sealed record BandPass(double LowHz, double HighHz, int Order);

/// <summary>A notch, see <see cref="IirDesign.Notch"/>.</summary>
/// <param name="FrequencyHz">Power-line frequency, for example.</param>
/// <param name="Quality">Frequency divided by width.</param>
public sealed record Notch(double FrequencyHz, double Quality);

/// <summary>What is taken out of segments before they are normalised, in this order.</summary>
/// <param name="Detrend">Whether the straight line of least squares is taken out.</param>
/// <param name="BandPass">Zero-phase band-pass, or null.</param>
/// <param name="Notch">Zero-phase notch, or null.</param>
public sealed record SignalFilters(bool Detrend = false, BandPass? BandPass = null, Notch? Notch = null)
{
    /// <summary>Whether there is anything to do.</summary>
    public bool Any => Detrend || BandPass is not null || Notch is not null;

    /// <summary>Designs the filters for a data set; null where there is nothing to do.</summary>
    /// <param name="set">The segments.</param>
    /// <exception cref="UserInputException">The sampling rate is unknown or too low, or the segments are too short.</exception>
    internal FilterCascade? For(SegmentSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return Any ? new FilterCascade(Detrend, Design(set)) : null;
    }

    private List<ZeroPhaseFilter> Design(SegmentSet set)
    {
        if (BandPass is null && Notch is null) return [];
        var rate = set.SamplingRateHz ?? throw new UserInputException("A band-pass or notch needs the sampling rate, which is not known for this data; set data.samplingRateHz (600 samples in 0.6 s are 1000 Hz).");
        var half = rate / 2;
        if (BandPass is { } band && band.HighHz >= half) throw new UserInputException(FormattableString.Invariant($"preprocessing.bandPassHighHz is {band.HighHz}; at a sampling rate of {rate} Hz it must be below {half}."));
        if (Notch is { } notch && notch.FrequencyHz >= half) throw new UserInputException(FormattableString.Invariant($"preprocessing.notchHz is {notch.FrequencyHz}; at a sampling rate of {rate} Hz it must be below {half}."));
        var filters = new List<ZeroPhaseFilter>();
        if (BandPass is { } b) filters.Add(new(IirDesign.ButterworthBandPass(b.Order, b.LowHz, b.HighHz, rate)));
        if (Notch is { } n) filters.Add(new(IirDesign.Notch(n.FrequencyHz, n.Quality, rate)));
        var padding = filters.Max(f => f.Padding);
        if (set.Length <= padding) throw new UserInputException($"The segments have {set.Length} samples; this filter needs more than {padding}.");
        return filters;
    }
}

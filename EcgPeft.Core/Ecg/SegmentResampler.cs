using EcgPeft.Core.Ecg.Signal;

namespace EcgPeft.Core.Ecg;

/// <summary>Brings segments of one length to another, one at a time; may be used from several threads.</summary>
public sealed class SegmentResampler
{
    private readonly PolyphaseResampler? polyphase;

    private SegmentResampler(int length, PolyphaseResampler? polyphase) => (OutputLength, this.polyphase) = (length, polyphase);

    /// <summary>Samples that a segment has afterwards.</summary>
    public int OutputLength { get; }

    /// <summary>Linear interpolation, see <see cref="Resampling.Linear"/>.</summary>
    /// <param name="length">Samples afterwards.</param>
    public static SegmentResampler Stretch(int length) => new(length, null);

    /// <summary>Physical resampling, see <see cref="PolyphaseResampler"/>. Beyond its ends a segment counts as its mean.</summary>
    /// <param name="segmentLength">Samples before.</param>
    /// <param name="fromHz">Rate before.</param>
    /// <param name="toHz">Rate afterwards.</param>
    /// <exception cref="UserInputException">The rates have no reasonable ratio.</exception>
    public static SegmentResampler ToRate(int segmentLength, double fromHz, double toHz)
    {
        var polyphase = new PolyphaseResampler(fromHz, toHz);
        return new(polyphase.LengthOf(segmentLength), polyphase);
    }

    /// <summary>Resamples one segment.</summary>
    /// <param name="source">The segment.</param>
    /// <param name="destination">Receives <see cref="OutputLength"/> samples.</param>
    public void Apply(ReadOnlySpan<float> source, Span<float> destination)
    {
        if (polyphase is null) Resampling.Linear(source, destination);
        else polyphase.Apply(source, destination, (float)(WideSums.Sum(source) / source.Length));
    }
}

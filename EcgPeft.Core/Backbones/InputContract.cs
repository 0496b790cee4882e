namespace EcgPeft.Core.Backbones;

/// <summary>What a backbone expects and gives; preprocessing follows it.</summary>
/// <param name="Leads">Channels of its input.</param>
/// <param name="SamplingRateHz">Rate that it was pre-trained at.</param>
/// <param name="Length">Samples of an input by default.</param>
/// <param name="ReceptiveField">Samples that one frame sees, which is also the shortest input.</param>
/// <param name="Hop">Samples between two frames.</param>
public sealed record InputContract(int Leads, double SamplingRateHz, int Length, long ReceptiveField, long Hop)
{
    /// <summary>Frames that come out of an input of <see cref="Length"/> samples.</summary>
    public long Frames => FramesOf(Length);

    /// <summary>Seconds of an input of <see cref="Length"/> samples at <see cref="SamplingRateHz"/>.</summary>
    public double Seconds => Length / SamplingRateHz;

    /// <summary>Frames that come out of a number of samples; 0 where there are too few.</summary>
    /// <param name="samples">Samples in.</param>
    public long FramesOf(long samples) => samples < ReceptiveField ? 0 : (samples - ReceptiveField) / Hop + 1;
}

namespace EcgPeft.Core.Ecg;

/// <summary>How a segment is brought to what the backbone expects.</summary>
public enum ResamplingKind
{
    /// <summary>Linear interpolation to a number of samples, whatever time they took.</summary>
    Stretch,

    /// <summary>Polyphase resampling to the rate that the backbone was pre-trained at: a second stays a second.</summary>
    Rate,
}

namespace EcgPeft.Core.Ecg;

/// <summary>How a segment is brought to what the backbone expects.</summary>
public enum ResamplingKind
{
    /// <summary>
    /// What suits the model: <see cref="Rate"/> for a model of ECG with its own rate (several leads) where the data's sampling rate is known, so that it sees hearts at the
    /// pace it was pre-trained on; <see cref="Stretch"/> for speech models, and where the rate is unknown.
    /// </summary>
    Auto,

    /// <summary>Linear interpolation to a number of samples, whatever time they took.</summary>
    Stretch,

    /// <summary>Polyphase resampling to the rate that the backbone was pre-trained at: a second stays a second.</summary>
    Rate,
}

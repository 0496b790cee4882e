namespace EcgPeft.Core.Ecg;

/// <summary>Where a single-lead segment goes in a model of several leads; a model of one lead has no choice.</summary>
public enum LeadPlacement
{
    /// <summary>To the first lead (I), with the other leads zero: what random lead masking trained ECG-FM for.</summary>
    LeadI,

    /// <summary>The same segment to every lead.</summary>
    All,
}

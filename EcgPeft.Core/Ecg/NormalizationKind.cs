namespace EcgPeft.Core.Ecg;

/// <summary>How amplitudes are normalised before the backbone sees them.</summary>
public enum NormalizationKind
{
    /// <summary>z-score of each segment by its own mean and population standard deviation.</summary>
    Segment,

    /// <summary>z-score by mean and population standard deviation of the entire data set (the assignment's ablation).</summary>
    Global,

    /// <summary>Values as they are.</summary>
    None,
}

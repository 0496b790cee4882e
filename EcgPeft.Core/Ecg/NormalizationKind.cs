namespace EcgPeft.Core.Ecg;

/// <summary>How amplitudes are normalised before the backbone sees them.</summary>
public enum NormalizationKind
{
    /// <summary>z-score of each segment by its own mean and population standard deviation.</summary>
    Segment,

    /// <summary>z-score by mean and population standard deviation of the entire data set (the assignment's ablation); both have seen the test split.</summary>
    Global,

    /// <summary>z-score by mean and population standard deviation of the training split alone.</summary>
    GlobalTraining,

    /// <summary>Values as they are.</summary>
    None,
}

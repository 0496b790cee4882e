namespace EcgPeft.Core.Training;

/// <summary>What a step minimises.</summary>
public enum LossKind
{
    /// <summary>Cross entropy.</summary>
    CrossEntropy,

    /// <summary>Focal loss (Lin et al. 2017): cross entropy in which segments that are already right weigh less.</summary>
    Focal,
}

/// <summary>How the classes weigh in the loss.</summary>
public enum ClassWeighting
{
    /// <summary>Every segment weighs the same.</summary>
    None,

    /// <summary>Each class weighs the same: n / (2 n_c) of the training split, as scikit-learn's <c>balanced</c>.</summary>
    Balanced,
}

/// <summary>Which training segments an epoch has.</summary>
public enum SamplingKind
{
    /// <summary>Every one once, in a new order.</summary>
    Shuffle,

    /// <summary>As many as the training split has, half of each class: the rarer class repeats, the other is only partly seen.</summary>
    Balanced,
}

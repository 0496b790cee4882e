namespace EcgPeft.Core.Ecg;

/// <summary>How segments are divided into training, validation and test.</summary>
public enum SplitKind
{
    /// <summary>Stratified by group where groups are known, else stratified by label.</summary>
    Auto,

    /// <summary>At random with the same share of positives in each split; one person's segments may be on both sides.</summary>
    Stratified,

    /// <summary>Each group (person) is in one split only; the splits' sizes come near the wanted shares.</summary>
    Grouped,

    /// <summary>Each group is in one split only; the splits' sizes and their shares of positives come near what is wanted.</summary>
    StratifiedGrouped,

    /// <summary>One of k stratified folds tests, the next one validates, the others train.</summary>
    KFold,

    /// <summary>As k-fold, with each group in one fold only.</summary>
    GroupedKFold,

    /// <summary>One group tests; of the others some validate and the rest train.</summary>
    LeaveOneGroupOut,
}

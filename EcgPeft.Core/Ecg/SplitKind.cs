namespace EcgPeft.Core.Ecg;

/// <summary>How segments are divided into training, validation and test.</summary>
public enum SplitKind
{
    /// <summary>By group where groups are known, else stratified.</summary>
    Auto,

    /// <summary>At random with the same share of positives in each split; one person's segments may be on both sides.</summary>
    Stratified,

    /// <summary>Each group (person) is in one split only.</summary>
    Grouped,
}

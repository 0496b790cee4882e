namespace EcgPeft.Core.Ecg;

/// <summary>What is odd about a segment; several may hold.</summary>
[Flags]
public enum SegmentOddity : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>All samples are the same.</summary>
    Constant = 1,

    /// <summary>The signal stands still at its highest or lowest value.</summary>
    Clipped = 2,

    /// <summary>The same as an earlier segment with the same label.</summary>
    Duplicate = 4,

    /// <summary>The same as another segment with the other label.</summary>
    Conflict = 8,
}

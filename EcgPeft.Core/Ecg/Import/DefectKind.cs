namespace EcgPeft.Core.Ecg.Import;

/// <summary>What can be wrong with a row of a file of segments. The first five are refused unless a person chooses otherwise, the others are accepted.</summary>
public enum DefectKind
{
    /// <summary>Another number of columns than the first row.</summary>
    Ragged,

    /// <summary>An empty cell.</summary>
    Missing,

    /// <summary>A cell that is not a number.</summary>
    Text,

    /// <summary>NaN, infinite, or too large for a 32-bit number.</summary>
    NonFinite,

    /// <summary>A label that is neither 0 nor 1.</summary>
    Label,

    /// <summary>All samples are the same.</summary>
    Constant,

    /// <summary>The signal stands still at its highest or lowest value, as at the end of an amplifier's range.</summary>
    Clipped,

    /// <summary>The same segment as an earlier one, with the same label.</summary>
    Duplicate,

    /// <summary>The same segment as an earlier one, with the other label.</summary>
    Conflict,
}

/// <summary>What is done with a row that has a defect.</summary>
public enum Repair
{
    /// <summary>The file is refused.</summary>
    Refuse,

    /// <summary>The row is taken as it is.</summary>
    Keep,

    /// <summary>The row is left out; of two segments that contradict each other, both.</summary>
    Drop,

    /// <summary>The sample is interpolated between its neighbours in the segment.</summary>
    Interpolate,
}

/// <summary>One defect.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Row">Line of the file, counted from 1 (a header line counts).</param>
/// <param name="Column">Column, counted from 1, or null where the whole row is meant.</param>
/// <param name="OtherRow">The line it belongs with (the first of two equal segments), or null.</param>
/// <param name="Message">One sentence.</param>
public sealed record SegmentDefect(DefectKind Kind, int Row, int? Column, int? OtherRow, string Message);

/// <summary>How often a defect occurs.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Defects">Cells, or rows where the whole row is meant.</param>
/// <param name="Rows">Rows that have it.</param>
/// <param name="Repair">What is done with them.</param>
public sealed record DefectCount(DefectKind Kind, int Defects, int Rows, Repair Repair);

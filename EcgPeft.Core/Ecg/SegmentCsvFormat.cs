namespace EcgPeft.Core.Ecg;

/// <summary>How a CSV file of segments is written, as it was detected.</summary>
/// <param name="Header">Whether the first line names the columns.</param>
/// <param name="Separator">Between columns: comma, semicolon or tab.</param>
/// <param name="DecimalComma">Whether numbers are written 0,5.</param>
/// <param name="Encoding">For example <c>utf-8</c>, <c>utf-8 (BOM)</c>, <c>utf-16le</c>.</param>
/// <param name="LabelColumn">Column of the label, counted from 1.</param>
/// <param name="Columns">Columns a line: samples and label.</param>
/// <param name="Compressed">Whether the file is gzip-compressed.</param>
/// <param name="GroupColumn">Column of the group, counted from 1, or null.</param>
/// <param name="RecordColumn">Column of the recording, counted from 1, or null.</param>
/// <param name="Kind"><c>csv</c>, <c>npy</c> or <c>wfdb</c>; the other fields but the columns describe CSV only.</param>
public sealed record SegmentCsvFormat(
    bool Header, char Separator, bool DecimalComma, string Encoding, int LabelColumn, int Columns, bool Compressed, int? GroupColumn = null, int? RecordColumn = null, string Kind = "csv");

/// <summary>Something in a file that is accepted, but that a person should know.</summary>
/// <param name="Row">Line of the file, counted from 1 (a header line counts).</param>
/// <param name="OtherRow">The line it belongs with (the first of two equal segments), or null.</param>
/// <param name="Kind"><c>constant</c>, <c>clipped</c>, <c>duplicate</c> or <c>conflict</c> (the same segment with two labels).</param>
/// <param name="Message">One sentence.</param>
public sealed record SegmentWarning(int Row, int? OtherRow, string Kind, string Message);

/// <summary>What a CSV file of segments holds.</summary>
/// <param name="Segments">The segments, without groups.</param>
/// <param name="Warnings">What a person should know, in the order of rows.</param>
/// <param name="Format">How the file is written.</param>
public sealed record SegmentCsvResult(SegmentSet Segments, IReadOnlyList<SegmentWarning> Warnings, SegmentCsvFormat Format);

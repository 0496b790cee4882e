namespace EcgPeft.Core.Ecg.Import;

/// <summary>How a CSV file is written, where a person says so; null leaves it to what is detected.</summary>
/// <param name="Separator">Comma, semicolon, tab or another character.</param>
/// <param name="DecimalComma">Whether numbers are written 0,5.</param>
/// <param name="Header">Whether the first line names the columns.</param>
/// <param name="Label">Column of the label: <c>first</c>, <c>last</c>, its number from 1, or its name in the header; <c>none</c> for segments without labels, which all get label 0.</param>
/// <param name="Group">Column of the group (person): its number from 1, or its name; <c>none</c> for no such column.</param>
/// <param name="Record">Column of the recording: likewise. It is no sample; where there are no groups, segments of one recording are a group.</param>
public sealed record CsvChoices(char? Separator = null, bool? DecimalComma = null, bool? Header = null, string? Label = null, string? Group = null, string? Record = null)
{
    /// <summary>No such column.</summary>
    internal const string None = "none";

    /// <summary>Everything is detected.</summary>
    public static CsvChoices Detect { get; } = new();
}

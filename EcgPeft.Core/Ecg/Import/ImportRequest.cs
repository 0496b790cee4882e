namespace EcgPeft.Core.Ecg.Import;

/// <summary>What is to be imported, and every choice about it.</summary>
/// <param name="Path">A CSV file (plain or gzip), a NumPy array (<c>.npy</c>), a WFDB record (<c>.hea</c>) or a folder of WFDB records.</param>
public sealed record ImportRequest(string Path)
{
    /// <summary>CSV file with each row's group, or null.</summary>
    public string? Groups { get; init; }

    /// <summary>NumPy array with the labels; null where the label is a column of the array itself.</summary>
    public string? Labels { get; init; }

    /// <summary>Samples a second; null for what the file says, which only WFDB does.</summary>
    public double? SamplingRateHz { get; init; }

    /// <summary>How a CSV file is written; its label column also counts for NumPy arrays.</summary>
    public CsvChoices Csv { get; init; } = CsvChoices.Detect;

    /// <summary>How segments are cut from a WFDB record.</summary>
    public WfdbChoices Wfdb { get; init; } = new();

    /// <summary>What is done with defects.</summary>
    public Repairs Repairs { get; init; } = Repairs.None;
}

/// <summary>How segments are cut from WFDB records, one after the other without overlap.</summary>
/// <param name="Length">Samples a segment.</param>
/// <param name="Positive">Annotation symbols that make a segment positive; the others, and none, leave it negative.</param>
/// <param name="Margin">Samples that such an annotation must be away from both ends; nearer ones do not count.</param>
/// <param name="Lead">Signal by its name in the header, or its number from 1.</param>
public sealed record WfdbChoices(int Length = 600, string Positive = "V", int Margin = 30, string Lead = "1");

/// <summary>What an import was made from.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="GroupsFile">Name of the groups file, or null.</param>
/// <param name="Format">How it was written.</param>
/// <param name="RowsInFile">Data rows, usable or not.</param>
/// <param name="Defects">What was found, and what was done.</param>
/// <param name="Repairs">The choices that were not the default.</param>
/// <param name="Values">Range and unit of the values.</param>
public sealed record ImportFacts(
    string File, long Bytes, string? GroupsFile, SegmentCsvFormat Format, int RowsInFile, IReadOnlyList<DefectCount> Defects, IReadOnlyList<string> Repairs, ValueSummary Values);

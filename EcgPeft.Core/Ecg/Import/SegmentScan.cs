using System.Text.Json;

namespace EcgPeft.Core.Ecg.Import;

/// <summary>The validation report of a file: what it holds, what is wrong with it, and what the chosen repairs leave of it.</summary>
/// <param name="Name">Name of the file.</param>
/// <param name="Segments">The usable segments after the repairs, with groups where the file names them; null where none is usable.</param>
/// <param name="Lines">The line of the file of each segment, from 1.</param>
/// <param name="SourceRows">The data row of each segment, from 0: what a groups file counts.</param>
/// <param name="RowsInFile">Data rows, usable or not.</param>
/// <param name="Counts">How often each kind of defect occurs, and what is done.</param>
/// <param name="Defects">The first thousand of each kind, in the order of rows.</param>
/// <param name="Problem">Why the file cannot be imported with these repairs: one sentence with row and column where they are known, or null.</param>
/// <param name="Format">How the file is written.</param>
/// <param name="Values">Range and unit of the usable segments' values; null where none is usable.</param>
/// <param name="Positives">Usable segments with label 1.</param>
public sealed record SegmentScan(
    string Name, SegmentSet? Segments, IReadOnlyList<int> Lines, IReadOnlyList<int> SourceRows, int RowsInFile, IReadOnlyList<DefectCount> Counts,
    IReadOnlyList<SegmentDefect> Defects, SegmentFileException? Problem, SegmentCsvFormat Format, ValueSummary? Values, int Positives)
{
    /// <summary>A sampling rate to propose: 1000 Hz for 600 samples (0.6 s around a beat), else none.</summary>
    public double? ProposedRateHz => Segments?.SamplingRateHz ?? (Segments?.Length == 600 ? 1000 : null);

    /// <summary>Segments that the repairs leave out.</summary>
    public int Dropped => RowsInFile - (Segments?.Count ?? 0);

    /// <summary>What was accepted and should be known, as a data set keeps it.</summary>
    public IReadOnlyList<SegmentWarning> Warnings()
    {
        static string Name(DefectKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());
        var kept = Defects.Where(d => Counts.First(c => c.Kind == d.Kind).Repair == Repair.Keep).Select(d => new SegmentWarning(d.Row, d.OtherRow, Name(d.Kind), d.Message)).ToList();
        foreach (var count in Counts.Where(c => c.Repair == Repair.Keep && c.Defects > DefectLog.ListedPerKind))
            kept.Add(new SegmentWarning(Defects.Last(d => d.Kind == count.Kind).Row, null, Name(count.Kind), $"{count.Defects - DefectLog.ListedPerKind} more segments of the kind \"{Name(count.Kind)}\" are not listed."));
        return kept;
    }
}

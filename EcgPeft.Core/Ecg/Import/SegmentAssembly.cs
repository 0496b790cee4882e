namespace EcgPeft.Core.Ecg.Import;

/// <summary>The last steps of a scan, the same for every kind of file: oddities are looked for, chosen rows left out, both classes asked for.</summary>
internal static class SegmentAssembly
{
    /// <summary>Makes the report.</summary>
    public static SegmentScan Finish(string name, (SegmentSet? Set, IReadOnlyList<SegmentTraits> Traits) read, IReadOnlyList<int> lines, IReadOnlyList<int> sourceRows, int rowsInFile, DefectLog log, SegmentCsvFormat format, string? empty = null)
    {
        var (set, traits) = read;
        if (set is null)
        {
            var nothing = log.Refused is { } d ? new SegmentFileException(d.Message, d.Row, d.Column)
                : new SegmentFileException(rowsInFile > 0 ? $"The repairs leave no segment of {name}; choose others." : empty ?? $"{name} has no segment.");
            return new SegmentScan(name, null, [], [], rowsInFile, log.Counts, log.Listed, nothing, format, null, 0);
        }
        var drop = SegmentChecks.Report(set, traits, lines, log);
        if (drop.Contains(true))
        {
            var keep = Enumerable.Range(0, set.Count).Where(i => !drop[i]).ToArray();
            set = keep.Length == 0 ? null : set.Take(keep);
            (lines, sourceRows, traits) = ([.. keep.Select(i => lines[i])], [.. keep.Select(i => sourceRows[i])], [.. keep.Select(i => traits[i])]);
        }
        var problem = log.Refused is { } refused ? new SegmentFileException(refused.Message, refused.Row, refused.Column)
            : set is null ? new SegmentFileException($"The repairs leave no segment of {name}; choose others.")
            : format.LabelColumn > 0 && (set.Positives == 0 || set.Positives == set.Count) ? new SegmentFileException($"All {set.Count} segments of {name} have the label {set.Labels.Span[0]}; training needs both classes, 0 and 1.")
            : null;
        return new SegmentScan(name, set, lines, sourceRows, rowsInFile, log.Counts, log.Listed, problem, format, set is null ? null : ValueSummary.Of(traits), set?.Positives ?? 0);
    }
}

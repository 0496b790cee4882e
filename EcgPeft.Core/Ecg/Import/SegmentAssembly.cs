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
            : CountsRows(set, sourceRows) ? new SegmentFileException($"The first sample of each segment of {name} is the number of its row: a row index, which is not a sample; write the file without it.", column: 1)
            : format.LabelColumn > 0 && (set.Positives == 0 || set.Positives == set.Count) ? new SegmentFileException($"{(set.Count == 1 ? $"The only segment of {name} has" : $"All {set.Count} segments of {name} have")} the label {set.Labels.Span[0]}; training needs both classes, 0 and 1.")
            : null;
        return new SegmentScan(name, set, lines, sourceRows, rowsInFile, log.Counts, log.Listed, problem, format, set is null ? null : ValueSummary.Of(traits), set?.Positives ?? 0);
    }

    // Rows counted from 0 or 1; a few rows may happen to begin so.
    private static bool CountsRows(SegmentSet set, IReadOnlyList<int> sourceRows)
    {
        const int few = 10;
        if (set.Count < few) return false;
        var from = set.Segment(0)[0] - sourceRows[0];
        if (from is not (0f or 1f)) return false;
        for (var i = 1; i < set.Count; i++)
            if (set.Segment(i)[0] != sourceRows[i] + from) return false;
        return true;
    }
}

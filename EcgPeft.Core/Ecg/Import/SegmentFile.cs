namespace EcgPeft.Core.Ecg.Import;

/// <summary>Looks into any file of segments, with its groups and choices: the report that comes before an import.</summary>
public static class SegmentFile
{
    /// <summary>Reads the file with the chosen repairs.</summary>
    /// <param name="request">The file and the choices.</param>
    /// <param name="progress">Receives the share that has been read, 0 to 1.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <exception cref="UserInputException">The file cannot be read at all, or a choice is impossible.</exception>
    public static SegmentScan Scan(ImportRequest request, IProgress<double>? progress = null, CancellationToken cancel = default) => Scan(request, null, progress, cancel);

    /// <summary>The same; the sink gets the samples while they are read, those of segments that an oddity leaves out in the end included.</summary>
    internal static SegmentScan Scan(ImportRequest request, Action<ReadOnlyMemory<float>>? sink, IProgress<double>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.SamplingRateHz is { } rate && !(rate > 0 && double.IsFinite(rate))) throw new UserInputException(FormattableString.Invariant($"The sampling rate is {rate} Hz; it must be above 0."));
        if (string.IsNullOrWhiteSpace(request.Path) || request.Groups is { Length: 0 } || request.Labels is { Length: 0 }) throw new UserInputException("A path is empty; name a file.");
        var kind = Extension(request.Path);
        CheckChoices(request, kind);
        var scan = kind switch
        {
            ".npy" => NumPyScan.Run(request, sink, progress, cancel),
            ".hea" or "folder" => WfdbScan.Run(request, sink, progress, cancel),
            _ => SegmentCsvScan.Run(request.Path, request.Csv, request.Repairs, endAtFirstDefect: false, sink, progress, cancel),
        };
        if (scan.Segments is not { } set) return scan;
        if (request.Groups is not null)
        {
            var all = GroupsCsv.Read(request.Groups, scan.RowsInFile);
            set = set.WithGroups([.. scan.SourceRows.Select(row => all[row])]);
        }
        return scan with { Segments = set.WithSamplingRate(request.SamplingRateHz ?? set.SamplingRateHz) };
    }

    // A choice that this kind of file has no use for must not pass for one that was followed.
    private static void CheckChoices(ImportRequest request, string kind)
    {
        var (name, csv) = (Path.GetFileName(request.Path.TrimEnd('/', '\\')), request.Csv);
        if (kind != ".npy" && request.Labels is not null) throw new UserInputException($"A file with labels belongs to a NumPy array (.npy), and {name} is none; leave it out.");
        if (kind is ".npy" or ".hea" or "folder" && csv != CsvChoices.Detect with { Label = kind == ".npy" ? csv.Label : null })
            throw new UserInputException($"{name} is no CSV file, so it has no separator, decimal sign, header, group or recording column{(kind == ".npy" ? "" : ", and no label column")} to choose; leave that out.");
        if (csv.Separator is { } s && s != '\t' && (char.IsAsciiLetterOrDigit(s) || !char.IsAscii(s) || char.IsControl(s) || s is '"' or '.' or '-' or '+'))
            throw new UserInputException("The separator cannot be a letter, a digit, a quote, a sign or a point; choose comma, semicolon, tab or another character.");
    }

    private static string Extension(string path) =>
        Directory.Exists(path) && Directory.EnumerateFiles(path, "*.hea").Any() ? "folder" : Path.GetExtension(path).ToLowerInvariant();
}

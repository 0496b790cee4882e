using System.Globalization;

namespace EcgPeft.Core.Ecg.Import;

/// <summary>Cuts segments from WFDB records: one after the other, labelled by their annotations; each record is a group where there are several.</summary>
internal static class WfdbScan
{
    /// <summary>Reads one record, or all records of a folder.</summary>
    /// <exception cref="SegmentFileException">A record cannot be read, or the choices do not fit it.</exception>
    public static SegmentScan Run(ImportRequest request, Action<ReadOnlyMemory<float>>? sink, IProgress<double>? progress, CancellationToken cancel)
    {
        var choices = request.Wfdb;
        if (choices.Length < 2) throw new UserInputException($"The segment length is {choices.Length}; it must be at least 2 samples.");
        if (choices.Margin < 0 || 2 * choices.Margin >= choices.Length) throw new UserInputException($"The margin is {choices.Margin}; it must be at least 0 and less than half of the segment's {choices.Length} samples.");
        if (choices.Positive.Length == 0) throw new UserInputException("Name the annotations that make a segment positive, for example V.");
        string[] headers = Directory.Exists(request.Path) ? [.. Directory.GetFiles(request.Path, "*.hea").Order(StringComparer.Ordinal)] : [request.Path];
        var name = Path.GetFileName(request.Path.TrimEnd('/', '\\'));
        var (log, sourceRows, groups) = (new DefectLog(request.Repairs), new List<int>(), new List<string>());
        using var builder = new SegmentBuilder(choices.Length, sink);
        double? rate = null;
        var row = 0;
        for (var h = 0; h < headers.Length; h++)
        {
            cancel.ThrowIfCancellationRequested();
            var header = WfdbHeader.Read(headers[h]);
            if (rate is not null && rate != header.RateHz) throw new SegmentFileException($"{header.Record} has {header.RateHz.ToString(CultureInfo.InvariantCulture)} Hz, the records before it {rate.Value.ToString(CultureInfo.InvariantCulture)} Hz; import them separately.");
            rate = header.RateHz;
            row = Cut(headers[h], header, choices, row, log, builder, sourceRows, groups);
            progress?.Report((h + 1.0) / headers.Length);
        }
        if (row == 0) throw new SegmentFileException($"{name} is shorter than one segment of {choices.Length} samples; choose a smaller length.");
        var format = new SegmentCsvFormat(false, ',', false, "", 0, choices.Length, false, Kind: "wfdb");
        var lines = builder.Rows;
        var scan = SegmentAssembly.Finish(name, builder.Build(headers.Length > 1 ? [.. groups] : null), lines, sourceRows, row, log, format);
        return scan with { Segments = scan.Segments?.WithSamplingRate(rate) };
    }

    private static int Cut(string path, WfdbHeader header, WfdbChoices choices, int row, DefectLog log, SegmentBuilder builder, List<int> sourceRows, List<string> groups)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var signal = Lead(header, choices.Lead);
        var samples = WfdbSamples.Read(folder, header, signal);
        var annotations = WfdbAnnotations.Read(Path.ChangeExtension(path, ".atr"));
        var gaps = new List<int>();
        var next = 0;
        for (var start = 0; start + choices.Length <= samples.Length; start += choices.Length, row++)
        {
            var (line, record) = (row + 1, header.Record);
            var segment = builder.AddRow(line, record);
            for (var i = 0; i < segment.Length; i++) segment[i] = samples[start + i] + 0f; // -0 becomes 0: the same number, the same content hash
            gaps.Clear();
            var drop = false;
            for (var i = 0; i < segment.Length; i++)
            {
                if (!float.IsNaN(segment[i])) continue;
                var at = start + i;
                if (log.Add(DefectKind.Missing, line, null, null, () => $"Segment {line} lacks sample {at} of record {record}, which the record marks as missing.") == Repair.Interpolate) gaps.Add(i);
                else drop = true;
            }
            while (next < annotations.Count && annotations[next].Sample < start) next++;
            var positive = false;
            for (var a = next; a < annotations.Count && annotations[a].Sample < start + choices.Length - choices.Margin; a++)
                positive |= annotations[a].Sample >= start + choices.Margin && choices.Positive.Contains(annotations[a].Symbol);
            builder.SetLabel((byte)(positive ? 1 : 0));
            if (!drop && gaps.Count > 0) drop = !Interpolation.Fill(segment, gaps);
            if (drop)
            {
                builder.RemoveLast();
                continue;
            }
            sourceRows.Add(row);
            groups.Add(record);
        }
        return row;
    }

    private static int Lead(WfdbHeader header, string lead)
    {
        for (var i = 0; i < header.Signals.Count; i++)
            if (header.Signals[i].Name.Equals(lead, StringComparison.OrdinalIgnoreCase)) return i;
        if (int.TryParse(lead, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= header.Signals.Count) return number - 1;
        throw new SegmentFileException($"Record {header.Record} has no signal \"{SegmentCsv.Short(lead)}\"; it has {string.Join(", ", header.Signals.Select((s, i) => $"{i + 1} ({s.Name})"))}.");
    }
}

using System.Globalization;
using static EcgPeft.Core.Ecg.SegmentCsv;

namespace EcgPeft.Core.Ecg.Import;

/// <summary>Segments in a NumPy array, N x L with labels in a file of their own, or N x (L + 1) with the label as a column.</summary>
internal static class NumPyScan
{
    /// <summary>Reads the array.</summary>
    /// <exception cref="SegmentFileException">It cannot be read at all, or the labels do not belong to it.</exception>
    public static SegmentScan Run(ImportRequest request, Action<ReadOnlyMemory<float>>? sink, IProgress<double>? progress, CancellationToken cancel)
    {
        var name = Path.GetFileName(request.Path);
        using var array = NumPyArray.Open(request.Path);
        if (array.Shape.Count != 2 || array.Shape[1] < 3) throw new SegmentFileException($"{name} has the shape ({string.Join(", ", array.Shape)}); expected segments x samples.");
        var (rows, columns) = (array.Shape[0], array.Shape[1]);
        var labels = request.Labels is null ? null : Labels(request.Labels, rows);
        var label = labels is not null ? -1 : Column(request.Csv.Label, columns, name);
        var (log, sourceRows, gaps) = (new DefectLog(request.Repairs), new List<int>(), new List<int>());
        using var builder = new SegmentBuilder(labels is null ? columns - 1 : columns, sink);
        builder.Expect(rows);
        var values = new float[columns];
        for (var row = 0; row < rows; row++)
        {
            array.Read(values);
            var samples = builder.AddRow(row + 1, name);
            gaps.Clear();
            var (drop, sample) = (false, 0);
            for (var column = 0; column < columns; column++)
            {
                if (column == label) continue;
                var value = values[column];
                samples[sample++] = value + 0f; // -0 becomes 0: the same number, the same content hash
                if (float.IsFinite(value)) continue;
                var at = (Row: row + 1, Column: column + 1);
                if (log.Add(DefectKind.NonFinite, at.Row, at.Column, null, () => $"Row {Plain(at.Row)}, column {Plain(at.Column)} of {name} is {value.ToString(CultureInfo.InvariantCulture)}, which is not a finite 32-bit number; correct or remove the row.") == Repair.Interpolate) gaps.Add(sample - 1);
                else drop = true;
            }
            var given = labels is null ? values[label] : labels[row];
            if (given is 0f or 1f) builder.SetLabel((byte)given);
            else
            {
                var line = row + 1;
                log.Add(DefectKind.Label, line, label < 0 ? null : label + 1, null, () => $"Row {Plain(line)} of {name} has the label {given.ToString(CultureInfo.InvariantCulture)}; a label must be 0 or 1.");
                drop = true;
            }
            if (!drop && gaps.Count > 0) drop = !Interpolation.Fill(samples, gaps);
            if (drop) builder.RemoveLast();
            else sourceRows.Add(row);
            if (row % 256 != 0) continue;
            cancel.ThrowIfCancellationRequested();
            progress?.Report((double)row / rows);
        }
        var format = new SegmentCsvFormat(false, ',', false, "", label + 1, columns, false, Kind: "npy");
        var lines = builder.Rows;
        return SegmentAssembly.Finish(name, builder.Build(null), lines, sourceRows, rows, log, format);
    }

    private static float[] Labels(string path, int rows)
    {
        using var array = NumPyArray.Open(path);
        var name = Path.GetFileName(path);
        if ((array.Shape.Count == 2 && array.Shape[1] != 1) || array.Shape[0] != rows) throw new SegmentFileException($"{name} has the shape ({string.Join(", ", array.Shape)}); expected one label for each of the {rows} segments.");
        var labels = new float[rows];
        for (var i = 0; i < rows; i++) array.Read(labels.AsSpan(i, 1));
        return labels;
    }

    private static int Column(string? choice, int columns, string name) => choice switch
    {
        null => columns - 1,
        _ when choice.Equals("last", StringComparison.OrdinalIgnoreCase) => columns - 1,
        _ when choice.Equals("first", StringComparison.OrdinalIgnoreCase) => 0,
        _ when int.TryParse(choice, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= columns => number - 1,
        _ => throw new SegmentFileException($"{name} has no label column \"{Short(choice)}\"; give first, last or its number from 1 to {columns}, or a file with the labels."),
    };
}

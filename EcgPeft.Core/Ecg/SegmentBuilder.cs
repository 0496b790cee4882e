namespace EcgPeft.Core.Ecg;

/// <summary>
/// Collects rows whose number is not known beforehand, in blocks of a few megabytes: growing one array by doubling would need
/// three times the memory of the result for a moment.
/// </summary>
internal sealed class SegmentBuilder(int length)
{
    private readonly int rowsPerBlock = Math.Max(1, (1 << 20) / length);
    private readonly List<float[]> blocks = [];
    private readonly List<byte> labels = [];
    private readonly List<int> rows = [];

    /// <summary>Rows so far.</summary>
    public int Count => rows.Count;

    /// <summary>The line of the file of each segment, from 1.</summary>
    public IReadOnlyList<int> Rows => rows;

    /// <summary>Room for the L samples of one more row.</summary>
    public Span<float> AddRow(int row, string name)
    {
        if ((rows.Count + 1L) * length > Array.MaxLength)
            throw new SegmentFileException($"{name} holds more than {Array.MaxLength} samples up to row {row}; divide it into several files.", row);
        var inBlock = rows.Count % rowsPerBlock;
        if (inBlock == 0) blocks.Add(GC.AllocateUninitializedArray<float>(rowsPerBlock * length));
        rows.Add(row);
        labels.Add(0);
        return blocks[^1].AsSpan(inBlock * length, length);
    }

    /// <summary>Sets the label of the row added last.</summary>
    public void SetLabel(byte label) => labels[^1] = label;

    /// <summary>Puts the blocks together, letting go of each as it is copied.</summary>
    /// <exception cref="SegmentFileException">There is no row, or only one class.</exception>
    public SegmentSet Build(string name, bool header)
    {
        if (Count == 0) throw new SegmentFileException(header ? $"{name} has a header and no segment." : $"{name} has no segment.");
        var values = GC.AllocateUninitializedArray<float>(Count * length);
        for (var b = 0; b < blocks.Count; b++)
        {
            var first = b * rowsPerBlock;
            var n = Math.Min(rowsPerBlock, Count - first);
            Array.Copy(blocks[b], 0, values, first * length, n * length);
            blocks[b] = [];
        }
        var set = new SegmentSet(values, [.. labels], length);
        if (set.Positives == 0 || set.Positives == set.Count)
            throw new SegmentFileException($"All {Count} segments of {name} have the label {labels[0]}; training needs both classes, 0 and 1.");
        return set;
    }
}

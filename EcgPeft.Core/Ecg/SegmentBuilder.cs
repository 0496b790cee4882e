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

    /// <summary>Forgets the row added last.</summary>
    public void RemoveLast()
    {
        rows.RemoveAt(rows.Count - 1);
        labels.RemoveAt(labels.Count - 1);
        // A block that this leaves empty is taken again by the next row.
        if (rows.Count % rowsPerBlock == 0) blocks.RemoveAt(blocks.Count - 1);
    }

    /// <summary>Puts the blocks together, letting go of each as it is copied; null where there is no row.</summary>
    public SegmentSet? Build(string[]? groups)
    {
        if (Count == 0) return null;
        var values = GC.AllocateUninitializedArray<float>(Count * length);
        for (var b = 0; b < blocks.Count; b++)
        {
            var first = b * rowsPerBlock;
            var n = Math.Min(rowsPerBlock, Count - first);
            Array.Copy(blocks[b], 0, values, first * length, n * length);
            blocks[b] = [];
        }
        return new SegmentSet(values, [.. labels], length, groups);
    }
}

using EcgPeft.Core.Ecg.Import;

namespace EcgPeft.Core.Ecg;

/// <summary>
/// Collects rows whose number is not known beforehand. Where it can be estimated, they go straight into one array of that size, of which only
/// what is used takes memory; else into blocks of a few megabytes, since growing one array by doubling would need three times the memory of
/// the result for a moment. Rows that are final are looked at while the next ones are being read.
/// </summary>
internal sealed class SegmentBuilder(int length, Action<ReadOnlyMemory<float>>? sink) : IDisposable
{
    private const int FirstRows = 256;

    private readonly int rowsPerBlock = Math.Max(1, (1 << 20) / length);
    private readonly int rowsAtOnce = Math.Max(1, (1 << 18) / length);
    private readonly SegmentExamination examination = new(length, sink);
    private readonly List<(float[] Values, int First)> blocks = [];
    private readonly List<byte> labels = [];
    private readonly List<int> rows = [];
    private int handed;

    /// <summary>Rows so far.</summary>
    public int Count => rows.Count;

    /// <summary>The line of the file of each segment, from 1.</summary>
    public IReadOnlyList<int> Rows => rows;

    /// <summary>Room for so many rows altogether, as far as anybody can tell; to be said within the first 256 rows.</summary>
    public void Expect(long total)
    {
        if (blocks.Count > 1 || total <= Count || total * length > Array.MaxLength) return;
        var values = GC.AllocateUninitializedArray<float>((int)total * length);
        if (blocks.Count > 0) Array.Copy(blocks[0].Values, values, Count * length);
        blocks.Clear();
        blocks.Add((values, 0));
    }

    /// <summary>Room for the L samples of one more row; the rows before it are final.</summary>
    public Span<float> AddRow(int row, string name)
    {
        if ((rows.Count + 1L) * length > Array.MaxLength)
            throw new SegmentFileException($"{name} holds more than {Array.MaxLength} samples up to row {row}; divide it into several files.", row);
        if (Count - handed >= rowsAtOnce) HandOver();
        if (blocks.Count == 0 || (Count - blocks[^1].First) * length == blocks[^1].Values.Length)
        {
            HandOver();
            blocks.Add((GC.AllocateUninitializedArray<float>((blocks.Count == 0 ? Math.Min(FirstRows, rowsPerBlock) : rowsPerBlock) * length), Count));
        }
        rows.Add(row);
        labels.Add(0);
        return blocks[^1].Values.AsSpan((Count - 1 - blocks[^1].First) * length, length);
    }

    /// <summary>Sets the label of the row added last.</summary>
    public void SetLabel(byte label) => labels[^1] = label;

    /// <summary>Forgets the row added last.</summary>
    public void RemoveLast()
    {
        rows.RemoveAt(rows.Count - 1);
        labels.RemoveAt(labels.Count - 1);
    }

    /// <summary>Puts the blocks together, letting go of each as it is copied; no set where there is no row.</summary>
    public (SegmentSet? Set, IReadOnlyList<SegmentTraits> Traits) Build(string[]? groups)
    {
        if (Count == 0) return (null, []);
        HandOver();
        var values = blocks is [var only] ? only.Values.AsMemory(0, Count * length) : Joined();
        var (traits, hash) = examination.Finish([.. labels]);
        return (new SegmentSet(values, [.. labels], length, groups, null, new Lazy<string>(hash)), traits);
    }

    /// <inheritdoc/>
    public void Dispose() => examination.Dispose();

    private void HandOver()
    {
        if (Count == handed) return;
        var (values, first) = blocks[^1];
        examination.Look(values.AsMemory((handed - first) * length, (Count - handed) * length));
        handed = Count;
    }

    private float[] Joined()
    {
        var values = GC.AllocateUninitializedArray<float>(Count * length);
        for (var b = 0; b < blocks.Count; b++)
        {
            var (block, first) = blocks[b];
            Array.Copy(block, 0, values, first * length, Math.Min(block.Length, (Count - first) * length));
            blocks[b] = ([], first);
        }
        return values;
    }
}

namespace EcgPeft.Core.Ecg.Import;

/// <summary>
/// Looks at rows on another thread than the one that reads them, a batch at a time: range and oddities, content hash, and whatever the sink does
/// with them. At most one batch is under way, so a slow disk slows the reading down instead of filling the memory.
/// </summary>
internal sealed class SegmentExamination(int length, Action<ReadOnlyMemory<float>>? sink) : IDisposable
{
    private readonly List<SegmentTraits> traits = [];
    private readonly ContentHash hash = new(length);
    private Task underWay = Task.CompletedTask;

    /// <summary>Hands over the next rows, which do not change any more.</summary>
    /// <param name="rows">Their samples, one row after the other.</param>
    public void Look(ReadOnlyMemory<float> rows)
    {
        underWay.GetAwaiter().GetResult();
        underWay = Task.Run(() =>
        {
            for (var at = 0; at < rows.Length; at += length) traits.Add(SegmentTraits.Of(rows.Span.Slice(at, length)));
            hash.Add(rows.Span);
            sink?.Invoke(rows);
        });
    }

    /// <summary>What was seen, when all rows have been handed over.</summary>
    /// <param name="labels">The label of each row.</param>
    public (IReadOnlyList<SegmentTraits> Traits, string Hash) Finish(ReadOnlySpan<byte> labels)
    {
        underWay.GetAwaiter().GetResult();
        return (traits, hash.Finish(labels));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Whoever gives up early may want to delete what the sink writes.
        Task.WaitAny(underWay);
        hash.Dispose();
    }
}

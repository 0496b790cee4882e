using System.Runtime.InteropServices;

namespace EcgPeft.Core.Ecg;

/// <summary>Writes <c>segments.bin</c>, see <see cref="DataSetFolder"/>. The sizes at its start are written last.</summary>
internal sealed class SegmentsWriter : IDisposable
{
    // Pieces that fit a span of bytes.
    private const int Piece = 1 << 24;
    private const int HeaderBytes = 16;

    private readonly FileStream stream;

    public SegmentsWriter(string path)
    {
        stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
        StartAgain();
    }

    /// <summary>Samples so far.</summary>
    public long Samples { get; private set; }

    /// <summary>Forgets all samples.</summary>
    public void StartAgain()
    {
        stream.SetLength(HeaderBytes);
        stream.Position = HeaderBytes;
        Samples = 0;
    }

    /// <summary>Writes samples, in the order of segments.</summary>
    public void Append(ReadOnlySpan<float> samples)
    {
        for (var start = 0; start < samples.Length; start += Piece)
            stream.Write(MemoryMarshal.AsBytes(samples.Slice(start, Math.Min(Piece, samples.Length - start))));
        Samples += samples.Length;
    }

    /// <summary>Writes labels, groups and sizes, and waits until the disk has everything.</summary>
    public void Finish(SegmentSet set)
    {
        using var writer = new BinaryWriter(stream);
        writer.Write(set.Labels.Span);
        WriteGroups(writer, set.Groups);
        writer.Flush();
        stream.Position = 0;
        writer.Write(DataSetFolder.Mark);
        writer.Write(set.Count);
        writer.Write(set.Length);
        writer.Flush();
        stream.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private static void WriteGroups(BinaryWriter writer, IReadOnlyList<string>? groups)
    {
        var names = groups?.Distinct(StringComparer.Ordinal).ToList() ?? [];
        writer.Write(names.Count);
        foreach (var name in names) writer.Write(name);
        if (groups is null) return;
        var numbers = names.Select((name, i) => (name, i)).ToDictionary(x => x.name, x => x.i, StringComparer.Ordinal);
        foreach (var group in groups) writer.Write(numbers[group]);
    }
}

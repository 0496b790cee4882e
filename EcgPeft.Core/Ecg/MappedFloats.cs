using System.Buffers;
using System.Collections.Concurrent;
using System.IO.MemoryMappedFiles;

namespace EcgPeft.Core.Ecg;

/// <summary>
/// The samples of a data set's file, mapped into memory: the operating system reads what is used, and everybody shares it. A file is
/// mapped once and stays so until the process ends, since a span into it may be in use anywhere; of a deleted data set the disk space is
/// free then.
/// </summary>
internal sealed unsafe class MappedFloats : MemoryManager<float>
{
    private static readonly ConcurrentDictionary<(string Path, long Length, DateTime Written), MappedFloats> Mapped = new();

    private readonly MemoryMappedViewAccessor view;
    private readonly float* first;
    private readonly int count;

    private MappedFloats(string path, long offset, int count)
    {
        this.count = count;
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        using var file = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        view = file.CreateViewAccessor(0, offset + (long)count * sizeof(float), MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        first = (float*)(start + view.PointerOffset + offset);
    }

    /// <summary>The numbers of a file, mapped for reading.</summary>
    /// <param name="path">The file; it is never changed in place.</param>
    /// <param name="offset">Bytes before the first number.</param>
    /// <param name="count">How many numbers.</param>
    public static ReadOnlyMemory<float> Of(string path, long offset, int count)
    {
        var file = new FileInfo(path);
        return Mapped.GetOrAdd((file.FullName, file.Length, file.LastWriteTimeUtc), _ => new MappedFloats(path, offset, count)).Memory[..count];
    }

    /// <inheritdoc/>
    public override Span<float> GetSpan() => new(first, count);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(first + elementIndex, pinnable: this);

    /// <inheritdoc/>
    public override void Unpin()
    {
        // Mapped memory does not move.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
    }
}

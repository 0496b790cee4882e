using System.IO.MemoryMappedFiles;
using static TorchSharp.torch;

namespace EcgPeft.Core.Checkpoints;

/// <summary>
/// The bytes of a checkpoint: a memory-mapped file or a buffer. Only the range that is being read is mapped, so pages leave the
/// process's memory again as soon as their tensor is copied, and a model loads with a peak near the file's size.
/// </summary>
internal sealed class FileBytes : IDisposable
{
    private readonly FileStream? _file;
    private readonly MemoryMappedFile? _map;
    private readonly ReadOnlyMemory<byte> _buffer;
    private bool _disposed;

    public string Name { get; }

    public long Length { get; }

    /// <summary>The file, where it can be mapped by libtorch too: not a buffer, not Windows, where a mapped file cannot be replaced.</summary>
    public string? MappablePath => _file is null || OperatingSystem.IsWindows() || _file.Length < Length ? null : Name;

    /// <summary>A buffer in memory; the label is what messages call it.</summary>
    public FileBytes(ReadOnlyMemory<byte> buffer, string label)
    {
        (_buffer, Name, Length) = (buffer, label, buffer.Length);
    }

    private FileBytes(FileStream file, string path)
    {
        (_file, Name, Length) = (file, path, file.Length);
        if (Length > 0) _map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
    }

    public static FileBytes Map(string path)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            if (IsGitLfsPointer(file)) throw new CheckpointException(path, "this is only Git LFS's note of where the file is, a few lines of text; get the file itself (git lfs pull), or download it again");
            return new FileBytes(file, path);
        }
        catch (CheckpointException)
        {
            file?.Dispose();
            throw;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(path, "this checkpoint file does not exist", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            file?.Dispose();
            throw new CheckpointException(path, $"this checkpoint file cannot be opened ({e.Message.TrimEnd('.')})", e);
        }
    }

    // What a clone without git-lfs leaves in the place of a large file.
    private static bool IsGitLfsPointer(FileStream file)
    {
        var start = "version https://git-lfs.github.com/spec/"u8;
        Span<byte> head = stackalloc byte[start.Length];
        var got = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return head[..got].SequenceEqual(start);
    }

    /// <summary>A copy of a range; the caller has checked that it is meant to be small.</summary>
    public byte[] Bytes(long offset, int length)
    {
        var bytes = new byte[length];
        Visit(offset, length, (source, target) => source.CopyTo(target), bytes);
        return bytes;
    }

    /// <summary>Fills a contiguous CPU tensor from a range of exactly its size, copying once.</summary>
    public void Fill(Tensor tensor, long offset)
    {
        var length = tensor.numel() * tensor.element_size();
        if (length == 0) return;
        const long chunk = 1 << 26; // elements: a span cannot hold 2 GB of the widest type
        using var flat = tensor.reshape(-1);
        for (long start = 0; start < flat.numel(); start += chunk)
        {
            using var part = flat.narrow(0, start, Math.Min(chunk, flat.numel() - start));
            Visit(offset + start * tensor.element_size(), part.numel() * part.element_size(), (source, target) => source.CopyTo(target.bytes), part);
        }
    }

    private unsafe void Visit<T>(long offset, long length, SpanAction<T> use, T target)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (offset < 0 || length < 0 || offset > Length - length) throw new CheckpointException(Name, $"the file ends before byte {offset} + {length}; it was cut short");
        if (length == 0) return;
        if (_map is null)
        {
            use(_buffer.Span.Slice((int)offset, (int)length), target);
            return;
        }
        // Touching a mapped page that is no longer in the file would end the process.
        if (_file!.Length < Length) throw new CheckpointException(Name, "the file became shorter while it was open");
        using var view = _map.CreateViewAccessor(offset, length, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            use(new ReadOnlySpan<byte>(start + view.PointerOffset, checked((int)length)), target);
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private delegate void SpanAction<in T>(ReadOnlySpan<byte> source, T target);

    public void Dispose()
    {
        _disposed = true;
        _map?.Dispose();
        _file?.Dispose();
    }
}

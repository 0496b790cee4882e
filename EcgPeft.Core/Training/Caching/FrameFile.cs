using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace EcgPeft.Core.Training.Caching;

/// <summary>
/// Frames of a data set, memory-mapped: a table with one checksum for each block of rows, then the rows. Blocks are written once
/// they are computed, in any order, the checksum last, so that a file that was left half written only lacks blocks. Two processes
/// may write the same block: they compute the same bytes.
/// </summary>
internal sealed unsafe class FrameFile : IDisposable
{
    /// <summary>Rows that are computed, checked and written together.</summary>
    public const int BlockRows = 8;

    private const long Present = 1L << 32;
    private const int Page = 4096;

    private readonly FileStream? file;
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* start;
    private readonly long dataOffset;
    private readonly bool[] trusted;

    private FrameFile(FileStream? file, MemoryMappedFile map, long rows, long rowBytes)
    {
        (this.file, this.map, RowBytes) = (file, map, rowBytes);
        Blocks = BlocksOf(rows);
        dataOffset = DataOffset(rows);
        trusted = new bool[Blocks];
        view = map.CreateViewAccessor(0, Size(rows, rowBytes), file is null ? MemoryMappedFileAccess.ReadWrite : MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        start += view.PointerOffset;
    }

    /// <summary>Number of blocks.</summary>
    public int Blocks { get; }

    /// <summary>Bytes of a row.</summary>
    public long RowBytes { get; }

    /// <summary>Bytes of a file.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="rowBytes">Bytes of a row.</param>
    public static long Size(long rows, long rowBytes) => DataOffset(rows) + rows * rowBytes;

    /// <summary>Opens a file, or makes it, without any block; one of another length is replaced.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="rowBytes">Bytes of a row.</param>
    /// <exception cref="IOException">It cannot be made or opened.</exception>
    public static FrameFile Open(string path, long rows, long rowBytes)
    {
        var size = Size(rows, rowBytes);
        if (File.Exists(path) && new FileInfo(path).Length != size) File.Delete(path);
        if (!File.Exists(path))
        {
            var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
            using (var made = File.Create(temporary)) made.SetLength(size);
            try
            {
                File.Move(temporary, path);
            }
            catch (IOException) when (File.Exists(path))
            {
                File.Delete(temporary); // another process was quicker
            }
        }
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow); // when it was last used
        return new FrameFile(file, MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true), rows, rowBytes);
    }

    /// <summary>The same without a file.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="rowBytes">Bytes of a row.</param>
    public static FrameFile InMemory(long rows, long rowBytes) => new(null, MemoryMappedFile.CreateNew(null, Size(rows, rowBytes)), rows, rowBytes);

    /// <summary>Whether a block was written.</summary>
    /// <param name="block">Its number.</param>
    public bool Has(int block) => Recorded(block) != 0;

    /// <summary>Whether a block was written and still is what was written; asked once a block, then remembered.</summary>
    /// <param name="block">Its number.</param>
    /// <param name="rows">Its rows.</param>
    public bool IsSound(int block, int rows)
    {
        if (trusted[block]) return true;
        return trusted[block] = Recorded(block) is var recorded && recorded != 0 && recorded == Checksum(new ReadOnlySpan<byte>(Row((long)block * BlockRows), checked((int)(rows * RowBytes))));
    }

    /// <summary>Keeps a block.</summary>
    /// <param name="block">Its number.</param>
    /// <param name="bytes">Its rows, one after the other.</param>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Write(int block, ReadOnlySpan<byte> bytes)
    {
        var checksum = Checksum(bytes);
        if (file is null)
        {
            bytes.CopyTo(new Span<byte>(Row((long)block * BlockRows), bytes.Length));
            *((long*)start + block) = checksum;
        }
        else
        {
            // Not through the map: a full disk is an exception here and the end of the process there.
            RandomAccess.Write(file.SafeFileHandle, bytes, dataOffset + (long)block * BlockRows * RowBytes);
            RandomAccess.Write(file.SafeFileHandle, MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in checksum)), (long)block * sizeof(long));
        }
        trusted[block] = true;
    }

    /// <summary>A row; its block must be sound.</summary>
    /// <param name="row">Its number.</param>
    public byte* Row(long row) => start + dataOffset + row * RowBytes;

    /// <inheritdoc/>
    public void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        map.Dispose();
        file?.Dispose();
    }

    private static int BlocksOf(long rows) => checked((int)((rows + BlockRows - 1) / BlockRows));

    private static long DataOffset(long rows) => (BlocksOf(rows) * (long)sizeof(long) + Page - 1) / Page * Page;

    private long Recorded(int block) => Volatile.Read(ref *((long*)start + block));

    private static long Checksum(ReadOnlySpan<byte> bytes) => Present | Crc32.Of(bytes);
}

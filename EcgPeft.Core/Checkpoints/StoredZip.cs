using System.Buffers.Binary;
using System.Text;

namespace EcgPeft.Core.Checkpoints;

/// <summary>
/// The directory of a zip archive whose entries are stored, not compressed: what <c>torch.save</c> writes, so that an entry is a
/// range of the file. Written for that one purpose because library readers hand out streams, not offsets. Zip64 included;
/// compressed entries are refused, so no entry can be larger than the file (PKWARE APPNOTE 6.3).
/// </summary>
internal sealed class StoredZip
{
    private const int EndLength = 22, LocatorLength = 20, End64Length = 56, CentralLength = 46, LocalLength = 30, MaxComment = 65_535;
    private const long MaxDirectory = 64 << 20;

    private readonly FileBytes _bytes;
    private readonly Dictionary<string, (long Header, long Length)> _entries = new(StringComparer.Ordinal);
    private long _directoryStart;

    private StoredZip(FileBytes bytes) => _bytes = bytes;

    /// <summary>The entries' names.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    public static StoredZip Open(FileBytes bytes)
    {
        var zip = new StoredZip(bytes);
        zip.ReadDirectory();
        return zip;
    }

    /// <summary>Where the entry's bytes are; null if there is none of that name.</summary>
    public (long Offset, long Length)? Find(string name)
    {
        if (!_entries.TryGetValue(name, out var entry)) return null;
        if (entry.Header > _directoryStart - LocalLength) throw Damaged($"entry '{name}' lies outside the file");
        var local = _bytes.Bytes(entry.Header, LocalLength);
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != 0x04034b50) throw Damaged($"entry '{name}' has no header where the directory says");
        var offset = entry.Header + LocalLength + U16(local, 26) + U16(local, 28);
        if (offset > _directoryStart - entry.Length) throw Damaged($"entry '{name}' runs past the end of the data");
        return (offset, entry.Length);
    }

    private void ReadDirectory()
    {
        var (end, endPosition) = FindEnd();
        long count = U16(end, 10), size = U32(end, 12), start = U32(end, 16);
        if (endPosition >= LocatorLength)
        {
            var locator = _bytes.Bytes(endPosition - LocatorLength, LocatorLength);
            if (U32(locator, 0) == 0x07064b50)
            {
                var position = I64(locator, 8);
                if (position < 0 || position > endPosition - LocatorLength - End64Length) throw Damaged("the zip64 end record lies outside the file");
                var end64 = _bytes.Bytes(position, End64Length);
                if (U32(end64, 0) != 0x06064b50) throw Damaged("the zip64 end record is not where it should be");
                (count, size, start) = (I64(end64, 32), I64(end64, 40), I64(end64, 48));
            }
        }
        if (start < 0 || size < 0 || start > endPosition - size) throw Damaged("the directory lies outside the file");
        if (size > MaxDirectory || count < 0 || count > size / CentralLength) throw Damaged($"the directory claims {count} entries in {size} bytes");
        _directoryStart = start;
        ReadEntries(_bytes.Bytes(start, (int)size), count);
    }

    private (byte[] End, long Position) FindEnd()
    {
        var tailLength = (int)Math.Min(_bytes.Length, EndLength + MaxComment);
        var tail = _bytes.Bytes(_bytes.Length - tailLength, tailLength);
        for (var i = tailLength - EndLength; i >= 0; i--)
        {
            if (U32(tail, i) == 0x06054b50 && U16(tail, i + 20) == tailLength - i - EndLength) return (tail[i..(i + EndLength)], _bytes.Length - tailLength + i);
        }
        throw Damaged("the end of the archive is missing");
    }

    private void ReadEntries(byte[] directory, long count)
    {
        var at = 0;
        long total = 0;
        for (long i = 0; i < count; i++)
        {
            if (at > directory.Length - CentralLength || U32(directory, at) != 0x02014b50) throw Damaged($"directory entry {i} is damaged");
            int nameLength = U16(directory, at + 28), extraLength = U16(directory, at + 30), commentLength = U16(directory, at + 32);
            if (at + CentralLength + nameLength + extraLength + commentLength > directory.Length) throw Damaged($"directory entry {i} is damaged");
            var name = Encoding.UTF8.GetString(directory, at + CentralLength, nameLength);
            if ((U16(directory, at + 8) & 1) != 0) throw Damaged($"entry '{name}' is encrypted");
            if (U16(directory, at + 10) != 0) throw Damaged($"entry '{name}' is compressed, which torch.save never does");
            long packed = U32(directory, at + 20), length = U32(directory, at + 24), header = U32(directory, at + 42);
            ReadZip64Extra(directory.AsSpan(at + CentralLength + nameLength, extraLength), ref length, ref packed, ref header);
            if (packed != length || length < 0 || header < 0) throw Damaged($"entry '{name}' has impossible sizes");
            total += length;
            if (total > _bytes.Length || total < 0) throw Damaged("its entries overlap: together they are larger than the file");
            if (!_entries.TryAdd(name, (header, length))) throw Damaged($"entry '{name}' stands twice");
            at += CentralLength + nameLength + extraLength + commentLength;
        }
    }

    private static void ReadZip64Extra(ReadOnlySpan<byte> extra, ref long length, ref long packed, ref long header)
    {
        while (extra.Length >= 4)
        {
            var fieldLength = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (fieldLength > extra.Length - 4) return;
            var field = extra.Slice(4, fieldLength);
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == 1)
            {
                // Only the values that did not fit into 32 bits are here, in this order.
                Take(ref field, ref length);
                Take(ref field, ref packed);
                Take(ref field, ref header);
                return;
            }
            extra = extra[(4 + fieldLength)..];
        }
    }

    private static void Take(ref ReadOnlySpan<byte> field, ref long value)
    {
        if (value != uint.MaxValue || field.Length < 8) return;
        value = BinaryPrimitives.ReadInt64LittleEndian(field);
        field = field[8..];
    }

    private static ushort U16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static long I64(byte[] bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));

    private CheckpointException Damaged(string problem) => new(_bytes.Name, $"this zip archive is damaged or was not written by torch.save: {problem}");
}

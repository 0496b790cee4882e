using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;

namespace EcgPeft.Core.Ecg.Import;

/// <summary>A NumPy array file (<c>.npy</c>, NEP 1): the header's description, and its numbers a row at a time.</summary>
internal sealed partial class NumPyArray : IDisposable
{
    private const int LongestHeader = 1 << 16;

    private readonly FileStream stream;
    private readonly string name;
    private readonly bool bigEndian;
    private readonly char kind;
    private readonly int size;
    private readonly byte[] row;

    private NumPyArray(FileStream stream, string name, string description, IReadOnlyList<int> shape)
    {
        (this.stream, this.name, Shape) = (stream, name, shape);
        (bigEndian, kind, size) = (description[0] == '>', description[1], description[2] - '0');
        var columns = shape.Count > 1 ? shape[1] : 1;
        var bytes = (long)shape[0] * columns * size;
        if (stream.Length - stream.Position != bytes) throw new SegmentFileException($"{name} ends after {stream.Length} bytes; an array of {string.Join(" x ", shape)} needs {stream.Position + bytes}: it is cut off or damaged.");
        row = new byte[checked(columns * size)];
    }

    /// <summary>One or two numbers.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Opens an array of real numbers.</summary>
    /// <exception cref="SegmentFileException">It is no array of one or two dimensions of real numbers.</exception>
    public static NumPyArray Open(string path)
    {
        var name = Path.GetFileName(path);
        FileStream stream;
        try
        {
            stream = CsvDialect.OpenRaw(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CsvDialect.Unreadable(path, e);
        }
        try
        {
            var header = Header(stream, name);
            var (description, shape) = (Description().Match(header), Dimensions().Match(header));
            if (!description.Success || !shape.Success) throw new SegmentFileException($"{name} holds no plain array of numbers (its header says {SegmentCsv.Short(header)}); save it with numpy.save as float32.");
            if (ByColumns().IsMatch(header)) throw new SegmentFileException($"{name} is stored column by column; save numpy.ascontiguousarray of it.");
            var sizes = shape.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(s => int.TryParse(s, out var n) ? n : -1).ToArray();
            if (sizes.Length is < 1 or > 2 || sizes.Any(n => n < 1)) throw new SegmentFileException($"{name} has the shape ({shape.Groups[1].Value}); expected segments x samples, or one label a segment.");
            return new NumPyArray(stream, name, description.Groups[1].Value, sizes);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next row.</summary>
    public void Read(Span<float> values)
    {
        try
        {
            stream.ReadExactly(row);
        }
        catch (EndOfStreamException e)
        {
            throw new SegmentFileException($"{name} is cut off.", inner: e);
        }
        for (var i = 0; i < values.Length; i++) values[i] = Number(row.AsSpan(i * size, size)) + 0f;
    }

    public void Dispose() => stream.Dispose();

    private float Number(Span<byte> bytes)
    {
        if (bigEndian) bytes.Reverse();
        return (kind, size) switch
        {
            ('f', 2) => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes),
            ('f', 4) => BinaryPrimitives.ReadSingleLittleEndian(bytes),
            ('f', 8) => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            ('i', 1) => (sbyte)bytes[0],
            ('i', 2) => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            ('i', 4) => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            ('i', 8) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            ('u', 2) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            ('u', 4) => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            ('u', 8) => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            _ => bytes[0],
        };
    }

    private static string Header(FileStream stream, string name)
    {
        var start = new byte[12];
        var got = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (got < start.Length || start[0] != 0x93 || !start.AsSpan(1).StartsWith("NUMPY"u8))
            throw new SegmentFileException($"{name} is no NumPy array file; save one with numpy.save.");
        if (start[6] is < 1 or > 3 || start[7] != 0) throw new SegmentFileException($"{name} is of version {start[6]}.{start[7]} of NumPy's format; save it again with numpy.save.");
        var wide = start[6] > 1;
        var length = wide ? BinaryPrimitives.ReadInt32LittleEndian(start.AsSpan(8)) : BinaryPrimitives.ReadUInt16LittleEndian(start.AsSpan(8));
        if (length is < 0 or > LongestHeader) throw new SegmentFileException($"{name} has a header of {length} bytes, which no array needs; it is damaged.");
        stream.Position = wide ? 12 : 10;
        var header = new byte[length];
        if (stream.ReadAtLeast(header, length, throwOnEndOfStream: false) < length) throw new SegmentFileException($"{name} is cut off.");
        return Encoding.Latin1.GetString(header).Trim();
    }

    // The header is a literal of Python; NumPy itself writes single quotes and one space, other writers do not always.
    [GeneratedRegex("""['"]descr['"]\s*:\s*['"]([<>|=](?:f[248]|[iu][1248]|b1))['"]""")]
    private static partial Regex Description();

    [GeneratedRegex("""['"]fortran_order['"]\s*:\s*True""")]
    private static partial Regex ByColumns();

    [GeneratedRegex("""['"]shape['"]\s*:\s*\(([0-9, ]*)\)""")]
    private static partial Regex Dimensions();
}

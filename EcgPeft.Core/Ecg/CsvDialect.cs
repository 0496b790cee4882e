using System.Globalization;
using System.Text;
using CsvHelper;
using EcgPeft.Core.Ecg.Import;

namespace EcgPeft.Core.Ecg;

/// <summary>Compression, encoding, separator and decimal sign of a CSV file, found out from its first 64 KiB.</summary>
internal sealed record CsvDialect(bool Compressed, Encoding Encoding, string EncodingName, char Separator, bool DecimalComma)
{
    private const int SampleBytes = 1 << 16;

    /// <summary>The longest line that is read, in bytes: 16,000 samples of 25 characters are a tenth of it.</summary>
    public const int MaxLineBytes = 4 << 20;

    /// <summary>Looks at the start of the file.</summary>
    /// <exception cref="SegmentFileException">The file is empty, cannot be opened, or is not text.</exception>
    public static CsvDialect Detect(string path)
    {
        var name = Path.GetFileName(path);
        try
        {
            using var raw = OpenRaw(path);
            Span<byte> magic = stackalloc byte[4];
            var got = raw.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
            if (got == 0) throw new SegmentFileException($"{name} is empty; expected one segment a line, its samples and then its label.");
            if (magic[..got].StartsWith("PK\u0003\u0004"u8)) throw new SegmentFileException($"{name} is a ZIP archive or an Excel workbook; save it as CSV (or gzip) first.");
            var compressed = magic[..got].StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]);
            raw.Position = 0;
            using var stream = compressed ? new GzipFile(raw) : (Stream)raw;
            var bytes = new byte[SampleBytes];
            var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var sample = bytes.AsSpan(0, count);
            var (encoding, encodingName) = DetectEncoding(sample);
            var text = encoding.GetString(sample).TrimStart('\uFEFF');
            if (string.IsNullOrWhiteSpace(text)) throw new SegmentFileException($"{name} is empty; expected one segment a line, its samples and then its label.");
            if (text.Any(c => char.IsControl(c) && c is not ('\t' or '\r' or '\n')))
                throw new SegmentFileException($"{name} is not a text file; expected CSV, one segment a line, its samples and then its label.");
            var separator = DetectSeparator(text);
            return new CsvDialect(compressed, encoding, encodingName, separator, separator != ',' && HasDecimalComma(text));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>A reader over the whole file, and the stream whose position tells the progress.</summary>
    public (CsvReader Reader, Stream Raw) Open(string path)
    {
        var raw = OpenRaw(path);
        Stream stream = Compressed ? new GzipFile(raw) : raw;
        var options = new CsvReaderOptions
        {
            HasHeader = false,
            Separator = Separator,
            Encoding = Encoding,
            FormatProvider = DecimalComma ? new NumberFormatInfo { NumberDecimalSeparator = ",", NumberGroupSeparator = "." } : CultureInfo.InvariantCulture,
            // A quote that is never closed must not swallow the rest of the file, nor a line without end the memory.
            AllowLineBreaksInQuotes = false,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = MaxLineBytes,
            TrackLineNumbers = true,
        };
        return (CsvReader.Create(stream, options), raw);
    }

    /// <summary>The error for a file that cannot be opened or unpacked.</summary>
    public static SegmentFileException Unreadable(string path, Exception cause)
    {
        var name = Path.GetFileName(path);
        return cause switch
        {
            FileNotFoundException or DirectoryNotFoundException => new($"There is no file {path}.", inner: cause),
            InvalidDataException => new($"{name} is a damaged or truncated gzip file; pack it again.", inner: cause),
            _ when Directory.Exists(path) => new($"{path} is a folder; name the CSV file in it.", inner: cause),
            _ => new($"{name} cannot be read ({cause.Message.TrimEnd('.')}).", inner: cause),
        };
    }

    /// <summary>Opens a file of segments, groups or labels; a pipe can be read once only, and a file is read twice.</summary>
    internal static FileStream OpenRaw(string path)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        if (stream.CanSeek) return stream;
        stream.Dispose();
        throw new SegmentFileException($"{path} is a pipe or a device; save what comes from it to a file, and name that.");
    }

    private static (Encoding Encoding, string Name) DetectEncoding(ReadOnlySpan<byte> sample)
    {
        if (sample.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe])) return (Encoding.Unicode, "utf-16le (BOM)");
        if (sample.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff])) return (Encoding.BigEndianUnicode, "utf-16be (BOM)");
        if (sample.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf])) return (Encoding.UTF8, "utf-8 (BOM)");
        // Numbers in UTF-16 without a byte order mark: every other byte is zero.
        if (sample.Length >= 4 && sample[1] == 0 && sample[3] == 0 && sample[0] != 0) return (Encoding.Unicode, "utf-16le");
        if (sample.Length >= 4 && sample[0] == 0 && sample[2] == 0 && sample[1] != 0) return (Encoding.BigEndianUnicode, "utf-16be");
        return (Encoding.UTF8, "utf-8");
    }

    // With tabs or semicolons in a line, commas can only be decimal signs.
    private static char DetectSeparator(string text)
    {
        var end = text.AsSpan().TrimStart("\r\n").IndexOfAny('\r', '\n');
        var line = end < 0 ? text.AsSpan() : text.AsSpan().TrimStart("\r\n")[..end];
        return line.Contains('\t') ? '\t' : line.Contains(';') ? ';' : ',';
    }

    private static bool HasDecimalComma(string text)
    {
        for (var i = 1; i + 1 < text.Length; i++)
            if (text[i] == ',' && char.IsAsciiDigit(text[i + 1]) && (char.IsAsciiDigit(text[i - 1]) || text[i - 1] is '-' or ';' or '\t' or '"')) return true;
        return false;
    }
}

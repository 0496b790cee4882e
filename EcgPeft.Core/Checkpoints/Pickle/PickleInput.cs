using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace EcgPeft.Core.Checkpoints.Pickle;

/// <summary>The bytes of a pickle and the encodings of its opcodes' arguments; every length is checked before anything is allocated.</summary>
internal sealed class PickleInput(ReadOnlyMemory<byte> pickle, string file, PickleBudget budget)
{
    private const int MaxLine = 1000;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false);

    /// <summary>The next byte to read.</summary>
    public int Position { get; private set; }

    public ReadOnlySpan<byte> Take(long length)
    {
        if (length < 0 || length > pickle.Length - Position) throw Error($"it ends inside a value at byte {Position}");
        var span = pickle.Span.Slice(Position, (int)length);
        Position += (int)length;
        return span;
    }

    public byte U8() => Take(1)[0];

    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int I32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public long I64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public double F64() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    public byte[] Bytes(long length)
    {
        var span = Take(length);
        budget.Spend(PickleBudget.Object + length);
        return span.ToArray();
    }

    public string Text(long length)
    {
        var span = Take(length);
        budget.Spend(PickleBudget.Object + 2 * length);
        return Utf8.GetString(span);
    }

    /// <summary>A Python 2 string: text in NumPy's and torch's use of it, so every byte is one character.</summary>
    public string Latin1(long length)
    {
        var span = Take(length);
        budget.Spend(PickleBudget.Object + 2 * length);
        return Encoding.Latin1.GetString(span);
    }

    /// <summary>The text up to the next line feed, of the old text opcodes.</summary>
    public string Line()
    {
        var length = pickle.Span[Position..].IndexOf((byte)'\n');
        if (length is < 0 or > MaxLine) throw Error($"a line of text at byte {Position} does not end");
        var text = Text(length);
        Position++;
        return text;
    }

    /// <summary>A two's complement number of any length (LONG1, LONG4).</summary>
    public object Long(long length)
    {
        var span = Take(length);
        budget.Spend(PickleBudget.Object + length);
        var number = new BigInteger(span);
        return Fits(number) ? (long)number : (object)number;
    }

    /// <summary>A decimal number in text (INT, LONG); <c>00</c> and <c>01</c> are the booleans of protocol 1.</summary>
    public object Decimal()
    {
        var line = Line();
        if (line is "00" or "01") return line == "01";
        var digits = line.EndsWith('L') ? line[..^1] : line;
        if (!BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) throw Error($"'{Shown(line)}' is not a number");
        return Fits(number) ? (long)number : (object)number;
    }

    public double Float()
    {
        var line = Line();
        return double.TryParse(line, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw Error($"'{Shown(line)}' is not a number");
    }

    /// <summary>A quoted Python 2 string; torch never writes one with escapes.</summary>
    public string Quoted()
    {
        var line = Line();
        if (line.Length < 2 || line[0] is not ('\'' or '"') || line[^1] != line[0] || line.Contains('\\', StringComparison.Ordinal)) throw Error("a quoted string is not written plainly");
        return line[1..^1];
    }

    /// <summary>A text of the file, made fit for a one-line message.</summary>
    public static string Shown(string text)
    {
        var cut = text.Length > 100 ? text[..100] + "…" : text;
        return string.Concat(cut.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
    }

    public CheckpointException Error(string problem) => new(file, $"its pickle is damaged or hostile: {problem}");

    private static bool Fits(BigInteger number) => number >= long.MinValue && number <= long.MaxValue;
}

using System.Buffers.Binary;

namespace EcgPeft.Core.Ecg.Import;

/// <summary>The samples of one signal of a WFDB record.</summary>
internal static class WfdbSamples
{
    /// <summary>Reads a signal in its physical unit; a sample that the record marks as missing is NaN.</summary>
    /// <exception cref="SegmentFileException">The file is missing or cut off, or its checksum is another one.</exception>
    public static float[] Read(string folder, WfdbHeader header, int signal)
    {
        var described = header.Signals[signal];
        var path = Path.Combine(folder, described.File);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CsvDialect.Unreadable(path, e);
        }
        // Samples of the signals that share a file take turns.
        var together = header.Signals.Select((s, i) => (s, i)).Where(x => x.s.File == described.File).ToList();
        var (turn, turns) = (together.FindIndex(x => x.i == signal), together.Count);
        if (together.Any(x => x.s.Format != described.Format)) throw new SegmentFileException($"{described.File} holds signals of several formats, which cannot be read.");
        var data = bytes.AsSpan(Math.Min(described.Offset, bytes.Length));
        var inFile = described.Format == 16 ? data.Length / 2 : data.Length / 3 * 2 + (data.Length % 3 == 2 ? 1 : 0);
        var count = header.Samples ?? inFile / turns;
        if ((long)count * turns > inFile) throw new SegmentFileException($"{described.File} ends after {inFile / turns} samples a signal; its header says {count}: it is cut off or damaged.");
        var values = new float[count];
        short sum = 0;
        for (var i = 0; i < count; i++)
        {
            var raw = described.Format == 16 ? BinaryPrimitives.ReadInt16LittleEndian(data[(2 * (i * turns + turn))..]) : Packed(data, (long)i * turns + turn);
            sum = unchecked((short)(sum + raw));
            var missing = raw == (described.Format == 16 ? short.MinValue : -2048);
            values[i] = missing ? float.NaN : (float)((raw - described.Baseline) / described.Gain);
        }
        if (described.Checksum is { } expected && unchecked((short)expected) != sum)
            throw new SegmentFileException($"{described.File} does not have the checksum that its header gives for signal {signal + 1} ({sum} instead of {expected}); get the record again.");
        return values;
    }

    // Two 12-bit numbers in three bytes.
    private static short Packed(ReadOnlySpan<byte> data, long index)
    {
        var at = (int)(index / 2 * 3);
        var bits = index % 2 == 0 ? data[at] | (data[at + 1] & 0x0f) << 8 : data[at + 2] | (data[at + 1] & 0xf0) << 4;
        return (short)((short)(bits << 4) >> 4); // with its sign
    }
}

using System.Buffers.Binary;

namespace EcgPeft.Core.Ecg.Import;

/// <summary>An annotation of a WFDB record.</summary>
/// <param name="Sample">Where, from 0.</param>
/// <param name="Symbol">What, for example N (normal beat) or V (premature ventricular contraction).</param>
internal readonly record struct WfdbAnnotation(long Sample, char Symbol);

/// <summary>Annotation files of WFDB records (annot(5) of the WFDB applications guide, MIT format).</summary>
internal static class WfdbAnnotations
{
    private const int Skip = 59, Number = 60, Auxiliary = 63;

    // Symbols of the codes 0 to 41; a blank has no meaning.
    private const string Symbols = " NLRaVFJASEj/Q~ | sT*D\"=pB^t+u?![]en@xf()r";

    /// <summary>Reads all annotations.</summary>
    /// <exception cref="SegmentFileException">The file is missing or damaged.</exception>
    public static IReadOnlyList<WfdbAnnotation> Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CsvDialect.Unreadable(path, e);
        }
        var found = new List<WfdbAnnotation>();
        long time = 0;
        for (var at = 0; at + 1 < bytes.Length;)
        {
            var word = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
            var (code, interval) = (word >> 10, word & 0x3ff);
            at += 2;
            if (word == 0) return found;
            if (code == Skip)
            {
                if (at + 4 > bytes.Length) break;
                // A 32-bit number, the high half first.
                time += BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at)) << 16 | BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + 2));
                at += 4;
            }
            else if (code == Auxiliary)
            {
                at += interval + interval % 2;
            }
            else if (code < Number)
            {
                time += interval;
                if (code < Symbols.Length && Symbols[code] != ' ') found.Add(new(time, Symbols[code]));
            }
        }
        throw new SegmentFileException($"{Path.GetFileName(path)} is cut off or no annotation file; get the record again.");
    }
}

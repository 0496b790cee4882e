using System.Globalization;

namespace EcgPeft.Core.Ecg.Import;

/// <summary>One signal of a WFDB record, as its line of the header describes it.</summary>
/// <param name="File">File with the samples.</param>
/// <param name="Format">212 or 16.</param>
/// <param name="Offset">Bytes before the first sample.</param>
/// <param name="Gain">Converter steps a unit.</param>
/// <param name="Baseline">Converter value of 0.</param>
/// <param name="Unit">Physical unit.</param>
/// <param name="Checksum">Sum of all samples modulo 65,536 as a signed number, or null.</param>
/// <param name="Name">The lead.</param>
internal sealed record WfdbSignal(string File, int Format, int Offset, double Gain, int Baseline, string Unit, int? Checksum, string Name);

/// <summary>The header of a WFDB record (header(5) of the WFDB applications guide).</summary>
/// <param name="Record">Name of the record.</param>
/// <param name="RateHz">Samples a second.</param>
/// <param name="Samples">Samples a signal, or null where the header does not say.</param>
/// <param name="Signals">The signals in the order of the file.</param>
internal sealed record WfdbHeader(string Record, double RateHz, int? Samples, IReadOnlyList<WfdbSignal> Signals)
{
    /// <summary>Reads a header.</summary>
    /// <exception cref="SegmentFileException">It is no header of a record that can be read.</exception>
    public static WfdbHeader Read(string path)
    {
        var name = Path.GetFileName(path);
        string[] lines;
        try
        {
            lines = [.. File.ReadLines(path).Take(1000)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CsvDialect.Unreadable(path, e);
        }
        SegmentFileException Wrong(int line, string what) => new($"Line {line + 1} of {name} {what}.", line + 1);
        var content = Enumerable.Range(0, lines.Length).Where(i => lines[i].Length > 0 && lines[i][0] != '#').ToList();
        if (content.Count == 0) throw new SegmentFileException($"{name} is empty; expected the header of a WFDB record.");
        var first = Words(lines[content[0]]);
        if (first.Length < 2 || first[0].Contains('/')) throw Wrong(content[0], first.Length < 2 ? "is no first line of a WFDB header" : "describes a record of several segments, which cannot be imported; name one of its segments");
        if (!int.TryParse(first[1], out var count) || count < 1 || content.Count < count + 1) throw Wrong(content[0], $"says {SegmentCsv.Short(first[1])} signals, but {content.Count - 1} follow");
        var rate = first.Length > 2 ? Number(first[2].Split('/', '(')[0]) : 250;
        if (!(rate > 0 && double.IsFinite(rate))) throw Wrong(content[0], "has no usable sampling rate");
        int? samples = first.Length > 3 && int.TryParse(first[3], out var n) && n > 0 ? n : null;
        return new WfdbHeader(first[0], rate, samples, [.. content.Skip(1).Take(count).Select(i => Signal(Words(lines[i]), what => Wrong(i, what)))]);
    }

    private static WfdbSignal Signal(string[] words, Func<string, SegmentFileException> wrong)
    {
        if (words.Length < 2) throw wrong("describes no signal");
        var offset = words[1].Split('+') is not [_, var bytes] ? 0
            : int.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out var o) ? o : throw wrong($"has the byte offset {SegmentCsv.Short(bytes)}, which is not a whole number from 0");
        var format = words[1].Split('x', ':', '+')[0] switch { "212" => 212, "16" => 16, var other => throw wrong($"has the format {SegmentCsv.Short(other)}; only 212 and 16 can be read") };
        if (words[1].Split('x') is [_, var frame, ..] && frame.Split(':', '+')[0] != "1") throw wrong("has several samples a frame, which cannot be read");
        var gainText = words.Length > 2 ? words[2] : "200";
        var unit = gainText.Split('/') is [_, var u] ? u : "mV";
        var number = gainText.Split('/')[0];
        var gain = Number(number.Split('(')[0]);
        var zero = words.Length > 4 && int.TryParse(words[4], out var z) ? z : 0;
        var baseline = number.Split('(', ')') is [_, var b, ..] && int.TryParse(b, out var said) ? said : zero;
        int? checksum = words.Length > 6 && int.TryParse(words[6], out var sum) ? sum : null;
        if (Path.GetFileName(words[0]) != words[0]) throw wrong("names a file in another folder");
        return new WfdbSignal(words[0], format, offset, gain > 0 ? gain : 200, baseline, unit, checksum, words.Length > 8 ? string.Join(' ', words[8..]) : "");
    }

    private static string[] Words(string line) => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    private static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN;
}

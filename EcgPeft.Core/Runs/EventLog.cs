using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>Complete lines of an event log from one place on.</summary>
/// <param name="Events">The events, in the order of the file.</param>
/// <param name="NextOffset">Byte offset after the last complete line: where the next read begins.</param>
public sealed record EventBatch(IReadOnlyList<RunEvent> Events, long NextOffset)
{
    /// <summary>Whether reading ended before a line that is not quite there yet.</summary>
    public bool Hole { get; init; }
}

/// <summary>
/// <c>events.jsonl</c>: append-only, one JSON object a line. Whoever appends holds the run's <see cref="WorkerLock"/>, so there
/// is one writer at a time; anybody may read meanwhile.
/// </summary>
public static class EventLog
{
    private const byte NewLine = (byte)'\n';
    private static readonly Lock Appending = new();

    // A file of a newer version may hold more than this one knows; a line that holds less than its type has is damaged, and no value is made up for it.
    private static readonly JsonSerializerOptions Reading = new(ProductJson.Line)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    private static readonly HashSet<string> KnownTypes =
        [.. typeof(RunEvent).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(derived => (string)derived.TypeDiscriminator!)];

    /// <summary>
    /// Appends one line and hands it to the operating system. A line that a killed writer left incomplete is cut off first:
    /// no reader has seen it.
    /// </summary>
    /// <param name="path">The file; created where absent.</param>
    /// <param name="runEvent">What happened.</param>
    public static void Append(string path, RunEvent runEvent)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(runEvent, ProductJson.Line), NewLine];
        lock (Appending)
        {
            using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(file);
            var end = EndOfLastLine(file, length);
            if (end < length) RandomAccess.SetLength(file, end);
            RandomAccess.Write(file, line, end);
        }
    }

    /// <summary>
    /// Reads the complete lines from <paramref name="offset"/> on; an incomplete last line is left for the next read. Types that
    /// this version does not know are passed over; a line that cannot be read becomes a warning that names its offset.
    /// </summary>
    /// <param name="path">The file; one that does not exist yet holds nothing.</param>
    /// <param name="offset">Byte offset of the beginning of a line: 0 or an earlier <see cref="EventBatch.NextOffset"/>.</param>
    /// <param name="stopAtHole">Ends before a line with zero bytes, which a network file system shows where it knows a file's length but not yet what is in it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The file is shorter than <paramref name="offset"/>: it is another file than before.</exception>
    public static EventBatch Read(string path, long offset, bool stopAtHole = false)
    {
        if (!File.Exists(path) && offset == 0) return new([], 0);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = RandomAccess.GetLength(file);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, length);
        if (length == offset) return new([], offset);

        var bytes = new byte[length - offset];
        var text = bytes.AsSpan(0, ReadFully(file, bytes, offset));
        var events = new List<RunEvent>();
        var start = 0;
        while (text[start..].IndexOf(NewLine) is var size and >= 0)
        {
            if (stopAtHole && text.Slice(start, size).Contains((byte)0)) return new(events, offset + start) { Hole = true };
            if (Parse(text.Slice(start, size), offset + start, events) is { } runEvent) events.Add(runEvent);
            start += size + 1;
        }
        return new(events, offset + start);
    }

    /// <summary>Bytes that <see cref="Head"/> gives at the most: the first line's time is among them.</summary>
    internal const int HeadLength = 128;

    /// <summary>The beginning of the file, which tells one log from another.</summary>
    /// <param name="path">The file.</param>
    internal static byte[] Head(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var head = new byte[Math.Min(HeadLength, RandomAccess.GetLength(file))];
        return head[..ReadFully(file, head, 0)];
    }

    /// <summary>The last status in the file, or null where there is none.</summary>
    /// <param name="path">The file; may be absent.</param>
    public static StatusEvent? LastStatus(string path)
    {
        if (!File.Exists(path)) return null;
        // Status lines are few and long files many: look at the end first.
        for (long window = 64 * 1024; ; window *= 16)
        {
            var length = new FileInfo(path).Length;
            var whole = window >= length;
            var last = Read(path, whole ? 0 : BeginningOfLine(path, length - window)).Events.OfType<StatusEvent>().LastOrDefault();
            if (last is not null || whole) return last;
        }
    }

    private static RunEvent? Parse(ReadOnlySpan<byte> line, long offset, List<RunEvent> before)
    {
        try
        {
            return JsonSerializer.Deserialize<RunEvent>(line, Reading) ?? throw new JsonException("it holds null");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            if (IsOfUnknownType(line)) return null;
            var reason = e.Message.Split('\n')[0].TrimEnd('.', '\r');
            return new LogEvent("warning", $"The line at byte {offset} of events.jsonl cannot be read and was left out ({reason}).") { Time = before.Count > 0 ? before[^1].Time : DateTime.UtcNow };
        }
    }

    private static bool IsOfUnknownType(ReadOnlySpan<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line.ToArray());
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("type", out var type)
                && type.ValueKind == JsonValueKind.String
                && !KnownTypes.Contains(type.GetString()!);
        }
        catch (JsonException)
        {
            return false; // not JSON at all: the caller reports it
        }
    }

    private static long BeginningOfLine(string path, long offset)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return EndOfLastLine(file, offset);
    }

    private static long EndOfLastLine(Microsoft.Win32.SafeHandles.SafeFileHandle file, long length)
    {
        var block = new byte[4096];
        for (var end = length; end > 0;)
        {
            var start = Math.Max(0, end - block.Length);
            var part = block.AsSpan(0, (int)(end - start));
            part = part[..ReadFully(file, part, start)];
            var at = part.LastIndexOf(NewLine);
            if (at >= 0) return start + at + 1;
            end = start;
        }
        return 0;
    }

    private static int ReadFully(Microsoft.Win32.SafeHandles.SafeFileHandle file, Span<byte> buffer, long offset)
    {
        var done = 0;
        while (done < buffer.Length)
        {
            var count = RandomAccess.Read(file, buffer[done..], offset + done);
            if (count == 0) break;
            done += count;
        }
        return done;
    }
}

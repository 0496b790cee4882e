using System.Text.Json;

namespace EcgPeft.Core.Ecg;

/// <summary>
/// The two files of a data set: <c>dataset.json</c>, and <c>segments.bin</c> (little-endian: the mark "ECGSEG01", N and L as 32-bit integers,
/// N x L float32 samples, N label bytes, then the number of groups, their names, and each segment's group as a 32-bit number).
/// </summary>
internal static class DataSetFolder
{
    public const string InfoFile = "dataset.json";
    public const string SegmentsFile = "segments.bin";

    /// <summary>How <c>segments.bin</c> starts.</summary>
    public static ReadOnlySpan<byte> Mark => "ECGSEG01"u8;

    /// <summary>Whether a folder looks like a data set.</summary>
    public static bool Is(string folder) => File.Exists(Path.Combine(folder, InfoFile));

    /// <summary>Writes or replaces <c>dataset.json</c>.</summary>
    public static void WriteInfo(string folder, DataSetInfo info)
    {
        var part = Path.Combine(folder, $"{InfoFile}.part");
        File.WriteAllText(part, JsonSerializer.Serialize(info, ProductJson.Indented));
        File.Move(part, Path.Combine(folder, InfoFile), overwrite: true);
    }

    /// <summary>Reads <c>dataset.json</c>.</summary>
    /// <exception cref="UserInputException">It is missing or damaged.</exception>
    public static DataSetInfo ReadInfo(string folder)
    {
        try
        {
            using var stream = File.OpenRead(Path.Combine(folder, InfoFile));
            return JsonSerializer.Deserialize<DataSetInfo>(stream, ProductJson.Indented) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw Damaged(folder, e);
        }
    }

    /// <summary>Maps the segments into memory and checks them against the hash in <c>dataset.json</c>.</summary>
    /// <exception cref="UserInputException">The data set is missing or damaged.</exception>
    public static SegmentSet Read(string folder)
    {
        var info = ReadInfo(folder);
        try
        {
            using var stream = new FileStream(Path.Combine(folder, SegmentsFile), FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            using var reader = new BinaryReader(stream);
            if (!reader.ReadBytes(Mark.Length).AsSpan().SequenceEqual(Mark)) throw new InvalidDataException("The mark is missing.");
            var (count, length) = (reader.ReadInt32(), reader.ReadInt32());
            // Checked before anything of that size is allocated.
            if (count < 1 || length < 1 || (long)count * length > Array.MaxLength || (long)count * length * sizeof(float) + count > stream.Length) throw new InvalidDataException("The sizes are wrong.");
            var values = MappedFloats.Of(stream.Name, stream.Position, count * length);
            stream.Position += (long)count * length * sizeof(float);
            var labels = new byte[count];
            stream.ReadExactly(labels);
            var set = new SegmentSet(values, labels, length, ReadGroups(reader, count), info.SamplingRateHz);
            if (set.Hash != info.Hash) throw new InvalidDataException("The content hash differs.");
            return set;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException)
        {
            throw Damaged(folder, e);
        }
    }

    private static string[]? ReadGroups(BinaryReader reader, int count)
    {
        var names = reader.ReadInt32();
        if (names == 0) return null;
        if (names < 0 || names > count) throw new InvalidDataException("The number of groups is wrong.");
        var table = new string[names];
        for (var i = 0; i < names; i++) table[i] = reader.ReadString();
        var groups = new string[count];
        for (var i = 0; i < count; i++)
        {
            var number = reader.ReadInt32();
            groups[i] = number >= 0 && number < names ? table[number] : throw new InvalidDataException("A group is wrong.");
        }
        return groups;
    }

    private static UserInputException Damaged(string folder, Exception cause) =>
        new($"The data set in {folder} is missing or damaged ({cause.Message.TrimEnd('.')}); import it again.", cause);
}

using System.Buffers.Binary;
using System.Text;
using EcgPeft.Core.Runs.Exports;

namespace EcgPeft.Tests.Runs.Exports;

public sealed class TensorBoardTests
{
    /// <summary>
    /// What TensorFlow writes for <c>tf.summary.scalar("accuracy", 0.99, step=77)</c>, as TensorBoard's own reader is tested with it
    /// (<c>tensorboard/data/server/tf_record.rs</c>).
    /// </summary>
    private static readonly byte[] Known =
    [
        .. Hex("1800000000000000" + "a37f4b22"), .. Hex("090000803899d6d7411a0d"), .. "brain.Event:2"u8, .. Hex("124b36ab"),
        .. Hex("3200000000000000" + "241956ec"), .. Hex("09c405b73d99d6d741" + "104d" + "2a25" + "0a230a08"), .. "accuracy"u8,
        .. Hex("420a0801120022" + "04a4707d3f" + "4a0b0a090a07"), .. "scalars"u8, .. Hex("a55b6433"),
    ];

    [Fact]
    public void The_file_is_byte_for_byte_what_TensorFlow_writes()
    {
        using var stream = new MemoryStream();
        using (var file = new TensorBoardFile(stream, Time(Known.AsSpan(13, 8)))) file.Scalar("accuracy", 77, Time(Known.AsSpan(53, 8)), 0.99);
        // A clock here ticks in 100 ns, so the last bits of the times may differ, and with them their checksum.
        var written = stream.ToArray();
        Assert.Equal(Convert.ToHexString(Known[..13]), Convert.ToHexString(written[..13]));
        Assert.Equal(BinaryPrimitives.ReadDoubleLittleEndian(Known.AsSpan(13)), BinaryPrimitives.ReadDoubleLittleEndian(written.AsSpan(13)), 1e-6);
        Assert.Equal(Convert.ToHexString(Known[21..36]), Convert.ToHexString(written[21..36]));
        Assert.Equal(Convert.ToHexString(Known[40..53]), Convert.ToHexString(written[40..53]));
        Assert.Equal(Convert.ToHexString(Known[61..^4]), Convert.ToHexString(written[61..^4]));
        Assert.Equal(0xab364b12, TensorBoardFile.MaskedCrc(Known.AsSpan(12, 24)));
        Assert.Equal(0x33645ba5u, TensorBoardFile.MaskedCrc(Known.AsSpan(52, 50)));
    }

    [Fact]
    public void A_run_becomes_its_curves_and_its_recipe()
    {
        var root = RunSamples.Root();
        var run = RunHistory.Read(RunSamples.Completed(root));
        TensorBoardExport.WriteAll(root.Path, [run]);
        var path = Assert.Single(Directory.GetFiles(Path.Combine(root.Path, run.Summary.Id)));
        Assert.Contains("tfevents", Path.GetFileName(path), StringComparison.Ordinal);

        var points = Read(File.ReadAllBytes(path));
        Assert.Equal([1f, 0.5f, 1f / 3], points.Where(p => p.Tag == "step/loss").Select(p => p.Value));
        Assert.Equal([1L, 2L, 3L], points.Where(p => p.Tag == "step/loss").Select(p => p.Step));
        Assert.Equal((4L, 0.25f), points.Where(p => p.Tag == "validation/loss").Select(p => (p.Step, p.Value)).Single());
        Assert.Equal((float)(0.1 + 0.2), points.Single(p => p.Tag == "test/accuracy").Value);
        Assert.DoesNotContain(points, p => p.Tag == "test/auroc"); // undefined with one class
        Assert.Contains("\"learningRate\"", points.Single(p => p.Tag == "recipe").Text, StringComparison.Ordinal);
    }

    private static DateTime Time(ReadOnlySpan<byte> seconds) => DateTime.UnixEpoch.AddTicks((long)(BinaryPrimitives.ReadDoubleLittleEndian(seconds) * TimeSpan.TicksPerSecond));

    private static byte[] Hex(string text) => Convert.FromHexString(text);

    /// <summary>Reads a file back, checking every checksum.</summary>
    private static List<(string Tag, long Step, float Value, string Text)> Read(byte[] file)
    {
        var points = new List<(string, long, float, string)>();
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)), TensorBoardFile.MaskedCrc(file.AsSpan(at, 8)));
            var data = file.AsSpan(at + 12, length).ToArray();
            Assert.Equal(BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)), TensorBoardFile.MaskedCrc(data));
            at += 16 + length;
            var fields = Fields(data);
            if (!fields.TryGetValue(5, out var summary)) continue;
            var value = Fields(Fields(summary)[1]);
            var tensor = Fields(value[8]);
            var step = fields.TryGetValue(2, out var number) ? BinaryPrimitives.ReadInt64LittleEndian(number) : 0;
            points.Add((Encoding.UTF8.GetString(value[1]), step, tensor.TryGetValue(4, out var single) ? BinaryPrimitives.ReadSingleLittleEndian(single) : float.NaN, tensor.TryGetValue(8, out var text) ? Encoding.UTF8.GetString(text) : ""));
        }
        return points;
    }

    /// <summary>The fields of a protocol buffers message; a number as eight bytes.</summary>
    private static Dictionary<int, byte[]> Fields(byte[] message)
    {
        var fields = new Dictionary<int, byte[]>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            fields[(int)(tag >> 3)] = (tag & 7) switch
            {
                0 => BitConverter.GetBytes(Varint(message, ref at)),
                1 => message[at..(at += 8)],
                2 => (int)Varint(message, ref at) is var length ? message[at..(at += length)] : [],
                _ => throw new InvalidDataException($"wire type {tag & 7}"),
            };
        }
        return fields;
    }

    private static ulong Varint(byte[] bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }
    }
}

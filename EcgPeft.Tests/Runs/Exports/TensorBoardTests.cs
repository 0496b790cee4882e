using System.Buffers.Binary;
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

    /// <summary>The test vectors of CRC-32C in RFC 3720, B.4, masked as <c>tsl/lib/hash/crc32c.h</c> says.</summary>
    [Theory]
    [InlineData(0x00, 0, 0x8a9136aau)]
    [InlineData(0xff, 0, 0x62a8ab43u)]
    [InlineData(0x00, 1, 0x46dd794eu)]
    [InlineData(0x1f, -1, 0x113fdb5cu)]
    public void The_checksum_is_the_published_one(int first, int rise, uint crc)
    {
        var bytes = Enumerable.Range(0, 32).Select(i => (byte)(first + rise * i)).ToArray();
        Assert.Equal(((crc >> 15) | (crc << 17)) + 0xa282ead8, TensorBoardFile.MaskedCrc(bytes));
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
            // TensorFlow's own message definitions, as TorchSharp has them compiled.
            var read = Tensorboard.Event.Parser.ParseFrom(data);
            foreach (var value in read.Summary?.Value ?? [])
                points.Add((value.Tag, read.Step, value.Tensor.TensorContent is { Length: 4 } single ? BinaryPrimitives.ReadSingleLittleEndian(single.Span) : float.NaN, value.Tensor.StringVal is [var text] ? text.ToStringUtf8() : ""));
        }
        return points;
    }
}

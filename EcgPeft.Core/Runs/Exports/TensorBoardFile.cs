using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace EcgPeft.Core.Runs.Exports;

/// <summary>
/// A TensorBoard event file: TFRecords (length, masked CRC-32C, data, masked CRC-32C; TensorFlow's <c>record_writer.h</c>) of
/// <c>tensorflow.Event</c> messages (<c>event.proto</c>, <c>summary.proto</c>), written as TensorFlow 2 writes them.
/// </summary>
public sealed class TensorBoardFile : IDisposable
{
    private const int FloatType = 1, StringType = 7; // DataType in types.proto

    private readonly Stream _stream;

    /// <summary>Begins a file.</summary>
    /// <param name="stream">Where to; disposed with this.</param>
    /// <param name="timeUtc">When the run began, UTC.</param>
    public TensorBoardFile(Stream stream, DateTime timeUtc)
    {
        _stream = stream;
        Record(Event(timeUtc).Text(3, "brain.Event:2"));
    }

    /// <summary>One point of a curve.</summary>
    /// <param name="tag">The curve; what stands before a slash groups curves.</param>
    /// <param name="step">Step on the x-axis.</param>
    /// <param name="timeUtc">When, UTC.</param>
    /// <param name="value">The value; TensorBoard keeps single precision.</param>
    public void Scalar(string tag, long step, DateTime timeUtc, double value)
    {
        Span<byte> single = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(single, (float)value);
        var tensor = new ProtoBytes().Number(1, FloatType).Message(2, new()).Bytes(4, single);
        Summary(tag, step, timeUtc, tensor, "scalars");
    }

    /// <summary>A text, shown as Markdown.</summary>
    /// <param name="tag">Its title.</param>
    /// <param name="step">Step that it belongs to.</param>
    /// <param name="timeUtc">When, UTC.</param>
    /// <param name="markdown">The text.</param>
    public void Text(string tag, long step, DateTime timeUtc, string markdown)
    {
        var tensor = new ProtoBytes().Number(1, StringType).Message(2, new()).Bytes(8, Encoding.UTF8.GetBytes(markdown));
        Summary(tag, step, timeUtc, tensor, "text");
    }

    /// <summary>Ends the file.</summary>
    public void Dispose() => _stream.Dispose();

    /// <summary>The CRC-32C of some bytes, rotated and offset, since a CRC of data that holds its own CRC is no good check.</summary>
    /// <param name="bytes">The bytes.</param>
    public static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var next in bytes) crc = BitOperations.Crc32C(crc, next);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }

    private void Summary(string tag, long step, DateTime timeUtc, ProtoBytes tensor, string plugin)
    {
        var metadata = new ProtoBytes().Message(1, new ProtoBytes().Text(1, plugin));
        var value = new ProtoBytes().Text(1, tag).Message(8, tensor).Message(9, metadata);
        Record(Event(timeUtc).Number(2, step).Message(5, new ProtoBytes().Message(1, value)));
    }

    private static ProtoBytes Event(DateTime timeUtc) => new ProtoBytes().Double(1, (timeUtc - DateTime.UnixEpoch).Ticks / (double)TimeSpan.TicksPerSecond);

    private void Record(ProtoBytes message)
    {
        var data = message.ToArray();
        Span<byte> header = stackalloc byte[12], footer = stackalloc byte[4];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], MaskedCrc(header[..8]));
        BinaryPrimitives.WriteUInt32LittleEndian(footer, MaskedCrc(data));
        _stream.Write(header);
        _stream.Write(data);
        _stream.Write(footer);
    }
}

using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace EcgPeft.Tests.Checkpoints;

/// <summary>Writes small pickles and torch.save archives by hand, good and bad ones.</summary>
internal static class TorchBytes
{
    public static byte[] Join(params IEnumerable<byte>[] parts) => [.. parts.SelectMany(p => p)];

    public static byte[] Op(string text) => Encoding.Latin1.GetBytes(text);

    public static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        return Join(Op("X"), length, bytes);
    }

    public static byte[] Number(int number)
    {
        var bytes = new byte[5];
        bytes[0] = (byte)'J';
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), number);
        return bytes;
    }

    public static byte[] Global(string module, string name) => Op($"c{module}\n{name}\n");

    public static byte[] Tuple(params byte[][] items) => Join(Op("("), Join(items), Op("t"));

    public static byte[] Call(byte[] callable, params byte[][] arguments) => Join(callable, Tuple(arguments), Op("R"));

    public static byte[] Storage(string type, string key, int count) => Join(Tuple(Text("storage"), Global("torch", type), Text(key), Text("cpu"), Number(count)), Op("Q"));

    public static byte[] Tensor(byte[] storage, int offset, int[] shape, int[] strides) => Call(
        Global("torch._utils", "_rebuild_tensor_v2"), storage, Number(offset), Tuple([.. shape.Select(Number)]), Tuple([.. strides.Select(Number)]), Op("\u0089"), Call(Global("collections", "OrderedDict")));

    public static byte[] Dictionary(params (string Key, byte[] Value)[] items) => Join(Op("}("), Join([.. items.Select(i => Join(Text(i.Key), i.Value))]), Op("u"));

    /// <summary>PROTO 2, the value, STOP.</summary>
    public static byte[] Pickle(params byte[][] value) => Join(Op("\u0080\u0002"), Join(value), Op("."));

    public static byte[] Archive(byte[] pickle, params (string Key, byte[] Data)[] storages) => Archive(CompressionLevel.NoCompression, pickle, storages);

    public static byte[] Archive(CompressionLevel level, byte[] pickle, params (string Key, byte[] Data)[] storages) =>
        Zip(level, [("archive/data.pkl", pickle), .. storages.Select(s => ($"archive/data/{s.Key}", s.Data)), ("archive/byteorder", Op("little"))]);

    public static byte[] Zip(CompressionLevel level, params (string Name, byte[] Data)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, data) in entries)
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(data);
            }
        }
        return stream.ToArray();
    }

    public static byte[] Floats(params float[] values)
    {
        var bytes = new byte[values.Length * 4];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        return bytes;
    }
}

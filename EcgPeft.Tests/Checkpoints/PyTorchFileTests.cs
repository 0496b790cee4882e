using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;
using EcgPeft.Core.Checkpoints;
using EcgPeft.Core.Checkpoints.Pickle;
using TorchSharp;
using static EcgPeft.Tests.Checkpoints.TorchBytes;

namespace EcgPeft.Tests.Checkpoints;

public sealed class PyTorchFileTests
{
    private static readonly byte[] SixFloats = Floats(0, 1, 2, 3, 4, 5);

    [Fact]
    public void Tensors_are_views_of_shared_storages()
    {
        using var scope = torch.NewDisposeScope();
        var memoized = Join(Storage("FloatStorage", "0", 6), Op("q\u0007"));
        var bytes = Archive(
            Pickle(Dictionary(
                ("whole", Tensor(memoized, 0, [2, 3], [3, 1])),
                ("transposed", Tensor(Op("h\u0007"), 0, [3, 2], [1, 3])),
                ("column", Tensor(Op("h\u0007"), 1, [2], [3])),
                ("scalar", Tensor(Op("h\u0007"), 5, [], [])),
                ("tail", Tensor(Op("h\u0007"), 3, [1, 3], [99, 1])),
                ("none", Tensor(Op("h\u0007"), 6, [0, 4], [4, 1])))),
            ("0", SixFloats));
        using var file = PyTorchFile.Open(bytes, "test");
        var whole = torch.arange(6f).reshape(2, 3);
        TensorAssert.Identical(whole, file.Read("whole"));
        TensorAssert.Identical(whole.t().contiguous(), file.Read("transposed"));
        TensorAssert.Identical(torch.tensor(new[] { 1f, 4f }), file.Read("column"));
        TensorAssert.Identical(torch.tensor(5f), file.Read("scalar"));
        TensorAssert.Identical(torch.tensor(new[] { 3f, 4f, 5f }).reshape(1, 3), file.Read("tail"));
        TensorAssert.Identical(torch.empty(0, 4), file.Read("none"));
        Assert.Equal([3L, 2L], file.Entries["transposed"].Shape);
        Assert.Equal(24, file.Entries["transposed"].ByteLength);
    }

    [Fact]
    public void Parameters_and_tensors_with_their_own_element_type_are_read()
    {
        using var scope = torch.NewDisposeScope();
        var parameter = Call(Global("torch._utils", "_rebuild_parameter"), Tensor(Storage("FloatStorage", "0", 6), 0, [6], [1]), Op("\u0088"), Call(Global("collections", "OrderedDict")));
        var typed = Call(Global("torch._utils", "_rebuild_tensor_v3"), Storage("UntypedStorage", "0", 24), Number(1), Tuple(Number(5)), Tuple(Number(1)), Op("\u0089"), Call(Global("collections", "OrderedDict")), Global("torch", "float32"));
        using var file = PyTorchFile.Open(Archive(Pickle(Dictionary(("p", parameter), ("t", typed))), ("0", SixFloats)), "test");
        TensorAssert.Identical(torch.arange(6f), file.Read("p"));
        TensorAssert.Identical(torch.arange(1f, 6f), file.Read("t"));
    }

    [Fact]
    public void The_section_is_the_one_asked_for_or_the_one_that_holds_tensors()
    {
        var one = Dictionary(("w", Tensor(Storage("FloatStorage", "0", 6), 0, [6], [1])));
        var two = Dictionary(("v", Tensor(Storage("FloatStorage", "0", 6), 0, [2], [1])));
        var bytes = Archive(Pickle(Dictionary(("cfg", Dictionary(("a", Number(1)))), ("model", one), ("ema", two))), ("0", SixFloats));
        using var usual = PyTorchFile.Open(bytes, "test");
        Assert.Equal(["w"], usual.Entries.Keys);
        using var named = PyTorchFile.Open(bytes, "test", "ema");
        Assert.Equal(["v"], named.Entries.Keys);
        Assert.Contains("'ema'", Assert.Throws<CheckpointException>(() => PyTorchFile.Open(bytes, "test", "optimizer")).Message);
        Assert.Contains("'cfg'", Assert.Throws<CheckpointException>(() => PyTorchFile.Open(Archive(Pickle(Dictionary(("cfg", Number(1))))), "test")).Message);
    }

    [Fact]
    public void The_format_before_PyTorch_1_6_is_read()
    {
        using var scope = torch.NewDisposeScope();
        var count = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(count, 6);
        var storage = Join(Tuple(Text("storage"), Global("torch", "FloatStorage"), Text("9431"), Text("cpu"), Number(6), Op("N")), Op("Q"));
        var bytes = Join(
            Op("\u0080\u0002\u008a\u000a\u006c\u00fc\u009c\u0046\u00f9\u0020\u006a\u00a8\u0050\u0019."),
            Pickle(Number(1001)),
            Pickle(Dictionary(("protocol_version", Number(1001)), ("little_endian", Op("\u0088")))),
            Pickle(Dictionary(("w", Tensor(storage, 2, [2, 2], [1, 2])))),
            Pickle(Op("]"), Text("9431"), Op("a")),
            count,
            SixFloats);
        using var file = PyTorchFile.Open(bytes, "test");
        TensorAssert.Identical(torch.tensor(new[] { 2f, 4f, 3f, 5f }).reshape(2, 2), file.Read("w"));
        Assert.Throws<CheckpointException>(() => PyTorchFile.Open(bytes.AsMemory(0, bytes.Length - 1), "test"));
    }

    [Fact]
    public void A_configuration_becomes_plain_values()
    {
        var dtype = Join(Call(Global("numpy", "dtype"), Text("f8"), Op("\u0089"), Op("\u0088")), Tuple(Number(3), Text("<"), Op("NNN"), Number(-1), Number(-1), Number(0)), Op("b"));
        var scalar = Call(Global("numpy.core.multiarray", "scalar"), dtype, Call(Global("_codecs", "encode"), Text("\0\0\0\0\0\0ø?"), Text("latin1")));
        var space = Join(Global("argparse", "Namespace"), Op(")\u0081"), Dictionary(("rate", Number(500)), ("loss", scalar), ("names", Join(Op("]("), Text("I"), Text("II"), Op("e")))), Op("b"));
        using var file = PyTorchFile.Open(Archive(Pickle(Dictionary(("model", Dictionary(("w", Tensor(Storage("FloatStorage", "0", 6), 0, [6], [1])))), ("args", space))), ("0", SixFloats)), "test");
        Assert.True(file.Has("args"));
        Assert.Equal("""{"rate":500,"loss":1.5,"names":["I","II"]}""", JsonSerializer.Serialize(file.Config("args")));
        Assert.Contains("'cfg'", Assert.Throws<CheckpointException>(() => file.Config("cfg")).Message);
        Assert.IsType<PickleObject>(((PickleDictionary)file.Root!).TryGet("args", out var inert) ? inert : null);
    }

    [Theory]
    [InlineData(0, new[] { 7 }, new[] { 1 })]
    [InlineData(1, new[] { 6 }, new[] { 1 })]
    [InlineData(0, new[] { 2, 3 }, new[] { 4, 1 })]
    [InlineData(0, new[] { 1_000_000, 1_000 }, new[] { 0, 0 })]
    [InlineData(-1, new[] { 2 }, new[] { 1 })]
    [InlineData(0, new[] { 2 }, new[] { -1 })]
    [InlineData(0, new[] { 2 }, new[] { 1, 1 })]
    [InlineData(0, new[] { 0, int.MaxValue, int.MaxValue, int.MaxValue }, new[] { 1, 1, 1, 1 })]
    public void A_view_outside_its_storage_is_refused(int offset, int[] shape, int[] strides)
    {
        var bytes = Archive(Pickle(Dictionary(("w", Tensor(Storage("FloatStorage", "0", 6), offset, shape, strides)))), ("0", SixFloats));
        Assert.Contains("storage '0'", Assert.Throws<CheckpointException>(() => PyTorchFile.Open(bytes, "test")).Message);
    }

    [Fact]
    public void Archives_that_torch_does_not_write_are_refused()
    {
        var pickle = Pickle(Dictionary(("w", Tensor(Storage("FloatStorage", "0", 6), 0, [6], [1]))));
        Refused("'w' is missing", Archive(pickle));
        Refused("fewer than announced", Archive(pickle, ("0", SixFloats[..23])));
        Refused("compressed", Archive(CompressionLevel.Optimal, pickle, ("0", new byte[1 << 20])));
        Refused("stands twice", Archive(pickle, ("0", SixFloats), ("0", SixFloats)));
        Refused("TorchScript", Zip(CompressionLevel.NoCompression, ("m/data.pkl", pickle), ("m/constants.pkl", pickle)));
        Refused("big-endian", Zip(CompressionLevel.NoCompression, ("m/data.pkl", pickle), ("m/byteorder", Op("big"))));
        Refused("exactly one data.pkl", Zip(CompressionLevel.NoCompression, ("m/data.pkl", pickle), ("n/data.pkl", pickle)));
        Refused("torch.save", Op("just some text"));
        Refused("torch.save", []);
        Refused("end of the archive", Archive(pickle, ("0", SixFloats))[..^1]);
    }

    private static void Refused(string message, byte[] bytes) => Assert.Contains(message, Assert.Throws<CheckpointException>(() => PyTorchFile.Open(bytes, "test")).Message);
}

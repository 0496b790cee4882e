using EcgPeft.Core.Checkpoints;
using TorchSharp;
using static EcgPeft.Tests.Checkpoints.TorchBytes;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Checkpoints;

/// <summary>Damaged files: the outcome is the tensors or one clear error, never anything else, and memory stays in proportion to the file.</summary>
public sealed class FuzzTests
{
    private const int Files = 20_000;
    private const long MostAllocated = 40L << 20; // for files of a few kilobytes; the readers' own fixed allowance is 16 MB

    [Fact]
    public void Mutated_safetensors_files()
    {
        using var scope = torch.NewDisposeScope();
        var path = Path.Combine(TestData.TemporaryFolder(), "seed.safetensors");
        SafetensorsWriter.Write(path, Enumerable.Range(0, 6).Select(i => KeyValuePair.Create($"layers.{i}.weight", torch.ones(i, 3, i % 2 == 0 ? ScalarType.Float32 : ScalarType.Float16))));
        Fuzz([File.ReadAllBytes(path)], bytes => SafetensorsFile.Open(bytes, "fuzz"), structured: 400);
    }

    [Fact]
    public void Mutated_PyTorch_files() => Fuzz([Archived(Seed())], bytes => PyTorchFile.Open(bytes, "fuzz"), structured: 2000);

    [Fact]
    public void Mutated_pickles_inside_sound_archives() => Fuzz([Seed()], bytes => PyTorchFile.Open(Archived(bytes), "fuzz"), structured: 2000);

    [Fact]
    public void Mutated_files_of_the_old_PyTorch_format() => Fuzz(
        [Join(Op("\u0080\u0002\u008a\u000a\u006c\u00fc\u009c\u0046\u00f9\u0020\u006a\u00a8\u0050\u0019."), Pickle(Number(1001)), Pickle(Dictionary(("little_endian", Op("\u0088")))), Seed(), Pickle(Op("]"), Text("0"), Op("a")), [12, 0, 0, 0, 0, 0, 0, 0], new byte[48])],
        bytes => PyTorchFile.Open(bytes, "fuzz"),
        structured: 2000);

    [Fact]
    public void Random_bytes_of_every_format()
    {
        var random = new Random(5);
        for (var i = 0; i < 3000; i++)
        {
            var bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            Outcome(() => SafetensorsFile.Open(bytes, "fuzz"));
            Outcome(() => PyTorchFile.Open(bytes, "fuzz"));
            Outcome(() => PyTorchFile.Open(Archived(bytes), "fuzz"));
        }
    }

    private static void Fuzz(byte[][] seeds, Func<byte[], TensorFile> open, int structured)
    {
        var random = new Random(17);
        int read = 0, refused = 0;
        for (var i = 0; i < Files; i++)
        {
            var bytes = Mutation.Of(seeds[i % seeds.Length], random, structured);
            var before = GC.GetAllocatedBytesForCurrentThread();
            if (Outcome(() => open(bytes))) read++;
            else refused++;
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
        }
        // Both must occur, or the mutations test nothing.
        Assert.True(read > Files / 100 && refused > Files / 100, $"{read} files were read and {refused} refused.");
    }

    /// <summary>True if every tensor was read, false if the file was refused; any other exception fails the test.</summary>
    private static bool Outcome(Func<TensorFile> open)
    {
        try
        {
            using var file = open();
            foreach (var name in file.Entries.Keys) file.Read(name).Dispose();
            if (file is PyTorchCheckpoint checkpoint && checkpoint.Has("cfg")) checkpoint.Config("cfg");
            return true;
        }
        catch (CheckpointException)
        {
            return false;
        }
    }

    private static byte[] Archived(byte[] pickle) => Archive(pickle, ("0", new byte[48]));

    private static byte[] Seed() => Pickle(Dictionary(
        ("cfg", Dictionary(
            ("space", Join(Global("argparse", "Namespace"), Op(")\u0081"), Dictionary(("a", Number(1)), ("b", Join(Op("]("), Number(1), Op("G?\u00f8\0\0\0\0\0\0"), Op("N\u0088e")))), Op("b"))),
            ("omega", Join(Global("omegaconf.dictconfig", "DictConfig"), Op(")\u0081"), Dictionary(("_content", Dictionary(("x", Number(3))))), Op("b"))),
            ("text", Op("V\u00e9\n")), ("long", Op("\u008a\u0003\u0001\u0002\u0003")), ("set", Op("\u008f(NK\u0001\u0090")), ("bytes", Op("C\u0002ab")))),
        ("model", Dictionary(
            ("a", Tensor(Join(Storage("FloatStorage", "0", 12), Op("q\u0007")), 0, [3, 4], [4, 1])),
            ("b", Tensor(Op("h\u0007"), 1, [3, 2], [1, 3])),
            ("c", Tensor(Op("h\u0007"), 0, [], []))))));
}

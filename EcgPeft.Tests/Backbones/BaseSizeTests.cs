using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Tests.Checkpoints;

namespace EcgPeft.Tests.Backbones;

/// <summary>Models of base size load from the files that authors publish, with a peak of memory near the file's size.</summary>
public sealed class BaseSizeTests
{
    private const double MostPerByte = 1.15; // of memory for each byte of the file: the model itself, and one tensor on its way

    private readonly string _folder = TestData.TemporaryFolder();

    [Fact]
    public void Wav2Vec2_base_from_safetensors() => Loads("wav2vec2-base", "model.safetensors", WriteSafetensors);

    [Fact]
    public void Ecg_fm_from_a_fairseq_file() => Loads("ecg-fm", "checkpoint.pt", WriteTorch);

    private void Loads(string model, string weights, Action<string, IReadOnlyList<(string Name, long[] Shape)>> write)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The peak of a process's memory can be set back on Linux only.");
        var approved = Path.Combine(TestData.RepositoryRoot(), "EcgPeft.Tests", "Backbones", "Approved", $"{model}.txt");
        var path = Path.Combine(_folder, weights);
        File.Copy(Path.Combine(TestData.RepositoryRoot(), "EcgPeft.Core", "Backbones", "Catalogue", "Configs", $"{model}.json"), Path.Combine(_folder, "config.json"));
        write(path, [.. File.ReadLines(approved).Select(line => line.Split(" [")).Select(parts => (parts[0], parts[1].TrimEnd(']').Split(", ").Select(size => long.Parse(size, CultureInfo.InvariantCulture)).ToArray()))]);
        var size = new FileInfo(path).Length;
        // The libraries' own memory is not the file's.
        ModelFolder.Load(Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First()), null).Dispose();

        GC.Collect();
        File.WriteAllText("/proc/self/clear_refs", "5"); // sets the peak back to what is used now
        var before = Status("VmRSS");
        using (var classifier = ModelFolder.Load(_folder, new SeededWeights(1)))
            Assert.True(classifier.Backbone.parameters().Sum(p => p.numel()) > 90_000_000);
        var peak = Status("VmHWM") - before;
        Directory.Delete(_folder, recursive: true);
        Assert.True(peak < MostPerByte * size, $"Loading {size >> 20} MB took {peak >> 20} MB of memory at its peak.");
    }

    private static long Status(string name) =>
        1024 * long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    private static void WriteSafetensors(string path, IReadOnlyList<(string Name, long[] Shape)> tensors)
    {
        long end = 0;
        var header = JsonSerializer.SerializeToUtf8Bytes(tensors.ToDictionary(t => t.Name, t => (object)new { dtype = "F32", shape = t.Shape, data_offsets = new[] { end, end += Bytes(t.Shape) } }));
        using var file = new FileStream(path, FileMode.CreateNew);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        file.Write(length);
        file.Write(header);
        foreach (var (_, shape) in tensors) Fill(file, Bytes(shape));
    }

    private static void WriteTorch(string path, IReadOnlyList<(string Name, long[] Shape)> tensors)
    {
        using var file = new FileStream(path, FileMode.CreateNew);
        using var zip = new ZipArchive(file, ZipArchiveMode.Create);
        using (var pickle = zip.CreateEntry("archive/data.pkl", CompressionLevel.NoCompression).Open())
            pickle.Write(TorchArchive.PickleOf([.. tensors.Select(t => (t.Name, t.Shape, "FloatStorage"))], path.EndsWith(".pt", StringComparison.Ordinal) ? "model" : null));
        for (var i = 0; i < tensors.Count; i++)
        {
            using var storage = zip.CreateEntry($"archive/data/{i}", CompressionLevel.NoCompression).Open();
            Fill(storage, Bytes(tensors[i].Shape));
        }
        using var order = zip.CreateEntry("archive/byteorder", CompressionLevel.NoCompression).Open();
        order.Write(Encoding.ASCII.GetBytes("little"));
    }

    private static long Bytes(long[] shape) => shape.Aggregate(4L, (n, size) => n * size);

    /// <summary>Small floats that are no zeros: pages of zeros might not count as used.</summary>
    private static void Fill(Stream stream, long bytes)
    {
        var block = TorchBytes.Floats([.. Enumerable.Range(1, 1 << 18).Select(i => i * 1e-7f)]);
        for (; bytes > 0; bytes -= block.Length) stream.Write(block, 0, (int)Math.Min(bytes, block.Length));
    }
}

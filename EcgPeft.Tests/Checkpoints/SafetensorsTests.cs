using System.Buffers.Binary;
using System.Text;
using EcgPeft.Core;
using EcgPeft.Core.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Checkpoints;

public sealed class SafetensorsTests
{
    public static IEnumerable<ScalarType> Types =>
    [
        ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64,
        ScalarType.Int32, ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
    ];

    public static TheoryData<string> GoldenFiles() => 
        [.. Directory.EnumerateFiles(TestData.Golden, "*.safetensors", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(TestData.Golden, f)).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(GoldenFiles)), Trait("Category", "Golden")]
    public void A_rewritten_file_holds_the_same_tensors_and_for_files_of_the_Python_library_the_same_bytes(string relative)
    {
        using var scope = torch.NewDisposeScope();
        var source = Path.Combine(TestData.Golden, relative);
        var copy = Path.Combine(TestData.TemporaryFolder(), "copy.safetensors");
        using (var file = SafetensorsFile.Open(source))
        {
            SafetensorsWriter.Write(copy, file.Entries.Keys.Select(name => KeyValuePair.Create(name, file.Read(name))), file.Metadata);
        }
        using (var expected = SafetensorsFile.Open(source))
        using (var actual = SafetensorsFile.Open(copy)) TensorAssert.SameTensors(expected, actual);
        // These two are written by transformers and peft; other golden files may come from other writers.
        if (Path.GetFileName(source) is "model.safetensors" or "adapter_model.safetensors") Assert.Equal(File.ReadAllBytes(source), File.ReadAllBytes(copy));
    }

    [Fact]
    public void Every_element_type_scalars_and_empty_tensors_come_back_as_written()
    {
        using var scope = torch.NewDisposeScope();
        var written = Types.ToDictionary(t => $"t.{t}", t => torch.arange(6).reshape(2, 3).to(t));
        written["scalar"] = torch.tensor(2.5f);
        written["empty"] = torch.empty(0, 7);
        written["transposed"] = torch.arange(12f).reshape(3, 4).t();
        var path = Path.Combine(TestData.TemporaryFolder(), "all.safetensors");

        SafetensorsWriter.Write(path, written);

        using var file = SafetensorsFile.Open(path);
        Assert.Equal(written.Count, file.Entries.Count);
        Assert.Equal("pt", file.Metadata["format"]);
        foreach (var (name, tensor) in written) TensorAssert.Identical(tensor.contiguous(), file.Read(name));
    }

    [Fact]
    public void Taken_tensors_lie_over_the_file_outlive_it_and_never_change_it()
    {
        using var scope = torch.NewDisposeScope();
        var path = Path.Combine(TestData.TemporaryFolder(), "all.safetensors");
        var written = Types.ToDictionary(t => $"t.{t}", t => torch.arange(6).reshape(2, 3).to(t));
        written["scalar"] = torch.tensor(2.5f);
        written["empty"] = torch.empty(0, 7);
        SafetensorsWriter.Write(path, written);
        var bytes = File.ReadAllBytes(path);

        var taken = new Dictionary<string, Tensor>();
        using (var file = SafetensorsFile.Open(path))
            foreach (var (name, tensor) in written) taken[name] = file.Take(name, tensor.dtype);
        foreach (var (name, tensor) in written) TensorAssert.Identical(tensor, taken[name]);
        foreach (var tensor in taken.Values) tensor.zero_();
        Assert.All(taken.Values, tensor => Assert.False(tensor.to(ScalarType.Float64).count_nonzero().item<long>() > 0));
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public void Reading_as_another_type_converts()
    {
        using var scope = torch.NewDisposeScope();
        var path = Path.Combine(TestData.TemporaryFolder(), "half.safetensors");
        var half = torch.tensor(new[] { 1f, -0.5f, 65504f }).to(ScalarType.Float16);
        SafetensorsWriter.Write(path, [KeyValuePair.Create("w", half)]);
        using var file = SafetensorsFile.Open(path);
        TensorAssert.Identical(half.to(ScalarType.Float32), file.Read("w", ScalarType.Float32));
    }

    [Fact]
    public void The_same_tensors_in_another_order_give_the_same_bytes_and_nothing_else_is_left_in_the_folder()
    {
        using var scope = torch.NewDisposeScope();
        var folder = TestData.TemporaryFolder();
        var a = KeyValuePair.Create("a", torch.ones(3));
        var b = KeyValuePair.Create("b", torch.zeros(2, ScalarType.Int64));
        SafetensorsWriter.Write(Path.Combine(folder, "1"), [a, b]);
        SafetensorsWriter.Write(Path.Combine(folder, "2"), [b, a]);
        SafetensorsWriter.Write(Path.Combine(folder, "2"), [b, a]);
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder, "1")), File.ReadAllBytes(Path.Combine(folder, "2")));
        Assert.Equal(2, Directory.GetFiles(folder).Length);
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(Path.Combine(folder, "1"))) % 8);
    }

    [Fact]
    public void A_missing_tensor_is_named_with_its_file()
    {
        var path = Path.Combine(TestData.TemporaryFolder(), "one.safetensors");
        using var w = torch.ones(1);
        SafetensorsWriter.Write(path, [KeyValuePair.Create("w", w)]);
        using var file = SafetensorsFile.Open(path);
        var error = Assert.Throws<CheckpointException>(() => file.Read("encoder.w"));
        Assert.IsAssignableFrom<UserInputException>(error);
        Assert.Contains("'encoder.w'", error.Message);
        Assert.Contains(path, error.Message);
    }

    [Fact]
    public void An_absent_file_and_a_folder_that_cannot_be_written_are_named()
    {
        var path = Path.Combine(TestData.TemporaryFolder(), "absent", "model.safetensors");
        Assert.Contains(path, Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path)).Message);
        Assert.Contains(path, Assert.Throws<CheckpointException>(() => SafetensorsWriter.Write(path, [])).Message);
        Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(Path.GetDirectoryName(Path.GetDirectoryName(path))!));
    }

    [Fact]
    public void Reading_leaves_no_native_memory_behind()
    {
        using var w = torch.ones(40, 50, ScalarType.BFloat16);
        var path = Path.Combine(TestData.TemporaryFolder(), "w.safetensors");
        SafetensorsWriter.Write(path, [KeyValuePair.Create("w", w)]);
        using var file = SafetensorsFile.Open(path);
        var before = Tensor.TotalCount;
        file.Read("w").Dispose();
        file.Read("w", ScalarType.Float64).Dispose();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, null)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"later":{"x":[1]}},"__metadata__":{"k":"v"}}   """, 8, null)]
    [InlineData("{}", 0, null)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "7 after the header")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "9 after the header")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "shape [3]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "'a'")]
    [InlineData("""{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}""", 0, "'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, "'a'")]
    [InlineData("""{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}""", 8, "F31")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "backwards")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, "data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,8]}}""", 8, "lacks")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3, "'b'")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}}""", 5, "'b'")]
    [InlineData("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 2, "twice")]
    [InlineData("""{"a":5}""", 0, "'a'")]
    [InlineData("""{"__metadata__":{"k":1}}""", 0, "'k'")]
    [InlineData("""[{"a":1}]""", 0, "'{'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} x""", 8, "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2""", 8, "JSON")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "JSON")]
    public void Headers_are_checked_as_the_reference_implementation_does(string json, int data, string? error)
    {
        var header = Encoding.UTF8.GetBytes(json);
        var bytes = new byte[8 + header.Length + data];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, header.Length);
        header.CopyTo(bytes, 8);
        if (error is null) SafetensorsFile.Open(bytes, "test").Dispose();
        else Assert.Contains(error, Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(bytes, "test")).Message);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(9UL)]
    [InlineData(100_000_001UL)]
    [InlineData(ulong.MaxValue)]
    public void Header_lengths_that_cannot_be_are_refused(ulong length)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(bytes, "test"));
        Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(bytes.AsMemory(0, 7), "test"));
    }
}

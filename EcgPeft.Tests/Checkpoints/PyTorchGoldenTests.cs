using System.Text.Json;
using EcgPeft.Core.Checkpoints;

namespace EcgPeft.Tests.Checkpoints;

[Trait("Category", "Golden")]
public sealed class PyTorchGoldenTests
{
    public static TheoryData<string> Pairs() => Files("*.bin", f => File.Exists(Twin(f)));

    public static TheoryData<string> Checkpoints() => Files("checkpoint*.pt", _ => true);

    public static TheoryData<string> DescribedCheckpoints() => Files("checkpoint*.pt", f => File.ReadAllText(Path.Combine(Path.GetDirectoryName(f)!, "case.json")).Contains("\"model_cfg\"", StringComparison.Ordinal));

    [Theory, MemberData(nameof(Pairs))]
    public void A_bin_file_holds_the_tensors_of_its_safetensors_twin(string relative)
    {
        var path = Path.Combine(TestData.Golden, relative);
        using var expected = SafetensorsFile.Open(Twin(path));
        using var actual = PyTorchFile.Open(path);
        // transformers writes the positional convolution's weight norm in either of torch's two spellings.
        Assert.Equal(expected.Entries.Keys.Select(OldSpelling).Order(StringComparer.Ordinal), actual.Entries.Keys.Select(OldSpelling).Order(StringComparer.Ordinal));
        var byOldName = actual.Entries.Keys.ToDictionary(OldSpelling);
        foreach (var name in expected.Entries.Keys)
        {
            using var a = expected.Read(name);
            using var b = actual.Read(byOldName[OldSpelling(name)]);
            TensorAssert.Identical(a, b);
        }
    }

    [Theory, MemberData(nameof(Checkpoints))]
    public void Every_spelling_of_a_fairseq_checkpoint_gives_the_same_tensors_and_configuration(string relative)
    {
        var path = Path.Combine(TestData.Golden, relative);
        using var plain = PyTorchFile.Open(Path.Combine(Path.GetDirectoryName(path)!, "checkpoint.pt"), "model");
        using var spelled = PyTorchFile.Open(path);
        Assert.NotEmpty(spelled.Entries);
        TensorAssert.SameTensors(plain, spelled);
        Assert.Equal(JsonSerializer.Serialize(plain.Config("cfg")), JsonSerializer.Serialize(spelled.Config("cfg")));
        Assert.False(spelled.Has("args"));
    }

    [Theory, MemberData(nameof(DescribedCheckpoints))]
    public void The_configuration_is_the_one_that_the_case_describes(string relative)
    {
        var path = Path.Combine(TestData.Golden, relative);
        using var file = PyTorchFile.Open(path);
        var model = JsonSerializer.SerializeToElement(file.Config("cfg")["model"]);
        using var described = JsonDocument.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(path)!, "case.json")));
        foreach (var setting in described.RootElement.GetProperty("model_cfg").EnumerateObject())
        {
            Assert.True(JsonElement.DeepEquals(setting.Value, model.GetProperty(setting.Name)), setting.Name);
        }
        Assert.Equal(described.RootElement.GetProperty("parameters").GetInt64(), file.Entries.Values.Sum(e => e.Shape.Aggregate(1L, (a, b) => a * b)));
    }

    private static string OldSpelling(string name) =>
        name.Replace("parametrizations.weight.original0", "weight_g", StringComparison.Ordinal).Replace("parametrizations.weight.original1", "weight_v", StringComparison.Ordinal);

    private static string Twin(string bin) => Path.Combine(Path.GetDirectoryName(bin)!, Path.GetFileNameWithoutExtension(bin).Replace("pytorch_", "", StringComparison.Ordinal) + ".safetensors");

    private static TheoryData<string> Files(string pattern, Func<string, bool> wanted) =>
        [.. Directory.EnumerateFiles(TestData.Golden, pattern, SearchOption.AllDirectories).Where(wanted).Select(f => Path.GetRelativePath(TestData.Golden, f)).Order(StringComparer.Ordinal)];
}

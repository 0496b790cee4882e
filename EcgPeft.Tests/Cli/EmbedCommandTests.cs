using EcgPeft.Core.Checkpoints;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Cli;

/// <summary><c>ecgpeft embed</c> writes the reference's hidden states and logits, with and without an adapter.</summary>
[Trait("Category", "Golden")]
public sealed class EmbedCommandTests
{
    public static TheoryData<string> Models => [.. TestData.GoldenCases("wav2vec2").Concat(TestData.GoldenCases("hubert"))];

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Hidden_states_and_logits_of_a_model_are_the_reference_s(string name)
    {
        var golden = new GoldenCase(name);
        var expected = golden.Tensors("expected.safetensors");
        foreach (var prefix in new[] { "", "masked." })
        {
            var input = new Dictionary<string, Tensor> { ["input_values"] = expected[$"{prefix}input_values"] };
            if (prefix.Length > 0) input["attention_mask"] = expected["attention_mask"];
            var found = await Embed(input, "--model", golden.Folder);
            Assert.All(found.Where(t => expected.ContainsKey(prefix + t.Key)), t => Numbers.Close(expected[prefix + t.Key].to(ScalarType.Float32), t.Value.to(ScalarType.Float32), golden.Tolerance(), prefix + t.Key));
            Assert.Subset(found.Keys.ToHashSet(), expected.Keys.Where(k => prefix.Length == 0 && (k.StartsWith("hidden", StringComparison.Ordinal) || k is "logits" or "last_hidden_state" or "conv_features")).ToHashSet());
        }
    }

    [Fact]
    public async Task An_adapter_is_applied_and_one_of_another_base_is_refused_by_name()
    {
        var golden = new GoldenCase(TestData.GoldenCases("lora").First(c => File.Exists(Path.Combine(TestData.Golden, c, "adapter_config.json"))));
        var expected = golden.Tensors("expected.safetensors");
        var input = new Dictionary<string, Tensor> { ["input_values"] = expected["input_values"] };
        var found = await Embed(input, "--model", golden.BaseFolder, "--adapter", golden.Folder);
        Numbers.Close(expected["logits"], found["logits"], golden.Tolerance("logits"), "logits");

        var other = TestData.GoldenCases("wav2vec2").Select(c => Path.Combine(TestData.Golden, c)).First(folder => folder != golden.BaseFolder);
        var (code, _, error) = await Run(input, "--model", other, "--adapter", golden.Folder);
        Assert.Equal(2, code);
        Assert.Contains("belongs to the base model", error, StringComparison.Ordinal);
        Assert.Contains(other, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inputs_of_the_wrong_shape_are_refused_in_one_sentence()
    {
        var model = Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First());
        var (code, _, error) = await Run(new Dictionary<string, Tensor> { ["input_values"] = zeros(2, 12, 600) }, "--model", model);
        Assert.Equal((2, "takes [segments, samples]"), (code, error.Contains("takes [segments, samples]", StringComparison.Ordinal) ? "takes [segments, samples]" : error));
        (code, _, error) = await Run(new Dictionary<string, Tensor> { ["samples"] = zeros(2, 600) }, "--model", model);
        Assert.Equal(2, code);
        Assert.Contains("has no tensor input_values", error, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyDictionary<string, Tensor>> Embed(IReadOnlyDictionary<string, Tensor> input, params string[] arguments)
    {
        var output = Path.Combine(TestData.TemporaryFolder(), "out.safetensors");
        var (code, _, error) = await Run(input, [.. arguments, "--out", output]);
        Assert.True(code == 0, error);
        using var file = SafetensorsFile.Open(output);
        return file.Entries.Keys.ToDictionary(key => key, file.Read);
    }

    private static Task<(int Code, string Output, string Error)> Run(IReadOnlyDictionary<string, Tensor> input, params string[] arguments)
    {
        var path = Path.Combine(TestData.TemporaryFolder(), "in.safetensors");
        SafetensorsWriter.Write(path, input);
        string[] output = arguments.Contains("--out") ? [] : ["--out", Path.Combine(TestData.TemporaryFolder(), "out.safetensors")];
        return CliProcess.RunAsync([.. new[] { "embed", "--input", path }, .. arguments, .. output]);
    }
}

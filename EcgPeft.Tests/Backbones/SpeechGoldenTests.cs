using EcgPeft.Core.Backbones;
using EcgPeft.Core.Checkpoints;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Backbones;

/// <summary>wav2vec 2.0 and HuBERT give the hidden states and logits of Hugging Face's implementation.</summary>
[Trait("Category", "Golden")]
public sealed class SpeechGoldenTests
{
    public static TheoryData<string> Cases => [.. TestData.GoldenCases("wav2vec2"), .. TestData.GoldenCases("hubert")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Hidden_states_and_logits_equal_the_reference(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var golden = new GoldenCase(name);
        var expected = golden.Tensors("expected.safetensors");
        using var classifier = ModelFolder.Load(golden.Folder, newHead: null);
        classifier.eval();

        Numbers.Close(expected["conv_features"], classifier.Backbone.ConvFeatures(expected["input_values"]), golden.Tolerance(), "conv_features");
        Compare(classifier, expected, "", expected["input_values"], null, golden.Tolerance());
        Compare(classifier, expected, "masked.", expected["masked.input_values"], expected["attention_mask"], golden.Tolerance());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Parameter_count_equals_the_reference(string name)
    {
        var golden = new GoldenCase(name);
        using var classifier = ModelFolder.Describe(golden.Folder);
        Assert.Equal(golden.Settings.GetProperty("parameters").GetInt64(), classifier.parameters().Sum(p => p.numel()));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Names_and_shapes_are_the_checkpoint_s_keys(string name)
    {
        var folder = new GoldenCase(name).Folder;
        using var classifier = ModelFolder.Describe(folder);
        using var file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        static string Spelled(string key) => key
            .Replace("parametrizations.weight.original0", "weight_g", StringComparison.Ordinal)
            .Replace("parametrizations.weight.original1", "weight_v", StringComparison.Ordinal);
        Assert.Equal(
            file.Entries.Values.Select(e => $"{Spelled(e.Name)} [{string.Join(", ", e.Shape)}]").Order(StringComparer.Ordinal),
            classifier.named_parameters().Select(p => $"{p.name} [{string.Join(", ", p.parameter.shape)}]").Order(StringComparer.Ordinal));
    }

    private static void Compare(SequenceClassifier classifier, IReadOnlyDictionary<string, Tensor> expected, string prefix, Tensor input, Tensor? mask, double tolerance)
    {
        var frames = classifier.Backbone.Embed(input, mask);
        Numbers.Close(expected[$"{prefix}hidden_states.0"], frames.Hidden, tolerance, $"{prefix}hidden_states.0");
        var last = classifier.Backbone.Encode(frames, (i, hidden) => Numbers.Close(expected[$"{prefix}hidden_states.{i + 1}"], hidden, tolerance, $"{prefix}hidden_states.{i + 1}"));
        Numbers.Close(expected[$"{prefix}last_hidden_state"], last, tolerance, $"{prefix}last_hidden_state");
        Numbers.Close(expected[$"{prefix}logits"], classifier.forward(input, mask), tolerance, $"{prefix}logits");
        if (mask is not null)
            Assert.Equal(expected["frame_lengths"].data<long>().ToArray(), frames.FrameMask!.sum(1).data<long>().ToArray());
    }
}

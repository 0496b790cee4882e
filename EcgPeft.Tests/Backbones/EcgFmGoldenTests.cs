using EcgPeft.Core.Backbones;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Backbones;

/// <summary>ECG-FM gives the values of fairseq-signals, from its own checkpoints.</summary>
[Trait("Category", "Golden")]
public sealed class EcgFmGoldenTests
{
    public static TheoryData<string> Checkpoints =>
        [.. TestData.GoldenCases("ecg-fm").SelectMany(c => Directory.EnumerateFiles(Path.Combine(TestData.Golden, c), "*.pt").Select(f => Path.GetRelativePath(TestData.Golden, f))).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Features_and_logits_equal_the_reference(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var path = Path.Combine(TestData.Golden, name);
        var golden = new GoldenCase(Path.GetDirectoryName(name)!);
        var tolerance = golden.Tolerance();
        var fineTuned = golden.Tensors("expected.safetensors").ContainsKey("logits");
        using var classifier = ModelFolder.Load(path, fineTuned ? null : new Core.Backbones.Weights.SeededWeights(1));
        classifier.eval();

        foreach (var file in Directory.EnumerateFiles(golden.Folder, "expected*.safetensors").Select(f => Path.GetFileName(f)!))
        {
            var expected = golden.Tensors(file);
            var padding = expected.GetValueOrDefault("padding_mask");
            if (expected.TryGetValue("conv_features", out var features)) Numbers.Close(features, classifier.Backbone.ConvFeatures(expected["input_values"]), tolerance, $"{file} conv_features");
            if (expected.TryGetValue("x", out var last)) Compare(classifier, expected, expected["input_values"], Real(padding), last, tolerance, file);
            if (expected.TryGetValue("lead_I_only.x", out var single)) Numbers.Close(single, classifier.Backbone.Encode(classifier.Backbone.Embed(expected["lead_I_only.input_values"], null)), tolerance, $"{file} lead_I_only.x");
            if (expected.TryGetValue("logits", out var logits)) Numbers.Close(logits, classifier.forward(expected["input_values"], null), tolerance, $"{file} logits");
            if (expected.TryGetValue("padded.logits", out var padded)) Numbers.Close(padded, classifier.forward(expected["padded.input_values"], Real(expected["padded.padding_mask"])), tolerance, $"{file} padded.logits");
        }
    }

    private static void Compare(SequenceClassifier classifier, IReadOnlyDictionary<string, Tensor> expected, Tensor input, Tensor? mask, Tensor last, double tolerance, string file)
    {
        var frames = classifier.Backbone.Embed(input, mask);
        if (expected.TryGetValue("frame_padding_mask", out var padding))
            Assert.Equal(padding.data<long>().ToArray(), frames.FrameMask!.logical_not().to(ScalarType.Int64).data<long>().ToArray());
        var hidden = classifier.Backbone.Encode(frames, (i, layer) => Numbers.Close(expected[$"layers.{i}"], layer, tolerance, $"{file} layers.{i}"));
        Numbers.Close(last, hidden, tolerance, $"{file} x");
    }

    /// <summary>From padding of every lead (1 = padding, [B, 12, T]) to real samples (1 = real, [B, T]).</summary>
    private static Tensor? Real(Tensor? padding) => padding is null ? null : 1 - padding.select(1, 0);
}

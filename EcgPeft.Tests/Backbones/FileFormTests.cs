using System.Text.Json.Nodes;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Backbones;

/// <summary>Every golden case gives the reference's values from every form of file that a model is published in.</summary>
[Trait("Category", "Golden")]
public sealed class FileFormTests
{
    public static TheoryData<string, FileForm> Cases()
    {
        var data = new TheoryData<string, FileForm>();
        foreach (var name in TestData.GoldenCases("wav2vec2").Concat(TestData.GoldenCases("hubert")).Concat(TestData.GoldenCases("ecg-fm")))
            foreach (var form in Enum.GetValues<FileForm>()) data.Add(name, form);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values_equal_the_reference_s_in_every_spelling_of_names(string name, FileForm form)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var model = new GoldenModel(name);
        foreach (var (newer, prefixed) in new[] { (false, true), (true, true), (false, false), (true, false) })
        {
            var found = Output(form, model, new Spelling(newer, prefixed, ScalarType.Float32));
            Numbers.Close(model.Expected, found, model.Tolerance, $"{(newer ? "parametrizations" : "weight_g")}, {(prefixed ? "with" : "without")} prefix");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Half_precision_files_give_what_their_rounded_values_give(string name, FileForm form)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var model = new GoldenModel(name);
        foreach (var (type, loss) in new[] { (ScalarType.Float16, 1e-2), (ScalarType.BFloat16, 1e-1) })
        {
            var rounded = model.Weights.ToDictionary(t => t.Key, t => t.Value.to(type).to(ScalarType.Float32));
            var expected = Output(CheckpointForm.Write(FileForm.Safetensors, model.Config, rounded), model);
            Numbers.Close(expected, Output(form, model, new Spelling(true, false, type)), 1e-6, $"{type}");
            Numbers.RelativelyClose(model.Expected, expected, loss, $"{type} against the reference");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Parts_of_pre_training_are_listed_and_nothing_else_is_ignored(string name, FileForm form)
    {
        using var scope = NewDisposeScope();
        var model = new GoldenModel(name);
        var backbone = CheckpointForm.Spelled(model.Weights, model.Prefix, model.Prefixed, new Spelling(false, false, ScalarType.Float32))
            .Where(t => !GoldenModel.IsPreTraining(t.Key)).ToDictionary();
        string[] unused = ["final_proj.weight", "mask_emb", "project_q.bias", "quantizer.vars"];
        var folder = CheckpointForm.Write(form, model.Config, backbone.Concat(unused.Select(key => KeyValuePair.Create(key, zeros(3)))).ToDictionary());
        ModelFolder.Load(folder, new SeededWeights(1), out var ignored).Dispose();
        Assert.Equal(unused, ignored);
        Assert.Equal(unused, ModelFolder.Check(folder));

        var missing = backbone.Keys.Order(StringComparer.Ordinal).Skip(7).First();
        Refused($"has no tensor {missing}", backbone.Where(t => t.Key != missing));
        Refused("holds strange.weight", backbone.Append(KeyValuePair.Create("strange.weight", zeros(2))));
        Refused($"holds {missing} as [5, 3]", backbone.Where(t => t.Key != missing).Append(KeyValuePair.Create(missing, zeros(5, 3))));

        void Refused(string message, IEnumerable<KeyValuePair<string, Tensor>> weights)
        {
            var broken = CheckpointForm.Write(form, model.Config, weights.ToDictionary());
            Assert.Contains(message, Assert.ThrowsAny<UserInputException>(() => ModelFolder.Load(broken, new SeededWeights(1))).Message, StringComparison.Ordinal);
            Assert.Contains(message, Assert.ThrowsAny<UserInputException>(() => ModelFolder.Check(broken)).Message, StringComparison.Ordinal);
        }
    }

    /// <summary>facebook/wav2vec2-base-960h is published so.</summary>
    [Fact]
    public void A_checkpoint_without_the_embedding_of_masked_frames_and_with_another_task_s_head_loads()
    {
        using var scope = NewDisposeScope();
        var model = new GoldenModel(TestData.GoldenCases("wav2vec2").First());
        var config = (JsonObject)model.Config.DeepClone();
        config["mask_time_prob"] = 0.05;
        var backbone = model.Weights.Where(t => t.Key.StartsWith(model.Prefix, StringComparison.Ordinal)).ToDictionary();
        ModelFolder.Load(CheckpointForm.Write(FileForm.Safetensors, config, backbone.Append(KeyValuePair.Create("lm_head.weight", zeros(32, 48))).ToDictionary()), new SeededWeights(1), out var ignored).Dispose();
        Assert.Equal(["lm_head.weight"], ignored);

        backbone[$"{model.Prefix}masked_spec_embed"] = ones(config["hidden_size"]!.GetValue<int>());
        using var with = ModelFolder.Load(CheckpointForm.Write(FileForm.Safetensors, config, backbone), new SeededWeights(1), out ignored);
        Assert.Empty(ignored);
        Assert.Contains(with.named_parameters(), p => p.name == $"{model.Prefix}masked_spec_embed");
    }

    private static Tensor Output(FileForm form, GoldenModel model, Spelling spelling) =>
        Output(CheckpointForm.Write(form, model.Config, CheckpointForm.Spelled(model.Weights, model.Prefix, model.Prefixed, spelling)), model);

    private static Tensor Output(string folder, GoldenModel model)
    {
        using var classifier = ModelFolder.Load(folder, new SeededWeights(1));
        classifier.eval();
        var hidden = classifier.Backbone.Encode(classifier.Backbone.Embed(model.Input, null));
        Directory.Delete(folder, recursive: true);
        return hidden;
    }

    /// <summary>A golden case as tensors: what its file holds, and what its backbone gives.</summary>
    private sealed class GoldenModel
    {
        public GoldenModel(string name)
        {
            var golden = new GoldenCase(name);
            Tolerance = golden.Tolerance();
            var speech = Path.Combine(golden.Folder, "model.safetensors");
            var path = File.Exists(speech) ? golden.Folder : Path.Combine(golden.Folder, "checkpoint.pt");
            using (var file = ModelFiles.Find(path).Open()) Weights = file.Entries.Keys.ToDictionary(key => key, file.Read);
            Config = ModelFolder.ConfigurationOf(path);
            using var classifier = ModelFolder.Describe(path);
            Prefix = classifier.BackboneName + ".";
            Prefixed = Weights.Keys.Any(key => !IsPreTraining(key) && key.StartsWith($"{Prefix}feature_extractor.", StringComparison.Ordinal));

            var expected = golden.Tensors("expected.safetensors");
            Input = expected["input_values"];
            // A fine-tuned ECG-FM was recorded by its logits only; its hidden states are those of its own file.
            Expected = expected.GetValueOrDefault("last_hidden_state") ?? (expected.ContainsKey("padding_mask") ? null : expected.GetValueOrDefault("x")) ?? OfItsOwnFile(path, expected);
        }

        public IReadOnlyDictionary<string, Tensor> Weights { get; }

        public JsonObject Config { get; }

        public string Prefix { get; }

        public bool Prefixed { get; }

        public Tensor Input { get; }

        public Tensor Expected { get; }

        public double Tolerance { get; }

        public static bool IsPreTraining(string key) => new[] { "quantizer.", "project_q.", "final_proj.", "mask_emb" }.Any(part => key.StartsWith(part, StringComparison.Ordinal));

        private Tensor OfItsOwnFile(string path, IReadOnlyDictionary<string, Tensor> expected)
        {
            using var classifier = ModelFolder.Load(path, expected.ContainsKey("logits") ? null : new SeededWeights(1));
            classifier.eval();
            if (expected.TryGetValue("logits", out var logits)) Numbers.Close(logits, classifier.forward(Input, null), Tolerance, "logits");
            return classifier.Backbone.Encode(classifier.Backbone.Embed(Input, null));
        }
    }
}

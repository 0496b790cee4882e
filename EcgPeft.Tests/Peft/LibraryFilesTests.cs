using System.Text.Json.Nodes;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.AdaLora;
using EcgPeft.Core.Peft.Ia3;
using EcgPeft.Core.Peft.Lora;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Peft;

/// <summary>Adapter files in the other forms that versions and uses of the PEFT library give them: the same adapter, or one clear sentence.</summary>
public sealed class LibraryFilesTests
{
    private static readonly string Adapter = Path.Combine(TestData.Golden, TestData.GoldenCases("lora").First(c => c.Contains("wav2vec2-base-qv", StringComparison.Ordinal)));
    private static readonly string Base = Path.Combine(TestData.Golden, "wav2vec2", "base");

    /// <summary>Ways to say the same thing in the settings' file.</summary>
    public static TheoryData<string, string> SameSettings => new()
    {
        { "target_modules", """ ".*\\.(q|v)_proj" """ },
        { "target_modules", """ "wav2vec2\\.encoder\\.layers\\.\\d+\\.attention\\.[qv]_proj" """ },
        { "target_modules", """ "encoder\\.layers\\.\\d+\\.attention\\.[qv]_proj" """ },
        { "target_modules", """ ["attention.q_proj", "attention.v_proj"] """ },
        { "layers_to_transform", "[0, 1, 2]" },
        { "rank_pattern", """ {"no_such_module": 2} """ },
        { "rank_pattern", """ {"attention.q_proj": 4} """ },
        { "rank_pattern", """ {"^wav2vec2.encoder.layers.0.attention.q_proj": 4} """ },
        { "alpha_pattern", """ {".*q_proj": 8} """ },
        { "exclude_modules", """ ["k_proj"] """ },
        { "exclude_modules", """ ".*k_proj" """ },
        { "init_lora_weights", "false" },
        { "init_lora_weights", "\"gaussian\"" },
        { "init_lora_weights", "\"eva\"" },
        { "init_lora_weights", "\"orthogonal\"" },
        { "lora_bias", "false" },
        { "loftq_config", "{}" },
        { "bias", "\"lora_only\"" }, // the library from 0.6 on says so and saves no bias
        { "peft_version", "\"0.17.1\"" },
    };

    [Theory]
    [MemberData(nameof(SameSettings))]
    public void The_same_adapter_in_other_words_gives_the_same_outputs(string key, string value)
    {
        var folder = Changed(json =>
        {
            if (key == "alpha_pattern") json["lora_alpha"] = 8; // whatever the case's own is
            json[key] = JsonNode.Parse(value);
        });
        var original = key == "alpha_pattern" ? Changed(json => json["lora_alpha"] = 8) : Adapter;
        Numbers.Close(Logits(original), Logits(folder), 0, "logits");

        using var model = PeftModel.Load(ModelFolder.Load(Base, newHead: null), folder, Base);
        var again = TestData.TemporaryFolder();
        model.SaveAdapter(again, Base);
        var written = JsonNode.Parse(File.ReadAllText(Path.Combine(again, PeftModel.ConfigFile)))!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(value), written[key]), $"{key} became {written[key]?.ToJsonString()}.");
    }

    [Fact]
    public void An_adapter_without_a_head_leaves_the_base_model_s()
    {
        var folder = Changed(json => json["modules_to_save"] = null, tensors => tensors.Where(t => t.Key.Contains("lora_", StringComparison.Ordinal)));
        using var model = PeftModel.Load(ModelFolder.Load(Base, new SeededWeights(5)), folder, Base);
        Assert.Equal(["classifier.bias", "classifier.weight", "projector.bias", "projector.weight"], model.NotInAdapter.Select(t => t.Name));
        Assert.False(model.HasAdapterHead);
        using var whole = PeftModel.Load(ModelFolder.Load(Base, newHead: null), Adapter, Base);
        Assert.True(whole.HasAdapterHead);
        Numbers.Close(Hidden(whole), Hidden(model), 0, "hidden states");

        var listed = Changed(_ => { }, tensors => tensors.Where(t => t.Key.Contains("lora_", StringComparison.Ordinal)));
        Assert.Contains("has no tensor base_model.model.classifier.bias", Assert.Throws<UserInputException>(() => PeftModel.Load(ModelFolder.Load(Base, new SeededWeights(5)), listed, Base)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_that_was_made_on_the_backbone_alone_fits_as_well()
    {
        var folder = Changed(json => json["modules_to_save"] = null, tensors => tensors.Where(t => t.Key.Contains("lora_", StringComparison.Ordinal))
            .Select(t => KeyValuePair.Create(t.Key.Replace("base_model.model.wav2vec2.", "base_model.model.", StringComparison.Ordinal), t.Value)));
        using var model = PeftModel.Load(ModelFolder.Load(Base, new SeededWeights(5)), folder, Base);
        using var whole = PeftModel.Load(ModelFolder.Load(Base, newHead: null), Adapter, Base);
        Numbers.Close(Hidden(whole), Hidden(model), 0, "hidden states");
    }

    [Fact]
    public void Biases_are_read_under_the_old_and_the_new_name_and_the_library_s_copies_passed_over()
    {
        var ours = TestData.TemporaryFolder();
        using (var model = PeftModel.Inject(ModelFolder.Load(Base, new SeededWeights(5)), new LoraConfig { Rank = 2, Bias = LoraBias.All }, new SeededWeights(1)))
        using (no_grad())
        {
            foreach (var tensor in model.Trainable) tensor.Parameter.add_(0.01);
            model.SaveAdapter(ours, Base);
        }
        var old = Changed(_ => { }, tensors => tensors
            .Select(t => KeyValuePair.Create(t.Key.Replace(".base_layer.bias", ".bias", StringComparison.Ordinal), t.Value))
            .Append(KeyValuePair.Create("base_model.model.classifier.original_module.bias", zeros(2)))
            .Append(KeyValuePair.Create("base_model.model.classifier.modules_to_save.bias", zeros(2))), from: ours);
        Numbers.Close(Logits(ours), Logits(old), 0, "logits");
    }

    [Theory]
    [InlineData("lora_bias", "true", "sets 'lora_bias', which LoRA has not here")]
    [InlineData("target_parameters", """ ["x"] """, "sets 'target_parameters'")]
    [InlineData("init_lora_weights", "\"corda\"", "init_lora_weights is 'corda'")]
    [InlineData("bias", "\"some\"", "bias is 'some'")]
    [InlineData("target_modules", """ "((\\w|\\.)+)+x_none" """, "takes longer than 1 s")]
    [InlineData("rank_pattern", """ {"((": 2} """, "peft.rankPattern is '((', which is no regular expression")]
    [InlineData("exclude_modules", """ "((" """, "peft.excludeModules is '((', which is no regular expression")]
    [InlineData("r", "\"four\"", "'r' has a value of the wrong kind")]
    public void What_would_change_the_outputs_and_is_not_known_is_refused(string key, string value, string sentence)
    {
        var folder = Changed(json => json[key] = JsonNode.Parse(value));
        Assert.Contains(sentence, Assert.Throws<UserInputException>(() => PeftModel.Load(ModelFolder.Load(Base, newHead: null), folder, Base)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("adalora", "bias", "\"lora_only\"", "sets 'bias', which AdaLoRA has not here")]
    [InlineData("adalora", "exclude_modules", """ ["v_proj"] """, "sets 'exclude_modules'")]
    [InlineData("adalora", "layers_to_transform", "[0]", "sets 'layers_to_transform'")]
    [InlineData("ia3", "exclude_modules", """ ["v_proj"] """, "sets 'exclude_modules', which IA3 has not here")]
    public void The_same_holds_for_other_methods(string method, string key, string value, string sentence)
    {
        var ours = TestData.TemporaryFolder();
        using (var model = PeftModel.Inject(ModelFolder.Load(Base, newHead: null), method == "ia3" ? new Ia3Config() : new AdaLoraConfig(), new SeededWeights(1))) model.SaveAdapter(ours, Base);
        Logits(ours).Dispose();
        var folder = Changed(json => json[key] = JsonNode.Parse(value), from: ours);
        Assert.Contains(sentence, Assert.Throws<UserInputException>(() => PeftModel.Load(ModelFolder.Load(Base, newHead: null), folder, Base)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Python_s_way_to_name_a_group_of_an_expression_is_understood()
    {
        using var scope = NewDisposeScope();
        string With(string expression) => Changed(json => json["target_modules"] = expression);
        Numbers.Close(Logits(With(@".*\.(?:q|v)_proj")), Logits(With(@".*\.(?P<which>q|v)_proj")), 0, "logits");
    }

    [Fact]
    public void Adalora_s_kept_triplets_are_found_under_the_library_s_longer_names()
    {
        using var scope = NewDisposeScope();
        var ours = TestData.TemporaryFolder();
        using (var model = PeftModel.Inject(ModelFolder.Load(Base, new SeededWeights(5)), new AdaLoraConfig { InitRank = 3, TargetRank = 2, TargetModules = ["q_proj"] }, new SeededWeights(1)))
        using (no_grad())
        {
            foreach (var singular in model.Trainable.Where(t => t.Name.EndsWith(AdaLoraUpdate.E, StringComparison.Ordinal))) singular.Parameter.copy_(tensor(new[] { 0.5f, 0, 0.25f }).unsqueeze(1));
            model.SaveAdapter(ours, Base);
        }
        var theirs = Changed(
            json => json["rank_pattern"] = new JsonObject(((JsonObject)json["rank_pattern"]!).Select(p => KeyValuePair.Create($"base_model.model.{p.Key}.default", p.Value?.DeepClone()))),
            from: ours);
        Numbers.Close(Logits(ours), Logits(theirs), 0, "logits");
    }

    /// <summary>A copy of an adapter folder with other settings and tensors.</summary>
    private static string Changed(Action<JsonObject> settings, Func<IEnumerable<KeyValuePair<string, Tensor>>, IEnumerable<KeyValuePair<string, Tensor>>>? tensors = null, string? from = null)
    {
        from ??= Adapter;
        var folder = TestData.TemporaryFolder();
        var json = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(from, PeftModel.ConfigFile)))!;
        settings(json);
        File.WriteAllText(Path.Combine(folder, PeftModel.ConfigFile), json.ToJsonString());
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(Path.Combine(from, PeftModel.WeightsFile));
        var read = file.Entries.Keys.Select(key => KeyValuePair.Create(key, file.Read(key))).ToList();
        SafetensorsWriter.Write(Path.Combine(folder, PeftModel.WeightsFile), tensors is null ? read : tensors(read));
        return folder;
    }

    private static Tensor Logits(string folder)
    {
        using var model = PeftModel.Load(ModelFolder.Load(Base, newHead: null), folder, Base);
        model.Classifier.eval();
        using var _ = no_grad();
        return model.Classifier.forward(Input(), null);
    }

    private static Tensor Hidden(PeftModel model)
    {
        model.Classifier.eval();
        using var _ = no_grad();
        return model.Classifier.Backbone.Encode(model.Classifier.Backbone.Embed(Input(), null));
    }

    private static Tensor Input()
    {
        manual_seed(1);
        return randn(2, 900);
    }
}

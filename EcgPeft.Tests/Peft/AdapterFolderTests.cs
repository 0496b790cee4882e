using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.AdaLora;
using EcgPeft.Core.Peft.Ia3;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Peft.Prefix;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Peft;

/// <summary>Adapter folders: what the PEFT library calls things, what it keeps that is unknown here, and whose adapter it is.</summary>
public sealed class AdapterFolderTests
{
    private static readonly string Base = Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First());

    [Fact]
    public void Unknown_keys_of_the_settings_survive_a_round_trip()
    {
        var folder = Save(new LoraConfig { Rank = 2 });
        var path = Path.Combine(folder, PeftModel.ConfigFile);
        var json = (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
        json["megatron_config"] = new JsonObject { ["a"] = 1 };
        json["corda_config"] = null;
        File.WriteAllText(path, json.ToJsonString());

        using var model = PeftModel.Load(ModelFolder.Load(Base, new SeededWeights(1)), folder, Base);
        var again = TestData.TemporaryFolder();
        model.SaveAdapter(again, Base);
        Assert.True(JsonNode.DeepEquals(json, JsonNode.Parse(File.ReadAllText(Path.Combine(again, PeftModel.ConfigFile)))));
    }

    [Theory]
    [InlineData("facebook/wav2vec2-large-xlsr", "belongs to the base model 'facebook/wav2vec2-large-xlsr'")]
    [InlineData("/elsewhere/models/other", "belongs to the base model '/elsewhere/models/other'")]
    public void An_adapter_of_another_base_model_is_refused_by_its_name(string theirs, string sentence)
    {
        var error = Assert.Throws<UserInputException>(() => LoadWithBaseName(theirs));
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
        Assert.Contains(Base, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wav2vec2/base")]
    [InlineData("base")]
    [InlineData("/another/machine/models/base")]
    [InlineData("")]
    public void Other_names_of_the_same_base_model_are_understood(string theirs) => LoadWithBaseName(theirs).Dispose();

    [Fact]
    public void An_adapter_of_another_shape_is_refused_with_the_tensor_and_both_shapes()
    {
        var folder = Save(new LoraConfig { Rank = 2 });
        Change(folder, json => json["r"] = 3);
        var error = Assert.Throws<UserInputException>(() => PeftModel.Load(ModelFolder.Load(Base, new SeededWeights(1)), folder, Base));
        Assert.Matches(@"lora_A\.weight as \[2, \d+\], but this base model needs \[3, \d+\]", error.Message);
    }

    [Fact]
    public void Tensors_that_the_settings_do_not_explain_are_refused()
    {
        var folder = Save(new LoraConfig { Rank = 2 });
        Change(folder, json => json["target_modules"] = new JsonArray("q_proj"));
        Assert.Contains("for which this base model has no place", Assert.Throws<UserInputException>(() => PeftModel.Load(ModelFolder.Load(Base, new SeededWeights(1)), folder, Base)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_method_is_named()
    {
        var folder = Save(new LoraConfig { Rank = 2 });
        Change(folder, json => json["peft_type"] = "VERA");
        Assert.Contains("method VERA, which is not known here", Assert.Throws<UserInputException>(() => PeftModel.Load(ModelFolder.Load(Base, new SeededWeights(1)), folder, Base)).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string[], string[]> Layouts => new()
    {
        { Json(new LoraConfig { Rank = 2, UseDora = true, TargetModules = ["q_proj"] }), ["q_proj.lora_A.weight [2, 48]", "q_proj.lora_B.weight [48, 2]", "q_proj.lora_magnitude_vector [48]"], ["LORA", "use_dora"] },
        { Json(new LoraConfig { Rank = 2, Bias = LoraBias.LoraOnly, TargetModules = ["q_proj"] }), ["q_proj.base_layer.bias [48]", "q_proj.lora_A.weight [2, 48]", "q_proj.lora_B.weight [48, 2]"], ["LORA"] },
        { Json(new LoraConfig { Rank = 2, Init = LoraInit.Pissa, TargetModules = ["q_proj"] }), ["q_proj.lora_A.weight [4, 48]", "q_proj.lora_B.weight [48, 4]"], ["LORA"] },
        { Json(new Ia3Config { TargetModules = ["k_proj", "output_dense"] }), ["k_proj.ia3_l [48, 1]", "output_dense.ia3_l [1, 96]"], ["IA3", "feedforward_modules"] },
        { Json(new AdaLoraConfig { InitRank = 3, TargetRank = 2, TargetModules = ["v_proj"] }), ["v_proj.lora_A [3, 48]", "v_proj.lora_B [48, 3]", "v_proj.lora_E [3, 1]"], ["ADALORA", "init_r", "target_r", "deltaT", "orth_reg_weight", "total_step", "rank_pattern"] },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Keys_and_shapes_are_the_library_s(string config, string[] tensors, string[] settings)
    {
        var folder = Save(JsonSerializer.Deserialize<PeftConfig>(config, ProductJson.Line)!);
        using var file = SafetensorsFile.Open(Path.Combine(folder, PeftModel.WeightsFile));
        var own = file.Entries.Values.Where(e => e.Name.Contains(".layers.0.", StringComparison.Ordinal)).ToList();
        Assert.All(own, e => Assert.StartsWith("base_model.model.wav2vec2.encoder.layers.0.", e.Name, StringComparison.Ordinal));
        Assert.Equal(tensors, own.Select(e => $"{e.Name.Split('.', 7)[^1].Replace("attention.", "", StringComparison.Ordinal).Replace("feed_forward.", "", StringComparison.Ordinal)} [{string.Join(", ", e.Shape)}]").Order(StringComparer.Ordinal));
        Assert.Contains("base_model.model.classifier.weight", file.Entries.Keys);
        var json = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, PeftModel.ConfigFile)))!;
        Assert.Equal(settings[0], json["peft_type"]!.ToString());
        Assert.All(settings[1..], key => Assert.True(json.ContainsKey(key), key));
    }

    [Fact]
    public void A_prefix_is_one_tensor_as_in_the_library_whether_a_network_made_it_or_not()
    {
        foreach (var projection in new[] { false, true })
        {
            using var file = SafetensorsFile.Open(Path.Combine(Save(new PrefixConfig { VirtualTokens = 4, PrefixProjection = projection }), PeftModel.WeightsFile));
            Assert.Equal(["base_model.classifier.bias", "base_model.classifier.weight", "base_model.projector.bias", "base_model.projector.weight", "prompt_embeddings"], file.Entries.Keys.Order(StringComparer.Ordinal));
            Assert.Equal([4, 3 * 2 * 48], file.Entries["prompt_embeddings"].Shape);
        }
    }

    [Fact]
    public void Switched_off_triplets_are_left_out_of_the_file_and_give_the_same_outputs()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = PeftModel.Inject(ModelFolder.Load(Base, new SeededWeights(1)), new AdaLoraConfig { InitRank = 4, TargetRank = 2 }, new SeededWeights(1));
        foreach (var tensor in model.Trainable.Where(t => t.Name.EndsWith(AdaLoraUpdate.E, StringComparison.Ordinal))) tensor.Parameter.copy_(tensor.Name.Contains("q_proj", StringComparison.Ordinal) ? zeros(4, 1) : torch_tensor(0.5f, 0, -0.25f, 0));
        var folder = TestData.TemporaryFolder();
        model.SaveAdapter(folder, Base);
        using (var file = SafetensorsFile.Open(Path.Combine(folder, PeftModel.WeightsFile)))
        {
            Assert.Equal([2, 1], file.Entries.Values.First(e => e.Name.EndsWith("v_proj.lora_E", StringComparison.Ordinal)).Shape);
            Assert.Equal([0, 1], file.Entries.Values.First(e => e.Name.EndsWith("q_proj.lora_E", StringComparison.Ordinal)).Shape);
        }
        var pattern = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, PeftModel.ConfigFile)))!["rank_pattern"]!;
        Assert.Equal("[true,false,true,false]", pattern["wav2vec2.encoder.layers.0.attention.v_proj.lora_E"]!.ToJsonString());

        using var loaded = PeftModel.Load(ModelFolder.Load(Base, new SeededWeights(2)), folder, Base);
        manual_seed(1);
        var input = randn(2, 900);
        model.Classifier.eval();
        loaded.Classifier.eval();
        Numbers.Close(model.Classifier.forward(input, null), loaded.Classifier.forward(input, null), 1e-6, "logits");
    }

    private static Tensor torch_tensor(params float[] values) => tensor(values).unsqueeze(1);

    private static string Json(PeftConfig config) => JsonSerializer.Serialize(config, ProductJson.Line);

    private static string Save(PeftConfig config)
    {
        using var model = PeftModel.Inject(ModelFolder.Load(Base, new SeededWeights(1)), config, new SeededWeights(1));
        var folder = TestData.TemporaryFolder();
        model.SaveAdapter(folder, Base);
        return folder;
    }

    private static PeftModel LoadWithBaseName(string theirs)
    {
        var folder = Save(new LoraConfig { Rank = 2 });
        Change(folder, json => json["base_model_name_or_path"] = theirs);
        return PeftModel.Load(ModelFolder.Load(Base, new SeededWeights(1)), folder, Base);
    }

    private static void Change(string folder, Action<JsonObject> change)
    {
        var path = Path.Combine(folder, PeftModel.ConfigFile);
        var json = (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }
}

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Backbones;

/// <summary>wav2vec 2.0 and HuBERT under fairseq's own names (<c>wav2vec_small.pt</c>, <c>hubert_base_ls960.pt</c>) give what they give under Hugging Face's.</summary>
[Trait("Category", "Golden")]
public sealed class FairseqSpeechTests
{
    public static TheoryData<string> Cases => [.. TestData.GoldenCases("wav2vec2").Concat(TestData.GoldenCases("hubert"))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_pre_trained_checkpoint_of_fairseq_gives_the_reference_s_values(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (golden, weights, config) = Case(name);
        var family = (string)config["model_type"]!;
        string[] unused = family == "hubert" ? ["final_proj.bias", "label_embs_concat"] : ["final_proj.bias", "project_q.weight", "quantizer.vars", "quantizer.weight_proj.weight"];
        var path = Write(
            new() { ["args"] = null, ["cfg"] = new Dictionary<string, object?> { ["model"] = Settings(config, family == "hubert" ? "hubert" : "wav2vec2"), ["task"] = new Dictionary<string, object?> { ["normalize"] = false } } },
            weights.Concat(unused.Select(key => KeyValuePair.Create(key, zeros(3)))));

        Assert.Equal(family, ModelFolder.FamilyOf(path));
        Assert.Equal(unused, ModelFolder.Check(path).Where(key => key != "mask_emb"));
        Numbers.Close(golden.Tensors("expected.safetensors")["last_hidden_state"], Output(path, golden), golden.Tolerance(), "last_hidden_state");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_fine_tuned_one_keeps_model_and_settings_one_level_deeper(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (golden, weights, config) = Case(name);
        var inner = new Dictionary<string, object?> { ["model"] = Settings(config, "wav2vec2") };
        var path = Write(
            new() { ["args"] = null, ["cfg"] = new Dictionary<string, object?> { ["model"] = new Dictionary<string, object?> { ["_name"] = (string)config["model_type"]! == "hubert" ? "hubert_ctc" : "wav2vec_ctc", ["w2v_args"] = inner } } },
            weights.Select(t => KeyValuePair.Create("w2v_encoder.w2v_model." + t.Key, t.Value)).Append(KeyValuePair.Create("w2v_encoder.proj.weight", zeros(32, 4))));
        Assert.Contains("w2v_encoder.proj.weight", ModelFolder.Check(path));
        Numbers.Close(golden.Tensors("expected.safetensors")["last_hidden_state"], Output(path, golden), golden.Tolerance(), "last_hidden_state");
    }

    [Fact]
    public void Settings_of_older_files_stand_in_args_and_what_is_wrong_is_named()
    {
        using var scope = NewDisposeScope();
        var (_, weights, config) = Case(TestData.GoldenCases("wav2vec2").First());
        Assert.Equal("wav2vec2", ModelFolder.FamilyOf(Write(new() { ["args"] = Settings(config, null) }, weights)));
        string Refusal(Dictionary<string, object?> top, IEnumerable<KeyValuePair<string, Tensor>> tensors) => Assert.ThrowsAny<UserInputException>(() => ModelFolder.Check(Write(top, tensors))).Message;
        Assert.Contains("no settings", Refusal([], weights), StringComparison.Ordinal);
        Assert.Contains("has no tensor encoder.layers.0.fc1.weight", Refusal(new() { ["args"] = Settings(config, null) }, weights.Where(t => t.Key != "encoder.layers.0.fc1.weight")), StringComparison.Ordinal);
        Assert.Contains("holds strange.weight", Refusal(new() { ["args"] = Settings(config, null) }, weights.Append(KeyValuePair.Create("strange.weight", zeros(2)))), StringComparison.Ordinal);
    }

    private static (GoldenCase Golden, Dictionary<string, Tensor> Weights, JsonObject Config) Case(string name)
    {
        var golden = new GoldenCase(name);
        var config = ModelFolder.ConfigurationOf(golden.Folder);
        var prefix = (string)config["model_type"]! + ".";
        using var file = ModelFiles.Find(golden.Folder).Open();
        var backbone = file.Entries.Keys.Where(key => !key.StartsWith("projector.", StringComparison.Ordinal) && !key.StartsWith("classifier.", StringComparison.Ordinal));
        return (golden, backbone.ToDictionary(key => Fairseq(key.StartsWith(prefix, StringComparison.Ordinal) ? key[prefix.Length..] : key, (string?)config["feat_extract_norm"] == "layer"), file.Read), config);
    }

    // Hugging Face's names, rewritten as its conversion script reads fairseq's.
    private static string Fairseq(string key, bool layerNorms)
    {
        key = key.Replace("parametrizations.weight.original0", "weight_g", StringComparison.Ordinal).Replace("parametrizations.weight.original1", "weight_v", StringComparison.Ordinal);
        (string Pattern, string Theirs)[] rules =
        [
            (@"^masked_spec_embed$", "mask_emb"),
            (@"^(feature_extractor\.conv_layers\.\d+)\.conv\.", "$1.0."),
            (@"^(feature_extractor\.conv_layers\.\d+)\.layer_norm\.", layerNorms ? "$1.2.1." : "$1.2."),
            (@"^feature_projection\.layer_norm\.", "layer_norm."),
            (@"^feature_projection\.projection\.", "post_extract_proj."),
            (@"^encoder\.pos_conv_embed\.conv\.", "encoder.pos_conv.0."),
            (@"^(encoder\.layers\.\d+)\.attention\.", "$1.self_attn."),
            (@"^(encoder\.layers\.\d+)\.layer_norm\.", "$1.self_attn_layer_norm."),
            (@"^(encoder\.layers\.\d+)\.feed_forward\.intermediate_dense\.", "$1.fc1."),
            (@"^(encoder\.layers\.\d+)\.feed_forward\.output_dense\.", "$1.fc2."),
        ];
        return rules.FirstOrDefault(rule => Regex.IsMatch(key, rule.Pattern)) is { Pattern: not null } found ? Regex.Replace(key, found.Pattern, found.Theirs) : key;
    }

    private static Dictionary<string, object?> Settings(JsonObject config, string? name)
    {
        long Whole(string key) => config[key]!.GetValue<long>();
        var layers = config["conv_dim"]!.AsArray().Zip(config["conv_kernel"]!.AsArray(), config["conv_stride"]!.AsArray());
        var settings = new Dictionary<string, object?>
        {
            ["conv_feature_layers"] = string.Join(" + ", layers.Select(l => $"[({l.First}, {l.Second}, {l.Third})]")), ["extractor_mode"] = (string?)config["feat_extract_norm"] == "layer" ? "layer_norm" : "default",
            ["conv_bias"] = config["conv_bias"]?.GetValue<bool>() ?? false, ["conv_pos"] = Whole("num_conv_pos_embeddings"), ["conv_pos_groups"] = Whole("num_conv_pos_embedding_groups"),
            ["encoder_embed_dim"] = Whole("hidden_size"), ["encoder_ffn_embed_dim"] = Whole("intermediate_size"), ["encoder_attention_heads"] = Whole("num_attention_heads"), ["encoder_layers"] = Whole("num_hidden_layers"),
            ["layer_norm_first"] = config["do_stable_layer_norm"]?.GetValue<bool>() ?? false, ["activation_fn"] = "gelu",
        };
        if (name is not null) settings["_name"] = name;
        return settings;
    }

    private static string Write(Dictionary<string, object?> top, IEnumerable<KeyValuePair<string, Tensor>> weights)
    {
        var path = Path.Combine(TestData.TemporaryFolder(), "wav2vec_small.pt");
        top["model"] = weights.ToDictionary(t => t.Key, t => (object?)t.Value);
        PyTorchWriter.Write(path, top);
        return path;
    }

    private static Tensor Output(string path, GoldenCase golden)
    {
        using var classifier = ModelFolder.Load(path, new SeededWeights(1));
        classifier.eval();
        return classifier.Backbone.Encode(classifier.Backbone.Embed(golden.Tensors("expected.safetensors")["input_values"], null));
    }
}

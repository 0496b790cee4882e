using System.Globalization;
using System.Text.Json.Nodes;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.AdaLora;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Peft.FullFineTuning;
using EcgPeft.Core.Peft.Ia3;
using EcgPeft.Core.Peft.LinearProbe;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Peft.Prefix;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Training;

namespace EcgPeft.Tests.Peft;

/// <summary>Numbers of trained parameters at wav2vec2-base size, on the meta device: no weights are needed.</summary>
public sealed class FullSizeTests
{
    private const long Head = 197_378;
    private const long Backbone = 94_371_712;

    [Fact]
    public void The_head_and_the_backbone_have_the_published_sizes()
    {
        Assert.Equal((Head, Backbone + Head), (Count(new LinearProbeConfig()).Trainable, Count(new LinearProbeConfig()).Total));
        Assert.Equal(Backbone + Head, Count(new FullConfig()).Trainable);
    }

    [Fact]
    public void Lora_of_rank_8_on_the_attention_projections_adds_589_824() => Assert.Equal(589_824 + Head, Count(new LoraConfig { Rank = 8 }).Trainable);

    [Fact]
    public void Dora_adds_a_magnitude_for_each_output() => Assert.Equal(589_824 + 12 * 4 * 768 + Head, Count(new LoraConfig { Rank = 8, UseDora = true }).Trainable);

    [Fact]
    public void A_houlsby_adapter_of_size_64_adds_2_379_264() => Assert.Equal(2_379_264 + Head, Count(new AdapterConfig { BottleneckSize = 64 }).Trainable);

    [Fact]
    public void A_reduction_factor_is_the_same_as_its_size() =>
        Assert.Equal(Count(new AdapterConfig { BottleneckSize = 48 }), Count(new AdapterConfig { ReductionFactor = 16 }));

    [Fact]
    public void Ia3_adds_a_factor_for_each_key_value_and_inner_channel() => Assert.Equal(12 * (768 + 768 + 3072) + Head, Count(new Ia3Config()).Trainable);

    [Fact]
    public void Prefix_tuning_adds_keys_and_values_for_each_layer() => Assert.Equal(12 * 2 * 768 * 10 + Head, Count(new PrefixConfig { VirtualTokens = 10 }).Trainable);

    [Fact]
    public void Adalora_of_rank_12_adds_its_triplets() => Assert.Equal(12 * 4 * 12 * (768 + 768 + 1) + Head, Count(new AdaLoraConfig { InitRank = 12 }).Trainable);

    [Fact]
    public void The_counts_in_the_document_are_those_of_the_default_settings()
    {
        var lines = File.ReadAllLines(Path.Combine(TestData.RepositoryRoot(), "docs", "methods.md"));
        Assert.All(PeftMethod.All, method =>
        {
            var cells = lines.First(line => line.StartsWith($"| `{method.Name}` |", StringComparison.Ordinal)).Split('|', StringSplitOptions.TrimEntries);
            Assert.Equal(Count(method.Defaults).Trainable - Head, long.Parse(cells[3], NumberStyles.AllowThousands, CultureInfo.InvariantCulture));
            Assert.Equal(method.Defaults.WhyNotMergeable is null ? "yes" : "no", cells[4]);
            Assert.All(method.Settings, setting => Assert.Contains(lines, line => line.Contains($"`{setting.Name}`", StringComparison.Ordinal)));
        });
    }

    /// <summary>Hugging Face's <c>Wav2Vec2Config()</c>, whose defaults are wav2vec2-base.</summary>
    private static ParameterCounts Count(PeftConfig config)
    {
        var folder = TestData.TemporaryFolder();
        File.WriteAllText(Path.Combine(folder, "config.json"), new JsonObject
        {
            ["model_type"] = "wav2vec2",
            ["conv_dim"] = new JsonArray(512, 512, 512, 512, 512, 512, 512),
            ["conv_kernel"] = new JsonArray(10, 3, 3, 3, 3, 2, 2),
            ["conv_stride"] = new JsonArray(5, 2, 2, 2, 2, 2, 2),
            ["hidden_size"] = 768,
            ["intermediate_size"] = 3072,
            ["num_hidden_layers"] = 12,
            ["num_attention_heads"] = 12,
            ["classifier_proj_size"] = 256,
        }.ToJsonString());
        return ParameterCounting.Count(folder, config);
    }
}

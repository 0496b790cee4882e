using System.Text.Json.Nodes;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;

namespace EcgPeft.Tests.Backbones;

/// <summary>Settings of a speech model's <c>config.json</c> that a model here cannot follow, and files that are none.</summary>
public sealed class ModelConfigTests
{
    private static readonly string Base = Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First());

    [Theory]
    [InlineData("layer_norm_eps", "-1", "'layer_norm_eps' is -1; it must be above 0")]
    [InlineData("hidden_dropout", "2", "'hidden_dropout' is 2; it must be between 0 and below 1")]
    [InlineData("layerdrop", "-0.1", "'layerdrop' is -0.1")]
    public void A_number_outside_its_range_is_refused(string key, string value, string sentence)
    {
        var folder = With(json => json[key] = JsonNode.Parse(value));
        Assert.Contains(sentence, Assert.Throws<UserInputException>(() => ModelFolder.Load(folder, new SeededWeights(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_on_a_weighted_sum_of_layers_is_not_taken_for_one_on_the_last_layer()
    {
        var folder = With(json => json["use_weighted_layer_sum"] = true);
        Assert.False(ModelFolder.HasHead(folder));
        Assert.Contains("use_weighted_layer_sum", Assert.Throws<UserInputException>(() => ModelFolder.Load(folder, newHead: null)).Message, StringComparison.Ordinal);
        ModelFolder.Load(folder, new SeededWeights(1)).Dispose();
    }

    [Fact]
    public void A_note_of_git_lfs_in_the_place_of_the_weights_is_called_so()
    {
        var folder = With(_ => { });
        File.WriteAllText(Path.Combine(folder, "model.safetensors"), "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 380267417\n");
        Assert.Contains("git lfs pull", Assert.ThrowsAny<UserInputException>(() => ModelFolder.Load(folder, new SeededWeights(1))).Message, StringComparison.Ordinal);
    }

    private static string With(Action<JsonObject> change)
    {
        var folder = TestData.TemporaryFolder();
        foreach (var name in new[] { "config.json", "model.safetensors" }) File.Copy(Path.Combine(Base, name), Path.Combine(folder, name));
        var json = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!;
        change(json);
        File.WriteAllText(Path.Combine(folder, "config.json"), json.ToJsonString());
        return folder;
    }
}

using System.Text.Json;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Checkpoints;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Cli;

/// <summary><c>ecgpeft merge</c>: a run of each family becomes a plain checkpoint with the same logits.</summary>
public sealed class MergeCommandTests
{
    public static TheoryData<string, string> Backbones => new()
    {
        { TestData.GoldenCases("wav2vec2").First(), "Wav2Vec2ForSequenceClassification" },
        { TestData.GoldenCases("hubert").Last(), "HubertForSequenceClassification" },
        { TestData.GoldenCases("ecg-fm").First(c => c.EndsWith("finetuned", StringComparison.Ordinal)), "" },
    };

    [Theory]
    [MemberData(nameof(Backbones))]
    public async Task A_merged_checkpoint_gives_the_run_s_logits(string backbone, string architecture)
    {
        var model = Path.Combine(TestData.Golden, backbone);
        var run = await Train(model, "lora", "peft.rank=2", "peft.init=pissa");
        var merged = Path.Combine(TestData.TemporaryFolder(), "merged");
        var (code, _, error) = await CliProcess.RunAsync("merge", "--run", run, "--out", merged);
        Assert.True(code == 0, error);

        SameLogits(model, run, merged);
        using (var file = ModelFiles.Find(merged).Open()) Assert.DoesNotContain(file.Entries.Keys, key => key.Contains("lora", StringComparison.Ordinal));
        if (architecture.Length == 0) IsAFineTunedCheckpoint(Path.Combine(model, "checkpoint.pt"), Path.Combine(merged, "checkpoint.pt"));
        else Assert.Equal(architecture, JsonDocument.Parse(File.ReadAllBytes(Path.Combine(merged, "config.json"))).RootElement.GetProperty("architectures")[0].GetString());

        (code, _, error) = await CliProcess.RunAsync("merge", "--run", run, "--out", merged);
        Assert.Equal(2, code);
        Assert.Contains("holds a model already", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("adapter")]
    [InlineData("prefix")]
    public async Task A_method_that_cannot_be_merged_is_refused_in_one_sentence(string method)
    {
        var run = await Train(Path.Combine(TestData.Golden, TestData.GoldenCases("wav2vec2").First()), method);
        var merged = Path.Combine(TestData.TemporaryFolder(), "merged");
        var (code, _, error) = await CliProcess.RunAsync("merge", "--run", run, "--out", merged);
        Assert.Equal(2, code);
        Assert.Contains("cannot be merged", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(merged));
    }

    /// <summary>As the golden one, which fairseq-signals wrote: the same sections, keys, shapes and element types.</summary>
    private static void IsAFineTunedCheckpoint(string golden, string merged)
    {
        using var ours = PyTorchFile.Open(merged);
        using var theirs = PyTorchFile.Open(golden);
        Assert.Equal("ecg_transformer_classifier", ((IReadOnlyDictionary<string, object?>)ours.Config("cfg")["model"]!)["_name"]);
        Assert.Equal(Described(theirs), Described(ours));
    }

    /// <summary>Names in the spelling of weight norm that torch has had from the start, and also reads where it now writes another.</summary>
    private static IEnumerable<(string, ScalarType, string)> Described(PyTorchCheckpoint file) => file.Entries.Values
        .Select(e => (Name: e.Name.Replace("parametrizations.weight.original0", "weight_g", StringComparison.Ordinal).Replace("parametrizations.weight.original1", "weight_v", StringComparison.Ordinal), e.Type, string.Join(',', e.Shape)))
        .OrderBy(e => e.Name, StringComparer.Ordinal);

    private static void SameLogits(string model, string run, string merged)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var adapted = PeftModel.Load(ModelFolder.Load(model, new SeededWeights(1)), Path.Combine(run, "adapter"), model);
        using var plain = ModelFolder.Load(merged, newHead: null);
        adapted.Classifier.eval();
        plain.eval();
        var contract = plain.Backbone.Contract;
        manual_seed(1);
        var input = contract.Leads == 1 ? randn(3, 900) : randn(3, contract.Leads, 900);
        Numbers.Close(adapted.Classifier.forward(input, null), plain.forward(input, null), 1e-5, "logits");
    }

    private static async Task<string> Train(string model, string method, params string[] settings)
    {
        var folder = TestData.TemporaryFolder();
        var (data, run) = (Path.Combine(folder, "segments.csv"), Path.Combine(folder, "run"));
        SegmentCsv.Write(data, SyntheticEcg.Generate(60, 6, 5), null);
        string[] all = [$"backbone.model={model}", $"peft.method={method}", "preprocessing.inputLength=900", "training.epochs=1", "training.batchSize=16", .. settings];
        var (code, _, error) = await CliProcess.RunAsync(
            [.. new[] { "train", "--recipe", Path.Combine(TestData.RepositoryRoot(), "recipes", "wav2vec2-lora.json"), "--data", data, "--out", run }, .. all.SelectMany(s => new[] { "--set", s })]);
        Assert.True(code == 0, error);
        return run;
    }
}

using System.Text;
using System.Text.Json.Nodes;
using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Checkpoints;
using EcgPeft.Tests.Checkpoints;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Backbones;

/// <summary>Damaged model folders of every form: the outcome is the model or one clear sentence, in bounded time and memory.</summary>
public sealed class ModelFuzzTests
{
    private const int Files = 10_000;
    private const long MostAllocated = 40L << 20; // for files of a few kilobytes; the readers' own fixed allowance is 16 MB

    private static readonly JsonObject Config = new()
    {
        ["model_type"] = "wav2vec2",
        ["conv_dim"] = new JsonArray(4),
        ["conv_kernel"] = new JsonArray(3),
        ["conv_stride"] = new JsonArray(2),
        ["hidden_size"] = 4,
        ["intermediate_size"] = 4,
        ["num_hidden_layers"] = 1,
        ["num_attention_heads"] = 2,
        ["num_conv_pos_embeddings"] = 2,
        ["num_conv_pos_embedding_groups"] = 2,
        ["classifier_proj_size"] = 4,
        ["mask_time_prob"] = 0,
    };

    [Fact]
    public Task Mutated_shard_indexes() => Fuzz(FileForm.Sharded, "model.safetensors.index.json", path => SafetensorsIndex.Open(path));

    [Fact]
    public Task Mutated_shards() => Fuzz(FileForm.Sharded, "model-00002-of-00003.safetensors", path => SafetensorsIndex.Open(Path.Combine(Path.GetDirectoryName(path)!, "model.safetensors.index.json")));

    [Fact]
    public Task Mutated_state_dicts() => Fuzz(FileForm.Bin, "pytorch_model.bin", path => PyTorchFile.Open(path));

    [Fact]
    public Task Mutated_fairseq_checkpoints() => Fuzz(FileForm.Pt, "checkpoint_best.pt", path => PyTorchFile.Open(path));

    [Fact]
    public async Task Mutated_configurations()
    {
        var seed = Encoding.UTF8.GetBytes(Config.ToJsonString());
        await Bounded(random =>
        {
            var json = Mutation.Of(seed, random, seed.Length);
            try
            {
                ModelFolder.Describe(ConfigJson.Parse("config.json", json)).Dispose();
                return true;
            }
            catch (UserInputException)
            {
                return false;
            }
        }, 3_000);
    }

    private static async Task Fuzz(FileForm form, string mutated, Func<string, TensorFile> open)
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(CheckpointForm.Write(form, Config, Enumerable.Range(0, 7).ToDictionary(i => $"layer.{i}.weight", i => ones(i % 3 + 1, 2))), mutated);
        var seed = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        await Bounded(random =>
        {
            File.WriteAllBytes(path, Mutation.Of(seed, random, 600));
            try
            {
                using var file = open(path);
                foreach (var name in file.Entries.Keys) file.Read(name).Dispose();
                return true;
            }
            catch (CheckpointException)
            {
                return false;
            }
        }, Files);
    }

    /// <summary>Any other exception, an allocation without bound and a hang fail the test; so do mutations that all have one outcome.</summary>
    private static async Task Bounded(Func<Random, bool> reads, int files)
    {
        var read = 0;
        await Task.Run(() =>
        {
            var random = new Random(23);
            for (var i = 0; i < files; i++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                if (reads(random)) read++;
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
            }
        }, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(20), TestContext.Current.CancellationToken);
        Assert.InRange(read, files / 200, files - files / 200);
    }
}

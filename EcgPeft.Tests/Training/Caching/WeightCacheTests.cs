using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.BitFit;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Peft.Prefix;
using EcgPeft.Core.Training.Caching;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Training.Caching;

/// <summary>The bfloat16 copies of a backbone's weights are one file that every worker maps, and change no result by a bit.</summary>
public sealed class WeightCacheTests
{
    private const string Hash = "hash of the weights";

    private static readonly PeftConfig[] Methods =
    [
        new LoraConfig { Dropout = 0, Init = LoraInit.Gaussian }, new LoraConfig { Dropout = 0, Rank = 2, Init = LoraInit.Pissa }, new LoraConfig { Dropout = 0, UseDora = true, TargetModules = ["q_proj", "v_proj"] },
        new AdapterConfig { Dropout = 0, Init = AdapterInit.Bert }, new PrefixConfig(), new BitFitConfig(), new LoraConfig { Dropout = 0, ModulesToSave = ["q_proj"], TargetModules = ["v_proj"] },
    ];

    private readonly DataRoot root = new(TestData.TemporaryFolder());
    private readonly List<(string Level, string Message)> log = [];

    public static TheoryData<string, int> Cases
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var backbone in new[] { "wav2vec2/base", "hubert/large", "ecg-fm/finetuned" })
                for (var i = 0; i < Methods.Length; i++) data.Add(backbone, i);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Shared_copies_give_the_same_bit_for_bit(string backbone, int method)
    {
        var own = Results(backbone, Methods[method], b => b.UseBf16());
        Assert.Equal(own, Results(backbone, Methods[method], b => Share(b, backbone)));
        Assert.Contains(log, line => line.Message.Contains("kept in the cache", StringComparison.Ordinal));
        log.Clear();
        Assert.Equal(own, Results(backbone, Methods[method], b => Share(b, backbone)));
        Assert.Equal(own, Results(backbone, Methods[method], b => WeightCache.UseKnownBf16(root, b, Hash)));
        Assert.Empty(log);
    }

    [Fact]
    public void Nothing_writes_to_the_shared_pages()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only Linux tells which pages of a mapping are a process's own.");
        using var model = Model("wav2vec2/base", Methods[0]);
        Share(model.Classifier.Backbone, "wav2vec2/base");
        Assert.NotEmpty(Use(model)); // a step, and a prediction with the update merged
        var file = Directory.GetFiles(new WeightCache(root, 100).Folder).Single();
        var mappings = Mappings(file);
        Assert.True(mappings.Sum(m => m["Rss"]) > 0, "The layers' weights are mapped.");
        Assert.All(mappings, m => Assert.Equal((0, 0), (m["Private_Dirty"], m["Anonymous"])));
    }

    [Fact]
    public void Many_at_once_get_one_file()
    {
        var expected = Results("wav2vec2/base", Methods[0], b => b.UseBf16());
        Parallel.For(0, 6, new ParallelOptions { MaxDegreeOfParallelism = 6 }, _ =>
        {
            using var model = Model("wav2vec2/base", Methods[0]);
            new WeightCache(root, 100).UseBf16(model.Classifier.Backbone, PathOf("wav2vec2/base"), Hash, Log);
            using var halves = model.Classifier.Backbone.Layers[0].Intermediate.Plain(ones(1, model.Classifier.Backbone.Layers[0].HiddenSize));
            Assert.Equal(ScalarType.BFloat16, halves.dtype);
        });
        Assert.Single(Directory.GetFiles(new WeightCache(root, 100).Folder));
        Assert.DoesNotContain(log, line => line.Level == "warning");
        Assert.Equal(expected, Results("wav2vec2/base", Methods[0], b => Share(b, "wav2vec2/base")));
    }

    [Theory]
    [InlineData("flipped")]
    [InlineData("cut off")]
    [InlineData("empty")]
    public void A_damaged_file_is_made_again_and_said(string damage)
    {
        var own = Results("wav2vec2/base", Methods[0], b => Share(b, "wav2vec2/base"));
        var file = Directory.GetFiles(new WeightCache(root, 100).Folder).Single();
        var (whole, bytes) = (File.ReadAllBytes(file), File.ReadAllBytes(file));
        bytes[^9] ^= 4;
        File.WriteAllBytes(file, damage == "flipped" ? bytes : damage == "cut off" ? bytes[..^100] : []);
        log.Clear();
        Assert.Equal(own, Results("wav2vec2/base", Methods[0], b => Share(b, "wav2vec2/base")));
        Assert.Contains(log, line => line.Level == "warning" && line.Message.Contains("were damaged", StringComparison.Ordinal));
        Assert.Equal(whole, File.ReadAllBytes(file));
    }

    [Fact]
    public void Tensors_lie_at_cache_lines()
    {
        Results("wav2vec2/base", Methods[0], b => Share(b, "wav2vec2/base"));
        var bytes = File.ReadAllBytes(Directory.GetFiles(new WeightCache(root, 100).Folder).Single());
        Assert.Equal(0, (8 + BitConverter.ToInt64(bytes)) % 64);
    }

    [Fact]
    public void The_cache_s_limit_holds_for_weights_too()
    {
        var own = Results("wav2vec2/base", Methods[0], b => Share(b, "wav2vec2/base", megabytes: 0));
        Assert.False(Directory.Exists(new WeightCache(root, 0).Folder));
        Assert.Equal(own, Results("wav2vec2/base", Methods[0], b => Share(b, "wav2vec2/base")));

        var old = Directory.GetFiles(new WeightCache(root, 100).Folder).Single();
        var frames = Path.Combine(new FrameCache(root, 100).Folder, "older.frames");
        Directory.CreateDirectory(Path.GetDirectoryName(frames)!);
        File.WriteAllBytes(frames, new byte[700_000]);
        File.SetLastWriteTimeUtc(frames, DateTime.UtcNow.AddHours(-2));
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-1));
        var left = Path.Combine(new WeightCache(root, 100).Folder, "left.tmp");
        File.WriteAllBytes(left, new byte[10]);
        File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddDays(-1));
        Assert.Equal(2, new FrameCache(root, 100).Used.Files);
        var limit = 1; // megabyte: the frames and two models' weights are more
        Assert.True(new FileInfo(old).Length is > 150_000 and < 1_000_000, $"{new FileInfo(old).Length} bytes");
        Results("hubert/base", Methods[0], b => new WeightCache(root, limit).UseBf16(b, PathOf("hubert/base"), "another hash", Log));
        Assert.False(File.Exists(frames), "What was used longest ago goes first.");
        Assert.False(File.Exists(left), "What a killed process left goes, too.");
        Assert.InRange(new FrameCache(root, limit).Used.Bytes, 1, limit * 1_000_000);
        new FrameCache(root, 100).Clear();
        Assert.Empty(Directory.GetFiles(new WeightCache(root, 100).Folder));
    }

    private void Share(Backbone backbone, string name, int megabytes = 100) => new WeightCache(root, megabytes).UseBf16(backbone, PathOf(name), Hash, Log);

    private void Log(string level, string message)
    {
        lock (log) log.Add((level, message));
    }

    private static float[] Results(string backbone, PeftConfig method, Action<Backbone> intoBf16)
    {
        using var model = Model(backbone, method);
        intoBf16(model.Classifier.Backbone);
        return Use(model);
    }

    /// <summary>Logits, gradients, and where it can be merged, logits merged and unmerged.</summary>
    private static float[] Use(PeftModel model)
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        foreach (var tensor in model.Trainable) using (no_grad()) tensor.Parameter.add_(randn_like(tensor.Parameter) * 0.01);
        var contract = model.Classifier.Backbone.Contract;
        var input = contract.Leads == 1 ? randn(2, 1600) : randn(2, contract.Leads, 400);
        var logits = model.Classifier.forward(input, null);
        (logits * tensor([1f, -1f])).sum().backward();
        List<Tensor> all = [logits.detach(), .. model.Trainable.Select(t => (t.Parameter.grad ?? zeros_like(t.Parameter)).reshape(-1))];
        using var _ = no_grad();
        if (model.Config.WhyNotMergeable is null)
        {
            model.Merge();
            all.Add(model.Classifier.forward(input, null));
            model.Unmerge();
            all.Add(model.Classifier.forward(input, null));
            Assert.Equal(logits.data<float>().ToArray(), all[^1].data<float>().ToArray());
        }
        return cat([.. all.Select(t => t.reshape(-1))]).data<float>().ToArray();
    }

    private static string PathOf(string backbone)
    {
        var path = Path.Combine(TestData.Golden, backbone);
        return Directory.EnumerateFiles(path, "*.pt").FirstOrDefault() ?? path;
    }

    private static PeftModel Model(string backbone, PeftConfig method)
    {
        var model = PeftModel.Inject(ModelFolder.Load(PathOf(backbone), new SeededWeights(1)), method, new SeededWeights(2));
        model.Classifier.eval();
        return model;
    }

    /// <summary>Kilobytes by name of each mapping of a file in this process.</summary>
    private static List<Dictionary<string, int>> Mappings(string file)
    {
        var found = new List<Dictionary<string, int>>();
        var ours = false;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0].Contains('-', StringComparison.Ordinal))
            {
                ours = line.EndsWith(file, StringComparison.Ordinal);
                if (ours) found.Add([]);
            }
            else if (ours && words is [var name, var size, "kB"])
            {
                found[^1][name.TrimEnd(':')] = int.Parse(size, System.Globalization.CultureInfo.InvariantCulture);
            }
        }
        return found;
    }
}

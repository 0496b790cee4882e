using EcgPeft.Core;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.LinearProbe;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Peft.Prefix;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Caching;
using static TorchSharp.torch;

namespace EcgPeft.Tests.Training.Caching;

/// <summary>What is frozen is computed once, kept, found again, and never wrong.</summary>
public sealed class FrozenFramesTests : IDisposable
{
    private const int Count = 44;

    private readonly DataRoot root = new(TestData.TemporaryFolder());
    private readonly SequenceClassifier classifier = ModelFolder.Load(Path.Combine(TestData.Golden, "wav2vec2", "base"), new SeededWeights(1));
    private readonly List<(string Level, string Message)> log = [];
    private int computed;

    public void Dispose() => classifier.Dispose();

    [Fact]
    public void A_second_run_computes_nothing_and_gets_the_same()
    {
        var cold = Values();
        Assert.Equal((Count + FrameRows - 1) / FrameRows, computed / FrameRows);
        computed = 0;
        Assert.Equal(cold, Values());
        Assert.Equal(0, computed);
        Assert.Contains(log, line => line.Message.Contains("in the cache already", StringComparison.Ordinal));
    }

    [Fact]
    public void The_cache_holds_what_the_backbone_gives_in_half_precision()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        classifier.eval();
        var expected = classifier.Backbone.Embed(Inputs().Inputs([3, 17, 41]), null).Hidden;
        using var frames = Open();
        Numbers.RelativelyClose(expected, frames.Of([3, 17, 41]).Hidden, 1e-3, "cached frames");
    }

    [Fact]
    public void Other_segments_preprocessing_or_weights_never_meet_these_frames()
    {
        var first = Values();
        Assert.NotEqual(first, Values(seed: 8));
        Assert.NotEqual(first.Length, Values(length: 1600).Length);
        Values(hash: "other weights");
        Assert.Equal(4, new FrameCache(root, 100).Used.Files);
    }

    [Fact]
    public void A_damaged_part_is_computed_again_and_said()
    {
        var whole = Values();
        var file = Directory.GetFiles(new FrameCache(root, 100).Folder).Single();
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Equal(whole, Values());
        Assert.Contains(log, line => line.Level == "warning" && line.Message.Contains("damaged (rows 40 to 43)", StringComparison.Ordinal));
        log.Clear();
        Assert.Equal(whole, Values());
        Assert.DoesNotContain(log, line => line.Level == "warning");
    }

    [Fact]
    public void Batches_that_were_fetched_ahead_are_the_same_and_need_not_be_asked_for()
    {
        var whole = Values();
        using var scope = NewDisposeScope();
        for (var turn = 0; turn < 20; turn++)
        {
            using var frames = Open();
            int[][] batches = [[.. Enumerable.Range(0, Count)], [3, 1], [Count - 1, 0]];
            frames.Prepare(batches[0]);
            frames.Prepare(batches[1]);
            Assert.Equal(whole, frames.Of(batches[0]).Hidden.data<float>().ToArray());
            Assert.Equal(frames.Of([1]).Hidden.data<float>().ToArray(), frames.Of(batches[1]).Hidden[1].data<float>().ToArray());
            foreach (var batch in batches) frames.Prepare(batch); // and closed at once
        }
    }

    [Fact]
    public void A_file_that_was_cut_off_is_made_anew()
    {
        var whole = Values();
        var file = Directory.GetFiles(new FrameCache(root, 100).Folder).Single();
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..5000]);
        Assert.Equal(whole, Values());
    }

    [Fact]
    public void What_was_computed_before_a_stop_is_not_computed_again()
    {
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => FrozenFrames.Cached(classifier.Backbone, Inputs(), new FrameCache(root, 100), "h", 0, Log, done =>
        {
            if (done >= 2 * FrameRows) stop.Cancel();
        }, stop.Token));
        Values();
        Assert.InRange(computed, Count - 3 * FrameRows, Count - 2 * FrameRows + FrameRows - 1);
    }

    [Fact]
    public void Files_not_used_for_longest_make_room_and_the_limit_holds()
    {
        Values();
        var cache = new FrameCache(root, 100);
        var size = cache.Used.Bytes;
        var oldest = Directory.GetFiles(cache.Folder).Single();
        File.SetLastWriteTimeUtc(oldest, DateTime.UtcNow.AddHours(-1));
        var megabytes = (int)(size * 2 / 1_000_000) + 1;
        for (var seed = 20; File.Exists(oldest) && seed < 60; seed++) Values(seed: seed, megabytes: megabytes);
        Assert.False(File.Exists(oldest));
        Assert.InRange(cache.Used.Bytes, size, megabytes * 1_000_000L);
        cache.Clear();
        Assert.Equal((0L, 0), cache.Used);
    }

    [Fact]
    public void Without_room_each_batch_is_computed_and_the_reason_said()
    {
        using var frames = Open(megabytes: 0);
        Assert.False(frames.Kept);
        Assert.Contains(log, line => line.Level == "warning" && line.Message.Contains("CacheMegabytes is 0", StringComparison.Ordinal));
        using var scope = NewDisposeScope();
        using var kept = Open();
        Numbers.RelativelyClose(kept.Of([0, 1, 2, 3, 4, 5, 6, 7]).Hidden, frames.Of([0, 1, 2, 3, 4, 5, 6, 7]).Hidden, 1e-3, "frames of a batch");
    }

    [Fact]
    public void Several_workers_at_once_fill_one_cache_and_agree()
    {
        var expected = Values();
        new FrameCache(root, 100).Clear();
        var found = new float[3][];
        var threads = Enumerable.Range(0, found.Length).Select(i => new Thread(() => found[i] = Values(own: true))).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Assert.All(found, values => Assert.Equal(expected, values));
    }

    [Fact]
    public void Frozen_layers_are_those_below_the_first_that_a_method_touches()
    {
        int Frozen(PeftConfig config)
        {
            using var model = PeftModel.Inject(ModelFolder.Load(Path.Combine(TestData.Golden, "wav2vec2", "base"), new SeededWeights(1)), config, new SeededWeights(1));
            return model.FrozenLayers;
        }
        Assert.Equal(0, Frozen(new LoraConfig()));
        Assert.Equal(2, Frozen(new LoraConfig { LayersToTransform = [2] }));
        Assert.Equal(classifier.Backbone.Layers.Count, Frozen(new LinearProbeConfig()));
        Assert.Equal(0, Frozen(new PrefixConfig()));
        Assert.Equal(0, Frozen(new LinearProbeConfig { ModulesToSave = ["feature_projection"] }));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Deeper_frames_lead_to_the_same_logits(int depth)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        classifier.eval();
        var rows = new[] { 1, 9, 30 };
        var expected = classifier.forward(Inputs().Inputs(rows), null);
        using var frames = FrozenFrames.Cached(classifier.Backbone, Inputs(), new FrameCache(root, 100), "h", Math.Min(depth, classifier.Backbone.Layers.Count), Log, null, CancellationToken.None);
        Numbers.Close(expected, classifier.FromFrames(frames.Of(rows)), 2e-3, "logits");
    }

    private const int FrameRows = 8;

    private static SegmentInputs Inputs(int seed = 7, int length = 2000, Backbone? backbone = null)
    {
        var segments = SyntheticEcg.Generate(Count, 4, seed);
        using var described = ModelFolder.Describe(Path.Combine(TestData.Golden, "wav2vec2", "base"));
        return new SegmentInputs(Normalization.Apply(segments, NormalizationKind.Segment).Values, segments.Length, segments.Labels, (backbone ?? described.Backbone).Contract, inputLength: length);
    }

    private FrozenFrames Open(int seed = 7, int length = 2000, string hash = "h", int megabytes = 100, SequenceClassifier? by = null) =>
        FrozenFrames.Cached((by ?? classifier).Backbone, Inputs(seed, length), new FrameCache(root, megabytes), hash, 0, Log, _ => Interlocked.Add(ref computed, FrameRows), CancellationToken.None);

    private float[] Values(int seed = 7, int length = 2000, string hash = "h", int megabytes = 100, bool own = false)
    {
        using var scope = NewDisposeScope();
        using var mine = own ? ModelFolder.Load(Path.Combine(TestData.Golden, "wav2vec2", "base"), new SeededWeights(1)) : null;
        using var frames = Open(seed, length, hash, megabytes, mine);
        return frames.Of([.. Enumerable.Range(0, Count)]).Hidden.data<float>().ToArray();
    }

    private void Log(string level, string message)
    {
        lock (log) log.Add((level, message));
    }
}

using System.Diagnostics;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Caching;

namespace EcgPeft.Core.Benchmarks;

/// <summary>
/// Cost as work grows, at base size (wav2vec 2.0, random weights, LoRA r 8 on q, k, v and out, batches of 8, cached frames): segments, epochs, trained
/// layers, input length; and memory over epochs.
/// </summary>
/// <param name="progress">Receives a line for people when something is measured.</param>
/// <param name="stop">Ends the measurement.</param>
public sealed class CostBenchmark(Action<string> progress, CancellationToken stop)
{
    private const int BatchSize = 8;
    private const int Rounds = 3;
    private const string Model = "wav2vec2-base, LoRA, batches of 8";

    private static readonly int[] SegmentCounts = [16, 32, 64, 96, 128];
    private static readonly int[] EpochCounts = [1, 2, 4, 6, 8];
    private static readonly int[] LayerCounts = [2, 4, 6, 8, 10, 12];
    private static readonly int[] Lengths = [4800, 9600, 16000, 24000, 32000];

    /// <summary>Measures everything.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public CostReport Run()
    {
        var folder = Directory.CreateTempSubdirectory("ecgpeft-bench-");
        try
        {
            var root = new DataRoot(folder.FullName);
            var segments = SyntheticEcg.Generate(SegmentCounts[^1] + BatchSize, 8, 1);
            var precision = Precision.Fp32;
            List<CostCurve> curves;
            List<double> memory = [];
            using (var setting = new Setting(root, segments, layers: 12, length: 16000, stop))
            {
                precision = setting.Precision;
                var most = EpochCounts[^1];
                // Epochs first: their memory must not be hidden in what larger data needed before.
                var epochs = Measured("epochs", "epochs", "a run of 32 segments, its epochs' validation included", EpochCounts, n => setting.Train(32, n, n == most ? () => Remember(memory) : null));
                curves = [Measured("segments", "training segments", "one epoch", SegmentCounts, n => setting.Train(n, 1, null)), epochs];
            }
            curves.Add(Measured("layers", "last layers trained", "one step", LayerCounts, Steps(root, segments, n => (n, 16000))));
            curves.Add(Measured("length", "samples of input", "one step", Lengths, Steps(root, segments, n => (12, n))));
            return new CostReport(RunEnvironment.ProcessorName(), precision.ToString().ToLowerInvariant(), curves, memory);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Remember(List<double> memory)
    {
        if (ProcessMemory.Now() is { } now) memory.Add(now);
    }

    /// <summary>Seconds of a step at one amount of work, with a model made for it.</summary>
    private Func<int, double> Steps(DataRoot root, SegmentSet segments, Func<int, (int Layers, int Length)> of) => n =>
    {
        var (layers, length) = of(n);
        using var setting = new Setting(root, segments, layers, length, stop);
        return setting.Step();
    };

    private CostCurve Measured(string id, string work, string what, int[] amounts, Func<int, double> seconds)
    {
        var times = amounts.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < amounts.Length; i++)
            {
                stop.ThrowIfCancellationRequested();
                times[i].Add(seconds(amounts[i]));
            }
        }
        var medians = times.Select(t => Alternating.Median([.. t.Order()])).ToArray();
        var curve = new CostCurve(id, work, what, [.. amounts.Select(n => (double)n)], medians, Model);
        progress(FormattableString.Invariant($"{what} against {work}: R^2 of a straight line {curve.Line().RSquared:F4}"));
        return curve;
    }

    /// <summary>A model with its frames.</summary>
    private sealed class Setting : IDisposable
    {
        private readonly PeftModel model;
        private readonly SegmentInputs inputs;
        private readonly FrozenFrames frames;
        private readonly Recipe recipe;
        private readonly DataRoot root;
        private readonly CancellationToken stop;

        public Setting(DataRoot root, SegmentSet segments, int layers, int length, CancellationToken stop)
        {
            (this.root, this.stop) = (root, stop);
            var method = new LoraConfig { Rank = 8, Alpha = 16, Dropout = 0, LayersToTransform = [.. Enumerable.Range(12 - layers, layers)] };
            recipe = new Recipe { Peft = method, Training = new TrainingRecipe { BatchSize = BatchSize, LearningRate = 1e-4, Patience = 0 } };
            var known = BaseModel.All[0];
            model = PeftModel.Inject(known.Build(), method, new SeededWeights(1));
            var backbone = model.Classifier.Backbone;
            Precision = PrecisionChoice.For(Precision.Auto, model, root);
            if (Precision == Precision.Bf16) backbone.UseBf16();
            inputs = new SegmentInputs(Normalization.Apply(segments, NormalizationKind.Segment).Values, segments.Length, segments.Labels, backbone.Contract, length);
            frames = FrozenFrames.Cached(backbone, inputs, new FrameCache(root, FrameCache.DefaultMegabytes), known.Hash, model.FrozenLayers, (_, _) => { }, null, stop);
        }

        public Precision Precision { get; }

        /// <summary>Seconds of a training run on cached frames.</summary>
        public double Train(int count, int epochs, Action? afterEpoch)
        {
            var all = Enumerable.Range(0, count + BatchSize).ToArray();
            var split = new DataSplit(all[..count], all[count..], all[count..], ByGroup: false);
            var checkpoint = Path.Combine(root.Path, "checkpoint", Guid.NewGuid().ToString("N"));
            var clock = Stopwatch.StartNew();
            Trainer.Train(model, frames, inputs, split, recipe with { Training = recipe.Training with { Epochs = epochs } }, checkpoint, e => { if (e is EpochEvent) afterEpoch?.Invoke(); }, stop);
            return clock.Elapsed.TotalSeconds;
        }

        /// <summary>Seconds of a step: the shortest of some.</summary>
        public double Step()
        {
            using var product = new ProductPath(model, frames, inputs, recipe);
            int[] rows = [.. Enumerable.Range(0, BatchSize)];
            product.Train(rows);
            return Enumerable.Range(0, 4).Min(_ =>
            {
                var clock = Stopwatch.StartNew();
                product.Train(rows);
                return clock.Elapsed.TotalSeconds;
            });
        }

        public void Dispose()
        {
            frames.Dispose();
            model.Dispose();
        }
    }
}

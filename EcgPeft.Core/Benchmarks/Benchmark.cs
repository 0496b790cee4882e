using System.Diagnostics;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Caching;
using static TorchSharp.torch;

namespace EcgPeft.Core.Benchmarks;

/// <summary>
/// The product path against the plain path on this machine: three backbones at base size, LoRA and Houlsby adapters, batches of
/// 8; training steps, evaluation, and the study of all six.
/// </summary>
/// <param name="progress">Receives a line for people when something is measured.</param>
/// <param name="stop">Ends the measurement.</param>
public sealed class Benchmark(Action<string> progress, CancellationToken stop)
{
    private const int BatchSize = 8;
    private const int TrainingSegments = 64;
    private const int ValidationSegments = 16;
    private const int Epochs = 5;
    private const int Rounds = 5;

    private static readonly int[] All = [.. Enumerable.Range(0, TrainingSegments + ValidationSegments)];
    private static readonly DataSplit Split = new(All[..TrainingSegments], All[TrainingSegments..], All[TrainingSegments..], ByGroup: false);

    private static readonly PeftConfig[] Methods = [new LoraConfig { Rank = 8, Alpha = 16, Dropout = 0 }, new AdapterConfig { Kind = AdapterKind.Houlsby, BottleneckSize = 64, Dropout = 0 }];

    /// <summary>Measures everything.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public BenchReport Run()
    {
        var folder = Directory.CreateTempSubdirectory("ecgpeft-bench-");
        try
        {
            return Run(new DataRoot(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private BenchReport Run(DataRoot root)
    {
        using var peak = new GemmPeak();
        progress($"matrix products: {peak.Gflops.Fp32:F0} GFLOP/s in float32, {peak.Gflops.Bf16:F0} in bfloat16");
        var segments = SyntheticEcg.Generate(All.Length, 8, 1);
        var pairs = new List<BenchPair>();
        var flops = new List<(BenchPair Pair, double Count, double PlainSeconds)>();
        var precision = Precision.Fp32;
        var (studyPlain, studyProduct) = (0.0, 0.0);
        foreach (var known in BaseModel.All)
        {
            // The first method's run fills the cache that the second one finds full.
            double? caching = null;
            foreach (var method in Methods)
            {
                stop.ThrowIfCancellationRequested();
                var recipe = new Recipe { Peft = method, Training = new TrainingRecipe { Epochs = Epochs, BatchSize = BatchSize, LearningRate = 1e-4, Patience = 0 } };
                var memory = PeakMemory(known, recipe, segments, new DataRoot(Path.Combine(root.Path, "memory"))); // a cache of its own: the first pass below is measured
                using var plainModel = PeftModel.Inject(known.Build(), method, new SeededWeights(1));
                using var model = PeftModel.Inject(known.Build(), method, new SeededWeights(1));
                var backbone = model.Classifier.Backbone;
                precision = PrecisionChoice.For(Precision.Auto, model, root);
                if (precision == Precision.Bf16) backbone.UseBf16();
                var inputs = new SegmentInputs(Normalization.Apply(segments, NormalizationKind.Segment).Values, segments.Length, segments.Labels, backbone.Contract, inputLength: null);

                var clock = Stopwatch.StartNew();
                using var frames = FrozenFrames.Cached(backbone, inputs, new FrameCache(root, FrameCache.DefaultMegabytes), known.Hash, model.FrozenLayers, (_, _) => { }, null, stop);
                caching ??= clock.Elapsed.TotalSeconds;
                using var plain = new PlainPath(known, plainModel, inputs);
                using var product = new ProductPath(model, frames, inputs, recipe);
                var name = $"{known.Name} {(method is LoraConfig ? "LoRA" : "Houlsby adapter")}";

                var rows = All[..BatchSize];
                var train = Alternating.Measure(Rounds, () => plain.Train(rows), () => product.Train(rows), peak.Sample, () => Embed(plainModel.Classifier.Backbone, inputs, rows));
                var evaluation = Alternating.Measure(2, () => plain.Evaluate(All[..TrainingSegments], BatchSize), () => product.Evaluate(All[..TrainingSegments]), peak.Sample);
                var trained = Pair(name, "train", train[0], train[1]) with
                {
                    SegmentsPerSecond = BatchSize / Alternating.Median(train[1]),
                    CachingSecondsPerSegment = caching.Value / All.Length,
                    PlainMegabytes = memory.Plain,
                    ProductMegabytes = memory.Product,
                    CheckpointedMegabytes = memory.Checkpointed,
                    Note = "one step of 8 segments; memory of the whole process with that path alone in it",
                };
                flops.Add((trained, Flops(backbone, inputs), Alternating.Median(train[0]) - Alternating.Median(train[3])));
                pairs.Add(trained);
                pairs.Add(Pair(name, "evaluate", evaluation[0], evaluation[1]) with
                {
                    SegmentsPerSecond = TrainingSegments / Alternating.Median(evaluation[1]),
                    Note = $"{TrainingSegments} segments; plain in batches of {BatchSize}, product with cached frames{(method is LoraConfig ? " and merged weights" : "")}",
                });
                foreach (var pair in pairs.TakeLast(2)) progress($"{pair.Kind} {pair.Name}: {pair.PlainSeconds:F2} s plain, {pair.ProductSeconds:F2} s product, {pair.Ratio:F2} x");

                clock.Restart();
                Trainer.Train(model, frames, inputs, Split, recipe, Path.Combine(root.Path, "checkpoint", name), _ => { }, stop);
                studyProduct += clock.Elapsed.TotalSeconds;
                studyPlain += Epochs * (TrainingSegments / BatchSize * Alternating.Median(train[0]) + ValidationSegments / (double)TrainingSegments * Alternating.Median(evaluation[0]));
            }
            studyProduct += caching!.Value;
        }
        pairs.Add(new BenchPair("six combinations", "study", studyPlain, studyProduct, studyPlain / studyProduct)
        {
            Note = $"{TrainingSegments} training and {ValidationSegments} validation segments, {Epochs} epochs; product run with its caching passes, plain extrapolated from its measured steps",
        });

        var gflops = peak.Gflops;
        var peakOf = precision == Precision.Bf16 ? gflops.Bf16 : gflops.Fp32;
        foreach (var (pair, count, seconds) in flops)
            pairs[pairs.IndexOf(pair)] = pair with { ShareOfPeak = count / pair.ProductSeconds / 1e9 / peakOf, PlainShareOfPeak = count / seconds / 1e9 / gflops.Fp32 };
        using var process = Process.GetCurrentProcess();
        return new BenchReport(
            new BenchMachine(RunEnvironment.ProcessorName(), PrecisionChoice.ProcessorHasBf16, get_num_threads(), gflops), precision.ToString().ToLowerInvariant(), pairs, process.PeakWorkingSet64 / 1e6);
    }

    /// <summary>Peak memory of a few steps of each path, with nothing of the other in the process.</summary>
    private (double? Plain, double? Product, double? Checkpointed) PeakMemory(BaseModel known, Recipe recipe, SegmentSet segments, DataRoot root)
    {
        var rows = All[..BatchSize];
        SegmentInputs Inputs(Backbone backbone) => new(Normalization.Apply(segments, NormalizationKind.Segment).Values, segments.Length, segments.Labels, backbone.Contract, inputLength: null);
        double? Plain()
        {
            using var model = PeftModel.Inject(known.Build(), recipe.Peft, new SeededWeights(1));
            using var path = new PlainPath(known, model, Inputs(model.Classifier.Backbone));
            return ProcessMemory.PeakOf(() => { for (var i = 0; i < 2; i++) path.Train(rows); });
        }
        double? Product(bool checkpointing)
        {
            using var model = PeftModel.Inject(known.Build(), recipe.Peft, new SeededWeights(1));
            var backbone = model.Classifier.Backbone;
            if (PrecisionChoice.For(Precision.Auto, model, root) == Precision.Bf16) backbone.UseBf16();
            var inputs = Inputs(backbone);
            using var frames = FrozenFrames.Cached(backbone, inputs, new FrameCache(root, FrameCache.DefaultMegabytes), known.Hash, model.FrozenLayers, (_, _) => { }, null, stop);
            using var path = new ProductPath(model, frames, inputs, recipe with { Training = recipe.Training with { ActivationCheckpointing = checkpointing } });
            return ProcessMemory.PeakOf(() => { for (var i = 0; i < 3; i++) path.Train(rows); });
        }
        return (Plain(), Product(false), Product(true));
    }

    private static BenchPair Pair(string name, string kind, double[] plain, double[] product) =>
        new(name, kind, Alternating.Median(plain), Alternating.Median(product), Alternating.Median(plain) / Alternating.Median(product))
        {
            PlainSpread = [plain[0], plain[^1]],
            ProductSpread = [product[0], product[^1]],
        };

    private static void Embed(Backbone backbone, SegmentInputs inputs, int[] rows)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        backbone.eval();
        backbone.Embed(inputs.Inputs(rows), attentionMask: null);
    }

    /// <summary>Of one step in the transformer layers: 2 a weight and frame forward, the same back to the layer's input (the first layer's has no use), and attention's products.</summary>
    private static double Flops(Backbone backbone, SegmentInputs inputs)
    {
        double frames = backbone.Contract.FramesOf(inputs.Length), total = 0;
        for (var i = 0; i < backbone.Layers.Count; i++)
        {
            var layer = backbone.Layers[i];
            var forward = 2.0 * frames * (4.0 * layer.HiddenSize * layer.HiddenSize + 2.0 * layer.HiddenSize * layer.Intermediate.OutFeatures) + 4.0 * frames * frames * layer.HiddenSize;
            // Queries, keys and values of the first layer pass nothing back: its input is frozen.
            total += 2 * forward - (i == 0 ? 2.0 * frames * 3 * layer.HiddenSize * layer.HiddenSize : 0);
        }
        return total * BatchSize;
    }
}

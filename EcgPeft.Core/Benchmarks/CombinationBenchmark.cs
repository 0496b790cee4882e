using System.Diagnostics;
using EcgPeft.Core.Backbones;
using EcgPeft.Core.Backbones.Weights;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Caching;
using static TorchSharp.torch;

namespace EcgPeft.Core.Benchmarks;

/// <summary>What one backbone with one method was found to take.</summary>
/// <param name="Train">A training step.</param>
/// <param name="Evaluate">Evaluation.</param>
/// <param name="Precision">What the product computed in.</param>
/// <param name="CachingSeconds">The product's caching pass.</param>
/// <param name="RunSeconds">The product's whole run on cached frames.</param>
/// <param name="StepFlops">Of the transformer layers in a training step.</param>
/// <param name="EvaluationFlops">The same in the evaluation.</param>
/// <param name="PlainTransformerSeconds">The plain path's step without convolutions.</param>
internal sealed record BenchCombination(BenchPair Train, BenchPair Evaluate, Precision Precision, double CachingSeconds, double RunSeconds, double StepFlops, double EvaluationFlops, double PlainTransformerSeconds)
{
    /// <summary>Both pairs with their shares of the measured peak.</summary>
    /// <param name="gflops">The peaks.</param>
    public IEnumerable<BenchPair> AgainstPeak(GemmGflops gflops)
    {
        var peak = (Precision == Precision.Bf16 ? gflops.Bf16 : gflops.Fp32) * 1e9;
        yield return Train with { ShareOfPeak = StepFlops / Train.ProductSeconds / peak, PlainShareOfPeak = StepFlops / PlainTransformerSeconds / 1e9 / gflops.Fp32, RatioAtPeak = Train.PlainSeconds * peak / StepFlops };
        yield return Evaluate with { ShareOfPeak = EvaluationFlops / Evaluate.ProductSeconds / peak, RatioAtPeak = Evaluate.PlainSeconds * peak / EvaluationFlops };
    }
}

/// <summary>Measures one backbone with one method: both paths in turn, so that a busy moment of the machine meets both.</summary>
/// <param name="known">The backbone.</param>
/// <param name="method">The method.</param>
/// <param name="segments">The segments.</param>
/// <param name="root">Where the cache is.</param>
/// <param name="peak">Measured in between.</param>
/// <param name="stop">Ends the measurement.</param>
internal sealed class CombinationBenchmark(BaseModel known, PeftConfig method, SegmentSet segments, DataRoot root, GemmPeak peak, CancellationToken stop)
{
    private const int Rounds = 5;
    private const int EvaluationRounds = 2;

    public BenchCombination Run()
    {
        var name = $"{known.Name} {(method is LoraConfig ? "LoRA" : "Houlsby adapter")}";
        var recipe = new Recipe { Peft = method, Training = new TrainingRecipe { Epochs = BenchWork.Epochs, BatchSize = BenchWork.BatchSize, LearningRate = 1e-4, Patience = 0 } };
        var memory = PathMemory.Measure(known, recipe, segments, new DataRoot(Path.Combine(root.Path, "memory")), stop); // a cache of its own: the first pass below is measured
        using var plainModel = PeftModel.Inject(known.Build(), method, new SeededWeights(1));
        using var model = PeftModel.Inject(known.Build(), method, new SeededWeights(1));
        var backbone = model.Classifier.Backbone;
        var precision = PrecisionChoice.For(Precision.Auto, model, root);
        if (precision == Precision.Bf16) backbone.UseBf16();
        var inputs = BenchWork.Inputs(segments, backbone);

        var clock = Stopwatch.StartNew();
        using var frames = FrozenFrames.Cached(backbone, inputs, new FrameCache(root, FrameCache.DefaultMegabytes), known.Hash, model.FrozenLayers, (_, _) => { }, null, stop);
        var caching = clock.Elapsed.TotalSeconds;
        using var plain = new PlainPath(known, plainModel, inputs);
        using var product = new ProductPath(model, frames, inputs, recipe);
        var step = Alternating.Measure(Rounds, () => plain.Train(BenchWork.Batch), () => product.Train(BenchWork.Batch), peak.Sample, () => Embed(plainModel.Classifier.Backbone, inputs));
        var evaluation = Alternating.Measure(EvaluationRounds, () => plain.Evaluate(BenchWork.Training, BenchWork.BatchSize), () => product.Evaluate(BenchWork.Training), peak.Sample);
        var train = Pair(name, "train", step[0], step[1]) with
        {
            SegmentsPerSecond = BenchWork.BatchSize / Alternating.Median(step[1]),
            PlainMegabytes = memory.Plain,
            ProductMegabytes = memory.Product,
            CheckpointedMegabytes = memory.Checkpointed,
            Note = $"one step of {BenchWork.BatchSize} segments; memory of the whole process with that path alone in it",
        };
        var evaluate = Pair(name, "evaluate", evaluation[0], evaluation[1]) with
        {
            SegmentsPerSecond = BenchWork.TrainingSegments / Alternating.Median(evaluation[1]),
            Note = $"{BenchWork.TrainingSegments} segments; plain in batches of {BenchWork.BatchSize}, product with cached frames{(method is LoraConfig ? " and merged weights" : "")}",
        };
        clock.Restart();
        Trainer.Train(model, frames, inputs, BenchWork.Split, recipe, Path.Combine(root.Path, "checkpoint", name), _ => { }, stop);
        return new BenchCombination(
            train, evaluate, precision, caching, clock.Elapsed.TotalSeconds, TransformerFlops.OfStep(backbone, inputs.Length, BenchWork.BatchSize),
            TransformerFlops.OfEvaluation(backbone, inputs.Length, BenchWork.TrainingSegments), Alternating.Median(step[0]) - Alternating.Median(step[3]));
    }

    private static BenchPair Pair(string name, string kind, double[] plain, double[] product) =>
        new(name, kind, Alternating.Median(plain), Alternating.Median(product), Alternating.Median(plain) / Alternating.Median(product))
        {
            PlainSpread = [plain[0], plain[^1]],
            ProductSpread = [product[0], product[^1]],
        };

    private static void Embed(Backbone backbone, SegmentInputs inputs)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        backbone.eval();
        backbone.Embed(inputs.Inputs(BenchWork.Batch), attentionMask: null);
    }
}

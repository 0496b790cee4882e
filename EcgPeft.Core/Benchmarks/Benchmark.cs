using EcgPeft.Core.Ecg;
using EcgPeft.Core.Peft;
using EcgPeft.Core.Peft.Bottleneck;
using EcgPeft.Core.Peft.Lora;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
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
        var segments = SyntheticEcg.Generate(BenchWork.Segments, 8, 1);
        var measured = new List<BenchCombination>();
        var (studyPlain, studyProduct) = (0.0, 0.0);
        foreach (var known in BaseModel.All)
        {
            // The first method's run fills the cache that the second one finds full.
            double? caching = null;
            foreach (var method in Methods)
            {
                stop.ThrowIfCancellationRequested();
                var combination = new CombinationBenchmark(known, method, segments, root, peak, stop).Run();
                caching ??= combination.CachingSeconds;
                combination = combination with { Train = combination.Train with { CachingSecondsPerSegment = caching / BenchWork.Segments } };
                foreach (var pair in new[] { combination.Train, combination.Evaluate }) progress($"{pair.Kind} {pair.Name}: {pair.PlainSeconds:F2} s plain, {pair.ProductSeconds:F2} s product, {pair.Ratio:F2} x");
                studyProduct += combination.RunSeconds;
                studyPlain += BenchWork.Epochs * (BenchWork.TrainingSegments / BenchWork.BatchSize * combination.Train.PlainSeconds + BenchWork.ValidationSegments / (double)BenchWork.TrainingSegments * combination.Evaluate.PlainSeconds);
                measured.Add(combination);
            }
            studyProduct += caching!.Value;
        }
        var study = new BenchPair("six combinations", "study", studyPlain, studyProduct, studyPlain / studyProduct)
        {
            Note = $"{BenchWork.TrainingSegments} training and {BenchWork.ValidationSegments} validation segments, {BenchWork.Epochs} epochs; product run with its caching passes, plain extrapolated from its measured steps",
        };
        var (gflops, precision) = (peak.Gflops, measured[^1].Precision);
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return new BenchReport(
            new BenchMachine(RunEnvironment.ProcessorName(), PrecisionChoice.ProcessorHasBf16, get_num_threads(), gflops), precision.ToString().ToLowerInvariant(),
            [.. measured.SelectMany(combination => combination.AgainstPeak(gflops)), study], process.PeakWorkingSet64 / 1e6);
    }
}

namespace EcgPeft.Core.Benchmarks;

/// <summary>GFLOP/s of large matrix products.</summary>
/// <param name="Fp32">In float32.</param>
/// <param name="Bf16">In bfloat16.</param>
public sealed record GemmGflops(double Fp32, double Bf16);

/// <summary>The machine that was measured.</summary>
/// <param name="Processor">Name of the processor.</param>
/// <param name="Bf16">Whether it has bfloat16 products.</param>
/// <param name="Threads">Threads of one operation.</param>
/// <param name="GemmGflops">Medians of products measured all through the run.</param>
public sealed record BenchMachine(string Processor, bool Bf16, int Threads, GemmGflops GemmGflops);

/// <summary>One comparison.</summary>
/// <param name="Name">What.</param>
/// <param name="Kind"><c>train</c>, <c>evaluate</c> or <c>study</c>.</param>
/// <param name="PlainSeconds">Median seconds of the plain path.</param>
/// <param name="ProductSeconds">Median seconds of the product.</param>
/// <param name="Ratio">Plain by product.</param>
public sealed record BenchPair(string Name, string Kind, double PlainSeconds, double ProductSeconds, double Ratio)
{
    /// <summary>Shortest and longest of the plain path.</summary>
    public double[]? PlainSpread { get; init; }

    /// <summary>Shortest and longest of the product.</summary>
    public double[]? ProductSpread { get; init; }

    /// <summary>Segments a second of the product.</summary>
    public double? SegmentsPerSecond { get; init; }

    /// <summary>Counted multiplications of the transformer's frozen weights and attention, forward and where it trains back, by the measured peak of the precision.</summary>
    public double? ShareOfPeak { get; init; }

    /// <summary>The same of the plain path, convolutions' time taken out.</summary>
    public double? PlainShareOfPeak { get; init; }

    /// <summary>The ratio that nothing could exceed: of a path that did these multiplications alone, at the measured peak of the precision.</summary>
    public double? RatioAtPeak { get; init; }

    /// <summary>Seconds a segment of the first epoch's caching pass.</summary>
    public double? CachingSecondsPerSegment { get; init; }

    /// <summary>Peak memory of the process with the plain path alone in it, in megabytes.</summary>
    public double? PlainMegabytes { get; init; }

    /// <summary>The same of the product.</summary>
    public double? ProductMegabytes { get; init; }

    /// <summary>The product's with activation checkpointing.</summary>
    public double? CheckpointedMegabytes { get; init; }

    /// <summary>How it was found.</summary>
    public string? Note { get; init; }
}

/// <summary>What <c>ecgpeft bench</c> prints.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Precision">What the product path computed in.</param>
/// <param name="Pairs">The comparisons.</param>
/// <param name="PeakMegabytes">Most memory of the whole measurement: both paths' models together.</param>
public sealed record BenchReport(BenchMachine Machine, string Precision, IReadOnlyList<BenchPair> Pairs, double PeakMegabytes);

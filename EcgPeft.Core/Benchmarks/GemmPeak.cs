using System.Diagnostics;
using static TorchSharp.torch;

namespace EcgPeft.Core.Benchmarks;

/// <summary>Large matrix products in both precisions, measured again and again through a run.</summary>
internal sealed class GemmPeak : IDisposable
{
    private const int Size = 2048;

    private readonly Tensor a = rand(Size, Size);
    private readonly Tensor b = rand(Size, Size);
    private readonly Tensor a16;
    private readonly Tensor b16;
    private readonly List<double> fp32 = [];
    private readonly List<double> bf16 = [];

    public GemmPeak()
    {
        (a16, b16) = (a.to(ScalarType.BFloat16), b.to(ScalarType.BFloat16));
        for (var i = 0; i < 4; i++) Sample();
        fp32.Clear();
        bf16.Clear();
        for (var i = 0; i < 4; i++) Sample();
    }

    /// <summary>Medians so far.</summary>
    public GemmGflops Gflops => new(Median(fp32), Median(bf16));

    /// <summary>Measures both once.</summary>
    public void Sample()
    {
        fp32.Add(Product(a, b));
        bf16.Add(Product(a16, b16));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in new[] { a, b, a16, b16 }) tensor.Dispose();
    }

    private static double Product(Tensor x, Tensor y)
    {
        var clock = Stopwatch.StartNew();
        using var product = x.mm(y);
        return 2e-9 * Size * Size * Size / clock.Elapsed.TotalSeconds;
    }

    private static double Median(List<double> values) => Alternating.Median([.. values.Order()]);
}

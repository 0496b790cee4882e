using static TorchSharp.torch;

namespace EcgPeft.Core.Pretraining;

/// <summary>k-means (Lloyd 1982) with k-means++ starts (Arthur and Vassilvitskii 2007).</summary>
public static class KMeans
{
    private const int Rounds = 20;
    private const int RowsAtOnce = 4096;

    /// <summary>Finds centres.</summary>
    /// <param name="points">[N, D].</param>
    /// <param name="clusters">K; fewer come back where there are fewer points.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <returns>[K, D].</returns>
    public static Tensor Fit(Tensor points, int clusters, Random random)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var centres = Start(points, (int)Math.Min(clusters, points.shape[0]), random);
        for (var round = 0; round < Rounds; round++)
        {
            var assigned = Assign(points, centres);
            var sums = zeros_like(centres).index_add(0, assigned, points, 1);
            var counts = zeros(centres.shape[0], device: points.device).index_add(0, assigned, ones(points.shape[0], device: points.device), 1).unsqueeze(1);
            // A centre that lost all its points stays where it is.
            centres = where(counts > Constant.Of(0), sums / counts.clamp_min(Constant.Of(1)), centres);
        }
        return centres.MoveToOuterDisposeScope();
    }

    /// <summary>The nearest centre of each point.</summary>
    /// <param name="points">[N, D].</param>
    /// <param name="centres">[K, D].</param>
    /// <returns>int64 [N].</returns>
    public static Tensor Assign(Tensor points, Tensor centres)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var halfNorms = centres.square().sum(1) * Constant.Of(0.5);
        var parts = new List<Tensor>();
        for (long start = 0; start < points.shape[0]; start += RowsAtOnce)
            parts.Add((halfNorms - matmul(points.narrow(0, start, Math.Min(RowsAtOnce, points.shape[0] - start)), centres.transpose(0, 1))).argmin(1));
        return cat(parts).MoveToOuterDisposeScope();
    }

    private static Tensor Start(Tensor points, int clusters, Random random)
    {
        var chosen = new List<Tensor> { points[random.NextInt64(points.shape[0])].unsqueeze(0) };
        var nearest = (points - chosen[0]).square().sum(1).to(ScalarType.Float64);
        while (chosen.Count < clusters)
        {
            using var undisturbed = NoCollection.Begin();
            using var scope = NewDisposeScope();
            var cumulative = nearest.cumsum(0);
            var at = searchsorted(cumulative, tensor([random.NextDouble() * cumulative[-1].item<double>()], device: points.device)).item<long>();
            var next = points[Math.Min(at, points.shape[0] - 1)].unsqueeze(0);
            var closer = minimum(nearest, (points - next).square().sum(1).to(ScalarType.Float64));
            chosen.Add(next.MoveToOuterDisposeScope());
            nearest.Dispose();
            nearest = closer.MoveToOuterDisposeScope();
        }
        return cat(chosen);
    }
}

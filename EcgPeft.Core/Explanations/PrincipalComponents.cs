using static TorchSharp.torch;

namespace EcgPeft.Core.Explanations;

/// <summary>Points in a plane that keeps as much of their spread as a plane can (Pearson 1901).</summary>
/// <param name="X">Along the first component.</param>
/// <param name="Y">Along the second; zeros where there is only one direction.</param>
/// <param name="Explained">Share of the variance along each of the two.</param>
public sealed record PlaneOfPoints(double[] X, double[] Y, double[] Explained);

/// <summary>Principal components by singular value decomposition.</summary>
public static class PrincipalComponents
{
    /// <summary>Projects points onto their first two principal components.</summary>
    /// <param name="points">N points one after the other, N x D values.</param>
    /// <param name="count">N, at least 1.</param>
    public static PlaneOfPoints Plane(float[] points, int count)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var x = tensor(points, [count, points.Length / count], device: CPU).to(ScalarType.Float64);
        x = x - x.mean([0L], keepdim: true);
        var (u, s, v) = linalg.svd(x, fullMatrices: false);
        var values = s.data<double>().ToArray();
        var total = values.Sum(value => value * value);
        double[] Along(int component)
        {
            if (component >= values.Length) return new double[count];
            // A component's direction is free; its largest loading points up, so that the same points give the same picture.
            var loadings = v[component].contiguous().data<double>().ToArray();
            var sign = Math.Sign(loadings.MaxBy(Math.Abs)) is var found and not 0 ? found : 1;
            return [.. u.select(1, component).contiguous().data<double>().ToArray().Select(value => sign * value * values[component])];
        }
        return new PlaneOfPoints(Along(0), Along(1), [.. Enumerable.Range(0, 2).Select(i => total > 0 && i < values.Length ? values[i] * values[i] / total : 0)]);
    }
}

using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Explanations;

namespace EcgPeft.Tests.Explanations;

public sealed class EmbeddingTests
{
    [Fact]
    public void Points_of_a_plane_keep_their_distances_and_the_first_component_has_the_larger_variance()
    {
        var random = new Random(4);
        var (n, points) = (40, new float[40 * 5]);
        // Two directions of five: a plane.
        for (var i = 0; i < n; i++)
        {
            var (a, b) = (random.NextDouble() * 6 - 3, random.NextDouble() - 0.5);
            for (var k = 0; k < 5; k++) points[i * 5 + k] = (float)(7 + a * (k + 1) + b * (k % 2 == 0 ? 1 : -1));
        }
        var plane = PrincipalComponents.Plane(points, n);
        for (var i = 1; i < n; i++)
        {
            var before = Math.Sqrt(Enumerable.Range(0, 5).Sum(k => Math.Pow(points[i * 5 + k] - points[k], 2)));
            Assert.Equal(before, Math.Sqrt(Math.Pow(plane.X[i] - plane.X[0], 2) + Math.Pow(plane.Y[i] - plane.Y[0], 2)), 1e-4);
        }
        double Variance(double[] values) => values.Sum(v => Math.Pow(v - values.Average(), 2)) / (n - 1);
        Assert.Equal(1, plane.Explained.Sum(), 1e-9);
        Assert.Equal(Variance(plane.X) / (Variance(plane.X) + Variance(plane.Y)), plane.Explained[0], 1e-9);
        Assert.True(plane.Explained[0] > 0.9);
        Assert.Equal(0, plane.X.Zip(plane.Y, (x, y) => x * y).Sum(), 1e-6);
    }

    [Fact]
    public void One_direction_or_one_point_is_no_error()
    {
        Assert.Equal([0.0, 0.0], PrincipalComponents.Plane([1, 2, 3], 1).Explained);
        var line = PrincipalComponents.Plane([0, 1, 2], 3);
        Assert.Equal([-1.0, 0.0, 1.0], line.X.Select(x => Math.Round(x, 9)));
        Assert.Equal([0.0, 0.0, 0.0], line.Y);
    }

    [Fact]
    public void Neighbours_say_how_well_labels_are_apart()
    {
        float[] apart = [0, 0, 0, 1, 9, 9, 9, 8];
        Assert.Equal(1, EmbeddedSegments.Of(apart, [0, 0, 1, 1]).SameLabelNeighbours);
        Assert.Equal(0, EmbeddedSegments.Of(apart, [0, 1, 0, 1]).SameLabelNeighbours);
    }

    [Fact]
    public void Calls_are_sorted_by_what_they_are_and_how_sure()
    {
        var calls = SegmentCall.Of(new Predictions([10, 11, 12, 13, 14], [1, 1, 0, 0, 0], [0.6, 0.9, 0.7, 0.2, 0.1]), 0.65);
        Assert.Equal([11], calls[CallKind.TruePositive].Select(c => c.Row));
        Assert.Equal([10], calls[CallKind.FalseNegative].Select(c => c.Row));
        Assert.Equal([12], calls[CallKind.FalsePositive].Select(c => c.Row));
        Assert.Equal([14, 13], calls[CallKind.TrueNegative].Select(c => c.Row));
        Assert.Equal(0.9, calls[CallKind.TrueNegative].First().Confidence);
    }
}

namespace EcgPeft.Core.Explanations;

/// <summary>Where a backbone puts segments, before or after tuning.</summary>
/// <param name="X">Along the first principal component.</param>
/// <param name="Y">Along the second.</param>
/// <param name="Explained">Share of the variance along each of the two.</param>
/// <param name="SameLabelNeighbours">Share of the segments whose nearest neighbour, in all dimensions, has the same label.</param>
public sealed record EmbeddedSegments(double[] X, double[] Y, double[] Explained, double SameLabelNeighbours)
{
    /// <summary>Makes the map of embeddings.</summary>
    /// <param name="embeddings">N x H, one segment after the other.</param>
    /// <param name="labels">N labels.</param>
    public static EmbeddedSegments Of(float[] embeddings, IReadOnlyList<byte> labels)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        ArgumentNullException.ThrowIfNull(labels);
        var plane = PrincipalComponents.Plane(embeddings, labels.Count);
        return new EmbeddedSegments(plane.X, plane.Y, plane.Explained, Neighbours(embeddings, labels));
    }

    private static double Neighbours(float[] embeddings, IReadOnlyList<byte> labels)
    {
        if (labels.Count < 2) return double.NaN;
        var size = embeddings.Length / labels.Count;
        var same = 0;
        Parallel.For(0, labels.Count, i =>
        {
            var (nearest, best) = (-1, double.PositiveInfinity);
            for (var j = 0; j < labels.Count; j++)
            {
                if (i == j) continue;
                var distance = 0.0;
                for (var k = 0; k < size; k++) distance += (embeddings[i * size + k] - embeddings[j * size + k]) * (double)(embeddings[i * size + k] - embeddings[j * size + k]);
                if (distance < best) (nearest, best) = (j, distance);
            }
            if (labels[nearest] == labels[i]) Interlocked.Increment(ref same);
        });
        return (double)same / labels.Count;
    }
}

/// <summary><c>explanations/embedding.json</c>: segments of the test split as the backbone sees them (mean of its last hidden states over time), before and after tuning.</summary>
/// <param name="Rows">Rows in the data set, from 0.</param>
/// <param name="Labels">Their labels.</param>
/// <param name="TestSegments">How many segments the test split has; the map holds at most <see cref="RunExplainer.MostMapped"/>.</param>
/// <param name="Before">By the backbone as it was before tuning.</param>
/// <param name="After">By the tuned backbone.</param>
public sealed record EmbeddingMap(int[] Rows, byte[] Labels, int TestSegments, EmbeddedSegments Before, EmbeddedSegments After);

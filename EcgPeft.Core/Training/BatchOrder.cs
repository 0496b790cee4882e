using EcgPeft.Core.Backbones.Weights;

namespace EcgPeft.Core.Training;

/// <summary>Which rows stand in which batch: a pure function of seed and epoch, so that a resumed run sees the same batches.</summary>
public static class BatchOrder
{
    /// <summary>The training rows of one epoch in a new random order, cut into batches; the last one may be smaller.</summary>
    /// <param name="rows">Training rows.</param>
    /// <param name="batchSize">Rows a batch.</param>
    /// <param name="seed">The recipe's seed.</param>
    /// <param name="epoch">Epoch, from 1.</param>
    public static IReadOnlyList<int[]> Of(IReadOnlyList<int> rows, int batchSize, int seed, int epoch)
    {
        var shuffled = rows.ToArray();
        // System.Random with a seed is documented to keep its sequence only within a version; the tests pin it.
        new Random((int)(SeededWeights.SeedOf(seed, $"order/{epoch}") & int.MaxValue)).Shuffle(shuffled);
        return [.. shuffled.Chunk(batchSize)];
    }

    /// <summary>As many training rows as there are, half of each class, cut into batches: the rarer class repeats, the other is only partly seen.</summary>
    /// <param name="rows">Training rows of both classes.</param>
    /// <param name="labels">Label of every row of the data set.</param>
    /// <param name="batchSize">Rows a batch.</param>
    /// <param name="seed">The recipe's seed.</param>
    /// <param name="epoch">Epoch, from 1.</param>
    public static IReadOnlyList<int[]> Balanced(IReadOnlyList<int> rows, ReadOnlySpan<byte> labels, int batchSize, int seed, int epoch)
    {
        var random = new Random((int)(SeededWeights.SeedOf(seed, $"order/{epoch}") & int.MaxValue));
        var classes = new[] { new List<int>(), new List<int>() };
        foreach (var row in rows) classes[labels[row]].Add(row);
        var drawn = new List<int>(rows.Count);
        // With an odd number the spare place goes to each class in turn.
        for (var label = 0; label < 2; label++)
        {
            var (own, wanted) = (classes[label].ToArray(), rows.Count / 2 + (rows.Count % 2 == 1 && epoch % 2 == label ? 1 : 0));
            while (wanted > 0)
            {
                random.Shuffle(own);
                drawn.AddRange(own.Take(wanted));
                wanted -= Math.Min(wanted, own.Length);
            }
        }
        var all = drawn.ToArray();
        random.Shuffle(all);
        return [.. all.Chunk(batchSize)];
    }

    /// <summary>Number of batches in an epoch.</summary>
    /// <param name="rows">Number of training rows.</param>
    /// <param name="batchSize">Rows a batch.</param>
    public static long StepsPerEpoch(int rows, int batchSize) => (rows + batchSize - 1) / batchSize;
}

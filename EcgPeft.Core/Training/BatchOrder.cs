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

    /// <summary>Number of batches in an epoch.</summary>
    /// <param name="rows">Number of training rows.</param>
    /// <param name="batchSize">Rows a batch.</param>
    public static long StepsPerEpoch(int rows, int batchSize) => (rows + batchSize - 1) / batchSize;
}

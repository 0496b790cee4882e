namespace EcgPeft.Core.Pretraining;

/// <summary>Which frames of a batch are masked: spans with random starts, as many frames in every row.</summary>
/// <param name="Rows">The masked frames of each row, ascending; every row has the same number.</param>
/// <param name="Frames">Frames a row.</param>
public sealed record SpanMask(int[][] Rows, int Frames)
{
    /// <summary>Masked frames a row.</summary>
    public int Masked => Rows.Length == 0 ? 0 : Rows[0].Length;

    /// <summary>
    /// Draws spans (Baevski et al. 2020, section 3.1, as fairseq does): probability x frames / length spans a row, their number rounded
    /// at random, starts without repetition, overlaps allowed; then frames are dropped at random until all rows have as many as the
    /// one with the fewest, so that they make one tensor.
    /// </summary>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="frames">Frames a row.</param>
    /// <param name="probability">Share of frames that would be masked if no spans overlapped.</param>
    /// <param name="length">Frames a span.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <exception cref="UserInputException">A row is too short for a masked and an unmasked frame.</exception>
    public static SpanMask Draw(int rows, int frames, double probability, int length, Random random)
    {
        if (frames <= length) throw new UserInputException($"A segment gives {frames} frames, too few for masked spans of {length}; set pretraining.maskLength lower, or preprocessing.inputLength higher.");
        var masks = new int[rows][];
        for (var row = 0; row < rows; row++)
        {
            // Two spans at least: the distractors of a frame are the other masked frames.
            var spans = Math.Clamp((int)(probability * frames / length + random.NextDouble()), 2, frames - length + 1);
            var starts = Enumerable.Range(0, frames - length + 1).ToArray();
            random.Shuffle(starts);
            masks[row] = [.. starts.Take(spans).SelectMany(start => Enumerable.Range(start, length)).Distinct()];
        }
        var fewest = masks.Min(mask => mask.Length);
        foreach (var mask in masks.Where(mask => mask.Length > fewest)) random.Shuffle(mask);
        return new SpanMask([.. masks.Select(mask => mask.Take(fewest).Order().ToArray())], frames);
    }

    /// <summary>Distractors of each masked frame: other masked frames of its row, with repetition.</summary>
    /// <param name="count">Distractors a frame, K.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <returns>Positions in the row's list of masked frames, row by row, frame by frame: rows x masked x K.</returns>
    public long[] Negatives(int count, Random random)
    {
        var drawn = new long[Rows.Length * Masked * count];
        var at = 0;
        for (var row = 0; row < Rows.Length; row++)
            for (var own = 0; own < Masked; own++)
                for (var k = 0; k < count; k++)
                {
                    var other = random.Next(Masked - 1);
                    drawn[at++] = other >= own ? other + 1 : other;
                }
        return drawn;
    }

    /// <summary>The masked frames' positions in a tensor whose first dimension is rows x frames.</summary>
    public long[] FlatPositions() => [.. Rows.SelectMany((mask, row) => mask.Select(frame => (long)row * Frames + frame))];
}

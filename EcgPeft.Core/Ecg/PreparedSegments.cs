using EcgPeft.Core.Ecg.Signal;

namespace EcgPeft.Core.Ecg;

/// <summary>
/// A data set's segments, filtered and normalised when they are asked for: a batch at a time, from samples that may be mapped from a file, so that
/// no prepared copy of the data set is ever in memory. May be read from several threads.
/// </summary>
public sealed class PreparedSegments
{
    // A multiple of four, so that the lanes of sums over several blocks stay the same.
    private const int RowsAtOnce = 1024;

    private readonly SegmentSet set;
    private readonly FilterCascade? filters;
    private readonly NormalizationKind kind;

    private PreparedSegments(SegmentSet set, FilterCascade? filters, NormalizationKind kind) => (this.set, this.filters, this.kind) = (set, filters, kind);

    /// <summary>Number of segments, N.</summary>
    public int Count => set.Count;

    /// <summary>Samples a segment, L.</summary>
    public int Length => set.Length;

    /// <summary>Mean of a global z-score (the input's unit), else null.</summary>
    public double? GlobalMean { get; private init; }

    /// <summary>Population standard deviation of a global z-score, else null.</summary>
    public double? GlobalStandardDeviation { get; private init; }

    /// <summary>Designs the filters, and for a global z-score goes through the segments once for the mean and once for the deviation.</summary>
    /// <param name="set">The segments, with their sampling rate where a filter needs it.</param>
    /// <param name="filters">What is taken out first.</param>
    /// <param name="kind">How they are normalised then.</param>
    /// <param name="trainingRows">Rows of the training split, at least one; needed for <see cref="NormalizationKind.GlobalTraining"/> only.</param>
    /// <exception cref="UserInputException">The filters do not fit the segments.</exception>
    /// <exception cref="ArgumentException">The training rows are needed and missing.</exception>
    public static PreparedSegments Of(SegmentSet set, SignalFilters filters, NormalizationKind kind, IReadOnlyList<int>? trainingRows = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(filters);
        var prepared = new PreparedSegments(set, filters.For(set), kind);
        if (kind is not (NormalizationKind.Global or NormalizationKind.GlobalTraining)) return prepared;
        if (kind == NormalizationKind.GlobalTraining && trainingRows is not { Count: > 0 }) throw new ArgumentException("The training rows are missing.", nameof(trainingRows));
        var (mean, deviation) = kind == NormalizationKind.Global ? prepared.Moments() : prepared.Moments(trainingRows!);
        return prepared.With(mean, deviation);
    }

    /// <summary>Prepares segments with the mean and deviation of other ones.</summary>
    /// <param name="set">The segments.</param>
    /// <param name="filters">What is taken out first.</param>
    /// <param name="mean">Subtracted.</param>
    /// <param name="deviation">Then divided by; above 0.</param>
    /// <exception cref="UserInputException">The filters do not fit the segments.</exception>
    public static PreparedSegments Of(SegmentSet set, SignalFilters filters, double mean, double deviation)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(filters);
        return new PreparedSegments(set, filters.For(set), NormalizationKind.Global).With(mean, deviation);
    }

    /// <summary>Prepares some segments.</summary>
    /// <param name="rows">Which ones, from 0, in any order.</param>
    /// <param name="to">Receives rows x L samples.</param>
    public void Read(ReadOnlySpan<int> rows, Span<float> to)
    {
        filters?.Apply(set, rows, to);
        for (var i = 0; i < rows.Length; i++)
        {
            var own = to.Slice(i * Length, Length);
            Normalization.Row(filters is null ? set.Segment(rows[i]) : own, own, kind, GlobalMean, GlobalStandardDeviation);
        }
    }

    /// <summary>Prepares all segments at once, N x L, for methods that need them so.</summary>
    public float[] ReadAll()
    {
        var all = GC.AllocateUninitializedArray<float>(checked(Count * Length));
        Parallel.ForEach(Blocks(), rows => Read(rows, all.AsSpan(rows[0] * Length, rows.Length * Length)));
        return all;
    }

    /// <summary>All prepared samples in the order of segments, a block at a time; a block is valid until the next one.</summary>
    public IEnumerable<ReadOnlyMemory<float>> Stream()
    {
        var buffer = new float[Math.Min(RowsAtOnce, Count) * Length];
        foreach (var rows in Blocks())
        {
            Read(rows, buffer);
            yield return buffer.AsMemory(0, rows.Length * Length);
        }
    }

    private PreparedSegments With(double mean, double deviation) => new(set, filters, kind) { GlobalMean = mean, GlobalStandardDeviation = deviation };

    private IEnumerable<int[]> Blocks() => Enumerable.Range(0, (Count + RowsAtOnce - 1) / RowsAtOnce).Select(b => Enumerable.Range(b * RowsAtOnce, Math.Min(RowsAtOnce, Count - b * RowsAtOnce)).ToArray());

    private (double Mean, double Deviation) Moments()
    {
        var filtered = new PreparedSegments(set, filters, NormalizationKind.None);
        IEnumerable<ReadOnlyMemory<float>> Samples() => filters is null ? [set.Values] : filtered.Stream();
        var sum = new RunningSum();
        foreach (var block in Samples()) sum.Add(block.Span);
        var count = (double)Count * Length;
        var mean = sum.Total() / count;
        var squares = new RunningSum(mean);
        foreach (var block in Samples()) squares.Add(block.Span);
        return (mean, Math.Sqrt(squares.Total() / count));
    }

    private (double Mean, double Deviation) Moments(IReadOnlyList<int> rows)
    {
        var (buffer, count) = (new float[Length], (double)rows.Count * Length);
        ReadOnlySpan<float> Segment(int row)
        {
            if (filters is null) return set.Segment(row);
            filters.Apply(set, [row], buffer);
            return buffer;
        }
        var mean = rows.Sum(row => WideSums.Sum(Segment(row))) / count;
        return (mean, Math.Sqrt(rows.Sum(row => WideSums.Squares(Segment(row), mean)) / count));
    }
}

namespace EcgPeft.Core.Ecg;

/// <summary>
/// Labelled ECG segments of one length: N x L float32 samples in one row-major array (usually millivolts), a label 0 or 1 for
/// each, and what is known about them. The arrays are kept, not copied; whoever hands them over must not change them any more.
/// </summary>
public sealed class SegmentSet
{
    private readonly ReadOnlyMemory<float> values;
    private readonly byte[] labels;
    private readonly string[]? groups;
    private readonly Lazy<string> hash;

    /// <summary>Takes the arrays over.</summary>
    /// <param name="values">N*L samples, one segment after the other.</param>
    /// <param name="labels">N labels, each 0 or 1.</param>
    /// <param name="length">Samples a segment, L.</param>
    /// <param name="groups">The group (person) of each segment, or null when unknown.</param>
    /// <param name="samplingRateHz">Samples a second, or null when unknown.</param>
    /// <exception cref="ArgumentException">The sizes do not fit together, or a label is neither 0 nor 1.</exception>
    public SegmentSet(float[] values, byte[] labels, int length, string[]? groups = null, double? samplingRateHz = null)
        : this((values ?? throw new ArgumentNullException(nameof(values))).AsMemory(), labels, length, groups, samplingRateHz)
    {
    }

    /// <summary>Takes memory over that may be mapped from a file; the content hash where it is known already.</summary>
    internal SegmentSet(ReadOnlyMemory<float> values, byte[] labels, int length, string[]? groups, double? samplingRateHz, Lazy<string>? hash = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        if (values.Length != (long)labels.Length * length) throw new ArgumentException($"{labels.Length} segments of {length} samples need {(long)labels.Length * length} values, not {values.Length}.", nameof(values));
        if (groups is not null && groups.Length != labels.Length) throw new ArgumentException($"{labels.Length} segments need as many groups, not {groups.Length}.", nameof(groups));
        if (labels.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)1)) throw new ArgumentException("A label is neither 0 nor 1.", nameof(labels));
        if (samplingRateHz is { } rate && !(rate > 0 && double.IsFinite(rate))) throw new ArgumentOutOfRangeException(nameof(samplingRateHz), rate, "The sampling rate must be above 0.");
        this.values = values;
        this.labels = labels;
        this.groups = groups;
        Length = length;
        SamplingRateHz = samplingRateHz;
        Positives = labels.AsSpan().Count((byte)1);
        this.hash = hash ?? new Lazy<string>(ComputeHash);
    }

    /// <summary>Number of segments, N.</summary>
    public int Count => labels.Length;

    /// <summary>Samples a segment, L.</summary>
    public int Length { get; }

    /// <summary>All samples, N x L row-major.</summary>
    public ReadOnlyMemory<float> Values => values;

    /// <summary>The N labels, 0 or 1.</summary>
    public ReadOnlyMemory<byte> Labels => labels;

    /// <summary>The group (person) of each segment, or null when unknown.</summary>
    public IReadOnlyList<string>? Groups => groups;

    /// <summary>Samples a second, or null when unknown.</summary>
    public double? SamplingRateHz { get; }

    /// <summary>Number of segments with label 1.</summary>
    public int Positives { get; }

    /// <summary>
    /// Lower-case hex SHA-256 over L (32-bit), the samples (float32) and the labels, all little-endian: the same numbers in another
    /// text format give the same hash. Groups and sampling rate are not in it. Computed at first use.
    /// </summary>
    public string Hash => hash.Value;

    /// <summary>The L samples of segment <paramref name="i"/>.</summary>
    /// <param name="i">Index from 0.</param>
    public ReadOnlySpan<float> Segment(int i)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)i, (uint)Count, nameof(i));
        return values.Span.Slice(i * Length, Length);
    }

    /// <summary>The same segments with other groups.</summary>
    /// <param name="newGroups">The group of each segment, or null.</param>
    /// <exception cref="ArgumentException">There are not as many groups as segments.</exception>
    public SegmentSet WithGroups(string[]? newGroups) => new(values, labels, Length, newGroups, SamplingRateHz, hash);

    /// <summary>The same segments with another sampling rate.</summary>
    /// <param name="rateHz">Samples a second, or null when unknown.</param>
    public SegmentSet WithSamplingRate(double? rateHz) => new(values, labels, Length, groups, rateHz, hash);

    /// <summary>Some of the segments, copied.</summary>
    /// <param name="rows">Indices from 0, in the wanted order; at least one.</param>
    public SegmentSet Take(IReadOnlyList<int> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var taken = GC.AllocateUninitializedArray<float>(checked(rows.Count * Length));
        for (var i = 0; i < rows.Count; i++) Segment(rows[i]).CopyTo(taken.AsSpan(i * Length, Length));
        return new SegmentSet(taken, [.. rows.Select(row => labels[row])], Length, groups is null ? null : [.. rows.Select(row => groups[row])], SamplingRateHz);
    }

    private string ComputeHash()
    {
        using var content = new ContentHash(Length);
        content.Add(values.Span);
        return content.Finish(labels);
    }
}

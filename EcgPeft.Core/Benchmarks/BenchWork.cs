using EcgPeft.Core.Backbones;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Benchmarks;

/// <summary>How much both paths are given to do.</summary>
internal static class BenchWork
{
    public const int BatchSize = 8;
    public const int TrainingSegments = 64;
    public const int ValidationSegments = 16;
    public const int Segments = TrainingSegments + ValidationSegments;
    public const int Epochs = 5;

    /// <summary>Rows of the training segments.</summary>
    public static int[] Training { get; } = [.. Enumerable.Range(0, TrainingSegments)];

    /// <summary>Rows of one step.</summary>
    public static int[] Batch { get; } = Training[..BatchSize];

    /// <summary>The study's split.</summary>
    public static DataSplit Split { get; } = new(Training, [.. Enumerable.Range(TrainingSegments, ValidationSegments)], [.. Enumerable.Range(TrainingSegments, ValidationSegments)], ByGroup: false);

    /// <summary>The segments as a backbone takes them.</summary>
    /// <param name="segments">All of them.</param>
    /// <param name="backbone">The backbone.</param>
    public static SegmentInputs Inputs(SegmentSet segments, Backbone backbone) =>
        new(Normalization.Apply(segments, NormalizationKind.Segment).Values, segments.Length, segments.Labels, backbone.Contract, inputLength: null);
}

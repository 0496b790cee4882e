using EcgPeft.Core.Ecg.Import;

namespace EcgPeft.Core.Ecg;

/// <summary>What is known about a data set of the library (<c>dataset.json</c>).</summary>
/// <param name="Id">Name of its folder: lower-case letters, digits and hyphens.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Rows">Number of segments.</param>
/// <param name="SegmentLength">Samples a segment.</param>
/// <param name="Positives">Segments with label 1.</param>
/// <param name="GroupCount">Number of groups (people), or null when unknown.</param>
/// <param name="SamplingRateHz">Samples a second, or null when unknown.</param>
/// <param name="Hash">Content hash, see <see cref="SegmentSet.Hash"/>.</param>
/// <param name="ImportedUtc">When it was imported or made, UTC.</param>
/// <param name="Synthetic">Whether a model made it, not a patient.</param>
/// <param name="Description">Where it comes from, one or two sentences.</param>
/// <param name="Warnings">What the import found and accepted.</param>
public sealed record DataSetInfo(
    string Id, string Name, int Rows, int SegmentLength, int Positives, int? GroupCount, double? SamplingRateHz,
    string Hash, DateTime ImportedUtc, bool Synthetic, string Description, IReadOnlyList<SegmentWarning> Warnings)
{
    /// <summary>What it was imported from, or null.</summary>
    public ImportFacts? Import { get; init; }
}

using EcgPeft.Core.Explanations;
using EcgPeft.Core.Reports.Figures;
using EcgPeft.Core.Reports.Results;

namespace EcgPeft.Web.Components.Pages.Runs.Learned;

/// <summary>Maps of embeddings, before and after tuning, as figures.</summary>
internal static class EmbeddingFigures
{
    public static IReadOnlyList<Figure> Of(EmbeddingMap map) => [Draw(map, map.Before, "before", "Before tuning"), Draw(map, map.After, "after", "After tuning")];

    private static Figure Draw(EmbeddingMap map, EmbeddedSegments segments, string id, string title)
    {
        PlotSeries Series(byte label)
        {
            var of = Enumerable.Range(0, map.Labels.Length).Where(i => map.Labels[i] == label).ToList();
            return new PlotSeries($"label {label}", [.. of.Select(i => segments.X[i])], [.. of.Select(i => segments.Y[i])], label, Joined: false);
        }
        var shown = map.Rows.Length == map.TestSegments ? $"{Number.Count(map.TestSegments)} test segments" : $"{Number.Count(map.Rows.Length)} of {Number.Count(map.TestSegments)} test segments, drawn at random";
        return new LinePlot($"First component ({Number.Percent(segments.Explained[0])} of the variance)", $"Second ({Number.Percent(segments.Explained[1])})", [Series(0), Series(1)]) { Height = 320 }
            .ToFigure($"embedding-{id}", title, $"PCA of the backbone's mean last hidden state, {shown}. The nearest neighbour, in all dimensions, has the same label for {Number.Percent(segments.SameLabelNeighbours)}.");
    }
}

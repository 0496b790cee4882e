using EcgPeft.Core.Ecg;

namespace EcgPeft.Core.Training;

/// <summary>From segments as they were recorded to normalised ones, as a recipe says, with what a person should know of it.</summary>
public static class Preprocessing
{
    /// <summary>Prepares segments to be filtered and normalised a batch at a time.</summary>
    /// <param name="recipe">Settings.</param>
    /// <param name="segments">The segments, N x L, with their sampling rate where a filter needs it.</param>
    /// <param name="split">Which rows train; some normalisations look at them alone.</param>
    /// <param name="report">Receives a line for the log, and a warning where the test split has been seen.</param>
    /// <exception cref="UserInputException">The settings do not fit the data.</exception>
    public static PreparedSegments Apply(PreprocessingRecipe recipe, SegmentSet segments, DataSplit split, Action<RunEvent> report)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(split);
        ArgumentNullException.ThrowIfNull(report);
        var filters = recipe.Filters();
        var steps = new List<string>();
        if (filters.Detrend) steps.Add("linear detrend");
        if (filters.BandPass is { } band) steps.Add(FormattableString.Invariant($"band-pass {band.LowHz} to {band.HighHz} Hz (Butterworth, order {band.Order}, zero-phase)"));
        if (filters.Notch is { } notch) steps.Add(FormattableString.Invariant($"notch at {notch.FrequencyHz} Hz (Q {notch.Quality}, zero-phase)"));
        var prepared = PreparedSegments.Of(segments, filters, recipe.Normalization, split.Training);
        steps.Add(recipe.Normalization switch
        {
            NormalizationKind.Segment => "z-score of each segment",
            NormalizationKind.Global => FormattableString.Invariant($"global z-score over the entire data set (mean {prepared.GlobalMean:G6}, standard deviation {prepared.GlobalStandardDeviation:G6})"),
            NormalizationKind.GlobalTraining => FormattableString.Invariant($"global z-score by the training split (mean {prepared.GlobalMean:G6}, standard deviation {prepared.GlobalStandardDeviation:G6})"),
            _ => "no normalisation",
        });
        report(new LogEvent("info", $"Preprocessing: {string.Join(", ", steps)}."));
        if (recipe.Normalization == NormalizationKind.Global)
            report(new LogEvent("warning", "Leakage: mean and standard deviation of the global z-score were computed over validation and test segments too; preprocessing.normalization globalTraining uses the training split alone."));
        return prepared;
    }
}

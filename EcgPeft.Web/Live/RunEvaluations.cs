using EcgPeft.Core;
using EcgPeft.Core.Reports.Results;
using EcgPeft.Core.Runs;

namespace EcgPeft.Web.Live;

/// <summary>What pages make of completed runs' predictions, kept for the ones that were looked at last.</summary>
internal sealed class RunEvaluations
{
    private readonly Recent<RunEvaluation> _evaluations = new(24);
    private readonly Recent<IReadOnlyList<ConfidentError>> _errors = new(4);

    /// <summary>Reads the run's predictions and resamples its test split.</summary>
    /// <exception cref="UserInputException">A file is damaged, or the metrics do not follow from the predictions.</exception>
    public Task<RunEvaluation> OfAsync(RunFolder folder) => _evaluations.Of(State(folder), () => RunEvaluation.Of(folder));

    /// <summary>Segments of a data set that finished runs on it get confidently wrong.</summary>
    public Task<IReadOnlyList<ConfidentError>> ErrorsAsync(IReadOnlyList<RunFolder> folders, int rows) =>
        _errors.Of($"{rows}|{string.Join('|', folders.Select(State))}", () => ConfidentError.Of(folders, rows));

    private static string State(RunFolder folder) => $"{folder.Path}@{File.GetLastWriteTimeUtc(folder.MetricsFile).Ticks}@{File.GetLastWriteTimeUtc(folder.PredictionsFile).Ticks}@{File.GetLastWriteTimeUtc(folder.RecipeFile).Ticks}";
}

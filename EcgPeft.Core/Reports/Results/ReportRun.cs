using EcgPeft.Core.Ecg;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Reports.Results;

/// <summary>A completed run with everything that a comparison needs.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Recipe">Its settings.</param>
/// <param name="Metrics">What it achieved and cost.</param>
/// <param name="Predictions">What it said about validation and test.</param>
/// <param name="Epochs">All epochs in order.</param>
/// <param name="Steps">All steps in order; of a step done twice the later one.</param>
/// <param name="Plan">Sizes of the splits; null in runs that never said.</param>
public sealed record ReportRun(
    RunFolder Folder, Recipe Recipe, RunMetrics Metrics, PredictionsFile Predictions, IReadOnlyList<EpochEvent> Epochs, IReadOnlyList<StepEvent> Steps, PlanEvent? Plan)
{
    private const double Tolerance = 1e-9;

    /// <summary>Name for people.</summary>
    public string Name => string.IsNullOrWhiteSpace(Recipe.Name) ? Folder.Id : Recipe.Name;

    /// <summary>The model's short name: <c>wav2vec2</c> for <c>demo/wav2vec2</c>.</summary>
    public string Model => Path.TrimEndingDirectorySeparator(Recipe.Backbone.Model).Split('/', '\\')[^1];

    /// <summary>The PEFT method.</summary>
    public string Method => Recipe.Peft.Method;

    /// <summary>What distinguishes repetitions of the same settings: seed, and fold where there are folds.</summary>
    public string Repeat => (Recipe.Split.Seed is { } split ? $"seed {Recipe.Seed} on split {split}" : $"seed {Recipe.Seed}")
        + (Recipe.Split.Kind is SplitKind.KFold or SplitKind.GroupedKFold or SplitKind.LeaveOneGroupOut ? $", fold {Recipe.Split.Fold}" : "");

    /// <summary>Reads a completed run.</summary>
    /// <param name="folder">Its folder.</param>
    /// <exception cref="UserInputException">It is not completed, a file is damaged, or the metrics do not follow from the predictions.</exception>
    public static ReportRun Read(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var recipe = folder.ReadRecipe();
        var metrics = RunMetrics.ReadFrom(folder);
        var predictions = PredictionsFile.Read(folder.PredictionsFile);
        Check(folder, metrics.Validation, predictions.Validation);
        Check(folder, metrics.Test, predictions.Test);
        var state = new RunState();
        foreach (var runEvent in EventLog.Read(folder.EventsFile, 0).Events) state.Apply(runEvent);
        return new ReportRun(folder, recipe, metrics, predictions, state.Epochs, state.Steps, state.Plan);
    }

    /// <summary>Why a run has nothing that could be compared, as the end of a sentence that begins with its name; null where it has.</summary>
    /// <param name="folder">Its folder.</param>
    /// <exception cref="UserInputException">There is no run, or its recipe is not readable.</exception>
    public static string? WhyNot(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var recipe = folder.ReadRecipe();
        var name = string.IsNullOrWhiteSpace(recipe.Name) ? folder.Id : recipe.Name;
        return recipe.Pretraining is not null ? $"{name} is a pre-training run: it classifies nothing, so it has no metrics to compare."
            : !File.Exists(folder.MetricsFile) ? $"{name} has not completed: it has no metrics yet."
            : RunMetrics.ReadFrom(folder).Tested is null ? $"{name} was a trial of a search, which leaves the test split alone: only the search's winner was tested."
            : null;
    }

    private static void Check(RunFolder folder, BinaryMetrics said, Predictions predictions)
    {
        if (predictions.Count == 0) throw new UserInputException($"{folder.PredictionsFile} holds no prediction of a split; run the recipe again.");
        var follows = predictions.Metrics(said.Threshold);
        foreach (var metric in Metric.All)
            if (metric.Of(said) is var a && metric.Of(follows) is var b && !(a == b || Math.Abs((a ?? double.NaN) - (b ?? double.NaN)) <= Tolerance))
                throw new UserInputException($"{folder.MetricsFile} does not follow from predictions.csv ({metric.Title} is {Number.Fixed(a, 6)} and should be {Number.Fixed(b, 6)}); run the recipe again.");
    }
}

using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Training;
using EcgPeft.Web.Components.Shared;

namespace EcgPeft.Web.Components.Pages.Runs;

/// <summary>Every column that the table of runs can have.</summary>
public static class RunColumns
{
    public static readonly RunColumn Name = Words("name", "Name", run => run.Name);
    public static readonly RunColumn Status = Words("status", "Status", run => run.Broken is null ? Show.Status(run.Status) : "Unreadable");
    public static readonly RunColumn Tags = Words("tags", "Tags", run => string.Join(", ", run.Notes.Tags));
    public static readonly RunColumn Created = new() { Id = "created", Title = "Created", Text = run => Show.Moment(run.CreatedUtc), Key = run => run.CreatedUtc };

    public static readonly RunColumn LastLoss = Loss("loss", "Last loss", "Training loss of the last step; one that is no number stands with its step", run => run.LastLoss, run => Show.Count(run.Step), number => Show.Loss(number), Better.Neither);

    /// <summary>Only where users are known.</summary>
    public static readonly RunColumn Owner = new() { Id = "owner", Title = "Owner", Text = run => run.Notes.Owner ?? Show.Nothing, Key = run => run.Notes.Owner };

    /// <summary>Only machines that count it can fill it.</summary>
    public static readonly RunColumn Energy = Measured("energy", "Energy", "Energy that the machine's processor packages took during training", run => run.Resources?.EnergyJoules, Show.Energy, Better.Lower);

    public static IReadOnlyList<RunColumn> All { get; } =
    [
        Name,
        Status,
        Words("model", "Model", run => run.Model),
        Words("method", "Method", run => Show.Method(run.Method)),
        // What a run reached and what it cost come first: that much is in sight on a screen of 1280 pixels.
        Test("f1", "F1", "Harmonic mean of precision and recall on the test split", test => test.F1),
        Test("auroc", "AUROC", "Area under the ROC curve on the test split", test => test.Auroc),
        Count("trainable", "Trainable", "Trainable parameters: PEFT method and head", run => run.TrainableParameters),
        Seconds("time", "Time", "Time under a worker, pauses taken out", run => run.ActiveSeconds > 0 ? run.ActiveSeconds : null),
        Test("accuracy", "Accuracy", "Share of test segments called rightly", test => test.Accuracy),
        Test("precision", "Precision", "TP / (TP + FP) on the test split", test => test.Precision),
        Test("recall", "Recall", "TP / (TP + FN) on the test split, also called sensitivity", test => test.Recall),
        Words("data", "Data", run => run.DataSet),
        Created,
        Test("specificity", "Specificity", "TN / (TN + FP) on the test split", test => test.Specificity),
        Test("balanced", "Balanced accuracy", "Mean of recall and specificity on the test split", test => test.BalancedAccuracy),
        Test("mcc", "MCC", "Matthews correlation coefficient on the test split", test => test.Mcc),
        Test("ap", "Average precision", "Area under the precision-recall steps on the test split", test => test.AveragePrecision),
        Test("brier", "Brier score", "Mean squared difference of probability and label on the test split", test => test.Brier, Better.Lower),
        Test("log-loss", "Log loss", "Mean negative log likelihood on the test split", test => test.LogLoss, Better.Lower),
        Test("ece", "ECE", "Expected calibration error on the test split", test => test.Ece, Better.Lower),
        Metric("validation-f1", "Validation F1", "F1 on the validation split at the best epoch", run => (run.Validation ?? run.BestValidation)?.F1, Better.Higher),
        Metric("validation-auroc", "Validation AUROC", "AUROC on the validation split at the best epoch", run => (run.Validation ?? run.BestValidation)?.Auroc, Better.Higher),
        Loss("validation-loss", "Validation loss", "Validation loss at the best epoch", run => run.BestValidationLoss, run => $"epoch {Show.Count(run.BestEpoch)}", number => Show.Metric(number), Better.Lower),
        Count("best-epoch", "Best epoch", "Epoch whose weights were kept", run => run.Resources?.BestEpoch ?? run.BestEpoch),
        Count("epochs", "Epochs done", "Epochs trained, early stopping considered", run => run.Resources?.EpochsTrained),
        LastLoss,
        Count("steps", "Steps", "Optimiser steps done", run => run.Step),
        Count("total", "All parameters", "Frozen ones included", run => run.TotalParameters),
        Seconds("epoch-time", "Time an epoch", "Mean wall time of an epoch with its validation", run => run.Resources?.SecondsPerEpoch),
        Size("memory", "Peak memory", "Largest resident memory of the worker", run => run.Resources?.PeakMemoryBytes),
        Size("adapter", "Adapter file", "Size of the saved adapter weights", run => run.Resources?.AdapterBytes),
        Seconds("cpu-time", "CPU time", "Processor time of training, all threads", run => run.Resources?.CpuSeconds),
        Energy,
        Milliseconds("latency", "Latency", "Time to call one segment with the tuned model", run => run.Resources?.Inference?.LatencyMilliseconds),
        Milliseconds("latency-merged", "Latency merged", "The same with the update merged into the weights", run => run.Resources?.MergedInference?.LatencyMilliseconds),
        Rate("throughput", "Throughput", "Segments a second in batches of 8", run => run.Resources?.Inference?.SegmentsPerSecond),
        Rate("throughput-merged", "Throughput merged", "The same with the update merged into the weights", run => run.Resources?.MergedInference?.SegmentsPerSecond),
        Setting("learning-rate", "Learning rate", recipe => recipe.Training.LearningRate),
        Setting("batch", "Batch size", recipe => recipe.Training.BatchSize),
        Setting("weight-decay", "Weight decay", recipe => recipe.Training.WeightDecay),
        Setting("seed", "Seed", recipe => recipe.Seed),
        Words("normalisation", "Normalisation", run => run.Recipe?.Preprocessing.Normalization.ToString().ToLowerInvariant() ?? Show.Nothing),
        Words("study", "Study", run => run.StudyTitle ?? run.Study ?? Show.Nothing),
        Tags,
        Words("note", "Note", run => run.Notes.Note.Split('\n')[0] is { Length: > 80 } longLine ? longLine[..79] + "…" : run.Notes.Note.Split('\n')[0]),
        Words("priority", "Priority", run => run.Notes.Priority.ToString()),
        Owner,
        Words("split", "Split", run => run.Recipe?.Split.Kind.ToString() ?? Show.Nothing),
        .. Core.Evaluation.Metric.All.Where(metric => metric.Name is not ("f1" or "auroc")).Select(metric =>
            Metric($"validation-{metric.Name}", $"Validation {metric.Title}", $"{metric.Title} on the validation split at the best epoch", run => (run.Validation ?? run.BestValidation) is { } known ? metric.Of(known) : null, metric.HigherIsBetter ? Better.Higher : Better.Lower)),
        Metric("threshold", "Threshold", "Probability from which on a segment is called 1", run => run.Test?.Threshold, Better.Neither),
        Count("test-segments", "Test segments", "Segments of the test split", run => run.Test?.Count),
        Count("tp", "True positives", "Label 1 called 1, test split", run => run.Test?.TruePositives),
        Count("fp", "False positives", "Label 0 called 1, test split", run => run.Test?.FalsePositives),
        Count("tn", "True negatives", "Label 0 called 0, test split", run => run.Test?.TrueNegatives),
        Count("fn", "False negatives", "Label 1 called 0, test split", run => run.Test?.FalseNegatives),
        .. RecipeColumns.Except(new HashSet<string> { "name", "data.path", "backbone.model", "peft.method", "training.learningRate", "training.batchSize", "training.weightDecay", "seed", "preprocessing.normalization", "split.kind" }),
    ];

    /// <summary>What stands there before a person chooses.</summary>
    public static IReadOnlyList<RunColumn> Usual { get; } = [.. All.Take(13)];

    /// <summary>The same where users are known.</summary>
    public static IReadOnlyList<RunColumn> UsualWithOwner { get; } = [Name, Status, Owner, .. Usual.Skip(2)];

    public static RunColumn? Find(string? id) => id is null ? null : ById.GetValueOrDefault(id);

    private static readonly Dictionary<string, RunColumn> ById = All.ToDictionary(column => column.Id, StringComparer.OrdinalIgnoreCase);

    private static RunColumn Words(string id, string title, Func<RunSummary, string> text) => new() { Id = id, Title = title, Text = text, Key = text };

    private static RunColumn Test(string id, string title, string help, Func<BinaryMetrics, double?> value, Better better = Better.Higher) =>
        Metric(id, title, help, run => run.Test is { } test ? value(test) : null, better);

    private static RunColumn Metric(string id, string title, string help, Func<RunSummary, double?> value, Better better) => new()
    {
        Id = id, Title = title, Help = help, Better = better, Number = value, Format = number => Show.Metric(number), Text = run => Show.Metric(value(run)), Key = run => Finite(value(run)),
    };

    /// <summary>A loss; one that is no number stands with its place, as in <c>NaN @ 812</c>.</summary>
    private static RunColumn Loss(string id, string title, string help, Func<RunSummary, double?> value, Func<RunSummary, string> place, Func<double, string> format, Better better) => new()
    {
        Id = id, Title = title, Help = help, Better = better, Number = run => Finite(value(run)), Format = format, Key = run => Finite(value(run)),
        Text = run => value(run) is not { } loss ? Show.Nothing : double.IsFinite(loss) ? format(loss) : $"{Show.Loss(loss)} @ {place(run)}",
    };

    private static RunColumn Count(string id, string title, string help, Func<RunSummary, long?> value) => new()
    {
        Id = id, Title = title, Help = help, Number = run => value(run), Format = number => Show.Short((long)Math.Round(number)), Text = run => Show.Short(value(run)), Key = run => value(run),
    };

    private static RunColumn Seconds(string id, string title, string help, Func<RunSummary, double?> value) => new()
    {
        Id = id, Title = title, Help = help, Number = value, Format = number => Show.Duration(number), Text = run => Show.Duration(value(run)), Key = run => Finite(value(run)),
    };

    private static RunColumn Milliseconds(string id, string title, string help, Func<RunSummary, double?> value) => Measured(id, title, help, value, number => Show.Measured(number) + " ms", Better.Lower);

    private static RunColumn Rate(string id, string title, string help, Func<RunSummary, double?> value) => Measured(id, title, help, value, number => Show.Measured(number) + " /s", Better.Higher);

    private static RunColumn Measured(string id, string title, string help, Func<RunSummary, double?> value, Func<double, string> format, Better better) => new()
    {
        Id = id, Title = title, Help = help, Better = better, Number = value, Format = format, Text = run => value(run) is { } known ? format(known) : Show.Nothing, Key = run => Finite(value(run)),
    };

    private static RunColumn Size(string id, string title, string help, Func<RunSummary, long?> value) => new()
    {
        Id = id, Title = title, Help = help, Number = run => value(run), Format = number => Show.Bytes((long)number), Text = run => value(run) is { } bytes ? Show.Bytes(bytes) : Show.Nothing, Key = run => value(run),
    };

    private static RunColumn Setting(string id, string title, Func<Recipe, double> value) => new()
    {
        Id = id, Title = title, Help = "A setting of the recipe", Number = run => run.Recipe is { } recipe ? value(recipe) : null,
        Text = run => run.Recipe is { } recipe ? value(recipe).ToString("G6", Show.Culture) : Show.Nothing, Key = run => run.Recipe is { } recipe ? value(recipe) : null,
    };

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}

namespace EcgPeft.Core.Evaluation;

/// <summary>A metric by name, for tables, intervals and comparisons.</summary>
/// <param name="Name">As in <c>metrics.json</c>.</param>
/// <param name="Title">As people write it.</param>
/// <param name="Of">Its value; null where the data do not define it.</param>
/// <param name="HigherIsBetter">False for losses and errors.</param>
public sealed record Metric(string Name, string Title, Func<BinaryMetrics, double?> Of, bool HigherIsBetter = true)
{
    /// <summary>The metric that verdicts are about: it depends on no threshold.</summary>
    public static Metric Auroc { get; } = new("auroc", "AUROC", m => m.Auroc);

    /// <summary>Every metric, in the order of tables.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        Auroc,
        new("averagePrecision", "Average precision", m => m.AveragePrecision),
        new("f1", "F1", m => m.F1),
        new("accuracy", "Accuracy", m => m.Accuracy),
        new("balancedAccuracy", "Balanced accuracy", m => m.BalancedAccuracy),
        new("precision", "Precision", m => m.Precision),
        new("recall", "Recall", m => m.Recall),
        new("specificity", "Specificity", m => m.Specificity),
        new("mcc", "MCC", m => m.Mcc),
        new("brier", "Brier score", m => m.Brier, HigherIsBetter: false),
        new("logLoss", "Log loss", m => m.LogLoss, HigherIsBetter: false),
        new("ece", "ECE", m => m.Ece, HigherIsBetter: false),
    ];

    /// <summary>The metric of that name, or null.</summary>
    /// <param name="name">As in <c>metrics.json</c>.</param>
    public static Metric? Find(string name) => All.FirstOrDefault(m => string.Equals(m.Name, name, StringComparison.OrdinalIgnoreCase));
}

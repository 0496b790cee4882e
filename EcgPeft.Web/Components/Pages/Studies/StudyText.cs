using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;
using EcgPeft.Web.Components.Shared;

namespace EcgPeft.Web.Components.Pages.Studies;

/// <summary>What the pages of studies say in words.</summary>
internal static class StudyText
{
    /// <summary>Metrics of the results' table.</summary>
    public static IReadOnlyList<(string Title, Func<BinaryMetrics, double?> Of)> Metrics { get; } =
    [
        ("AUROC", m => m.Auroc), ("F1", m => m.F1), ("Accuracy", m => m.Accuracy), ("Precision", m => m.Precision), ("Recall", m => m.Recall), ("Specificity", m => m.Specificity), ("MCC", m => m.Mcc),
    ];

    /// <summary>The study's name, or what it is about.</summary>
    public static string Title(Study study) => !string.IsNullOrWhiteSpace(study.Name) ? study.Name
        : $"{(study.Search is null ? "" : $"{char.ToUpperInvariant(Kind(study)[0])}{Kind(study)[1..]}: ")}{string.Join(", ", study.Models.Select(model => Path.GetFileName(Path.TrimEndingDirectorySeparator(model))))} with {string.Join(", ", study.Methods.Select(Show.Method))}";

    /// <summary>Study, or the kind of search.</summary>
    public static string Kind(Study study) => study.Search?.Kind switch
    {
        null => study.Folds is null ? "study" : "study with cross-validation",
        SearchKind.Grid => "grid search",
        SearchKind.Random => "random search",
        _ => "successive halving",
    };

    /// <summary>0.847 ± 0.012; a lone value without a spread.</summary>
    public static string Spread((double Mean, double? Deviation, int Count)? value) => value is not { } known ? Show.Nothing
        : known.Deviation is { } deviation ? $"{Show.Metric(known.Mean)} ± {Show.Metric(deviation)}" : Show.Metric(known.Mean);

    /// <summary>6 runs: 3 models x 2 methods x 1 seed.</summary>
    public static string Shape(Study study)
    {
        if (study.Search is not null)
        {
            var whose = study.Models.Count * study.Methods.Count > 1 ? $"{study.Models.Count} {(study.Models.Count == 1 ? "model" : "models")} x {study.Methods.Count} {(study.Methods.Count == 1 ? "method" : "methods")}" : $"{study.Models[0]} with {Show.Method(study.Methods[0])}";
            return $"{study.Runs.Count} trials of {whose}, searched over {string.Join(", ", study.Search.Space.Select(d => d.Path.Split('.')[^1]))}{(study.Seeds.Count > 1 ? $"; winners with {study.Seeds.Count} seeds" : "")}.";
        }
        var parts = new List<string> { Many(study.Models.Count, "model"), Many(study.Methods.Count, "method"), Many(study.Seeds.Count, "seed") };
        if (study.Folds is { } folds) parts.Add($"{folds} folds");
        if (study.Grid is { } grid) parts.AddRange(grid.Select(axis => $"{axis.Values.Count} x {axis.Path.Split('.')[^1]}"));
        if (study.Ablation is { Count: > 0 } ablation) parts.Add($"and once more with {string.Join(", ", ablation)}");
        return $"{Many(study.Runs.Count, "run")}: {string.Join(" x ", parts)}.";
    }

    /// <summary>Name of the validation metric that chooses.</summary>
    public static string Metric(SelectionMetric metric) => metric switch { SelectionMetric.Auroc => "AUROC", SelectionMetric.F1 => "F1", SelectionMetric.Accuracy => "accuracy", _ => "loss" };

    private static string Many(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}

using System.Text.Json;
using System.Text.Json.Nodes;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Exports;

/// <summary>A run as exports need it.</summary>
/// <param name="Summary">Where it stands and what it achieved.</param>
/// <param name="Steps">All steps in order; of a step done twice the later one.</param>
/// <param name="Epochs">All epochs in order; of an epoch done twice the later one.</param>
public sealed record RunHistory(RunSummary Summary, IReadOnlyList<StepEvent> Steps, IReadOnlyList<EpochEvent> Epochs)
{
    /// <summary>Reads a run's folder.</summary>
    /// <param name="folder">The run.</param>
    /// <exception cref="UserInputException">It cannot be read, or has not begun.</exception>
    public static RunHistory Read(RunFolder folder)
    {
        var snapshot = new RunTail(folder, (_, _) => { }).Snapshot(null);
        return new(snapshot.Summary, snapshot.Steps, snapshot.Epochs);
    }

    /// <summary>The metrics of a split by their names in <c>metrics.json</c>; null where undefined.</summary>
    /// <param name="metrics">The metrics, or null.</param>
    internal static IEnumerable<(string Name, double? Value)> Named(BinaryMetrics? metrics)
    {
        if (metrics is null || JsonSerializer.SerializeToNode(metrics, ProductJson.Line) is not JsonObject all) yield break;
        foreach (var (name, node) in all)
        {
            if (node is null) yield return (name, null);
            else if (node.GetValueKind() == JsonValueKind.Number) yield return (name, node.GetValue<double>());
        }
    }
}

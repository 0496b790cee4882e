using System.Runtime.CompilerServices;
using EcgPeft.Core.Evaluation;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs;

/// <summary>Runs that differ in seed and fold alone: one question, asked several times.</summary>
/// <param name="Runs">At least one.</param>
public sealed record RunRepeats(IReadOnlyList<RunSummary> Runs)
{
    // A recipe is made once a run and asked about at every change of any run.
    private static readonly ConditionalWeakTable<Recipe, string> Keys = [];

    /// <summary>Completed and tested ones.</summary>
    public IReadOnlyList<RunSummary> Tested { get; } = [.. Runs.Where(run => run is { Status: RunStatus.Completed, Test: not null })];

    /// <summary>Mean and spread of a test metric over the runs that have it; null for none.</summary>
    /// <param name="metric">The metric.</param>
    public Spread? Of(Func<BinaryMetrics, double?> metric) => Spread.Of(Tested.Select(run => metric(run.Test!)).OfType<double>());

    /// <summary>Gathers runs, in the order of the first of each; one without a readable recipe stands alone.</summary>
    /// <param name="runs">The runs.</param>
    public static IReadOnlyList<RunRepeats> Gather(IEnumerable<RunSummary> runs) => [.. runs.GroupBy(KeyOf, StringComparer.Ordinal).Select(same => new RunRepeats([.. same]))];

    /// <summary>A run and those of the others that repeat it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="all">All runs.</param>
    public static RunRepeats Around(RunSummary run, IEnumerable<RunSummary> all)
    {
        var key = KeyOf(run);
        return new RunRepeats([.. all.Where(other => other.Id != run.Id && KeyOf(other) == key).Prepend(run)]);
    }

    private static string KeyOf(RunSummary run) => run.Recipe is { } recipe ? Keys.GetValue(recipe, r => RecipeIdentity.Of(r with { Seed = 0, Split = r.Split with { Seed = null, Fold = 1 } })) : run.Id;
}

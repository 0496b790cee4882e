using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>How long a study will take on this machine, as far as its models and methods have been measured; runs one after the other.</summary>
/// <param name="Seconds">Seconds of the measured ones together; 0 where none is.</param>
/// <param name="Measured">Models and methods that have been measured.</param>
/// <param name="Missing">The others, with the recipe that would be measured.</param>
public sealed record StudyCost(double Seconds, int Measured, IReadOnlyList<(PairBudget Pair, Recipe Recipe)> Missing)
{
    /// <summary>Reckons from what has been measured before.</summary>
    /// <param name="study">The study.</param>
    /// <param name="budget">What it trains.</param>
    /// <param name="recipes">Where recipes come from.</param>
    /// <param name="estimates">What has been measured.</param>
    /// <exception cref="UserInputException">A recipe cannot be read or made.</exception>
    public static StudyCost Of(Study study, StudyBudget budget, StudyRecipes recipes, RunEstimates estimates)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(budget);
        ArgumentNullException.ThrowIfNull(recipes);
        ArgumentNullException.ThrowIfNull(estimates);
        var (seconds, missing) = (0.0, new List<(PairBudget, Recipe)>());
        foreach (var pair in budget.Pairs)
        {
            // Without what varies from run to run: the settings of a grid or a trial change a step's cost by little.
            var recipe = recipes.Of(study, study.Runs.First(run => run.Model == pair.Model && run.Method == pair.Method) with { Settings = null, Ablated = null });
            if (estimates.Known(recipe) is { } known) seconds += known.SecondsPerEpoch * pair.Epochs + known.SecondsBefore;
            else missing.Add((pair, recipe));
        }
        return new StudyCost(seconds, budget.Pairs.Count - missing.Count, missing);
    }
}

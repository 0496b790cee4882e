using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>Whether making a study would repeat another.</summary>
public static class StudyTwin
{
    /// <summary>Whether two studies train the same runs: the recipes decide, not how they were asked for.</summary>
    /// <param name="planned">A study that may be made.</param>
    /// <param name="done">A study that is there.</param>
    /// <param name="recipes">Where recipes come from.</param>
    public static bool Is(Study planned, Study done, StudyRecipes recipes)
    {
        ArgumentNullException.ThrowIfNull(planned);
        ArgumentNullException.ThrowIfNull(done);
        ArgumentNullException.ThrowIfNull(recipes);
        if (planned.Runs.Count != done.Runs.Count || planned.Folds != done.Folds || !planned.Yardsticks.ToHashSet().IsSubsetOf(done.Yardsticks) || !Equals(HowSearched(planned), HowSearched(done))) return false;
        if (planned.Data.Hash is null || planned.Data.Hash != done.Data.Hash) return false;
        try
        {
            return Recipes(planned, recipes).SequenceEqual(Recipes(done, recipes), StringComparer.Ordinal);
        }
        catch (UserInputException)
        {
            return false; // a recipe file or a model of then is gone, so nobody can say
        }
    }

    private static IEnumerable<string> Recipes(Study study, StudyRecipes recipes) => study.Runs.Select(run => RecipeIdentity.Of(recipes.Of(study, run))).Order(StringComparer.Ordinal);

    private static object? HowSearched(Study study) => study.Search is { } search ? (search.Kind, search.Eta, search.FirstRung, string.Join(',', study.Seeds)) : null;
}

using EcgPeft.Core.Peft.Settings;

namespace EcgPeft.Core.Runs.Studies.Search;

/// <summary>One model with one method in a search: its trials compete with each other alone, and one of them wins.</summary>
/// <param name="Final">The winner's run, which is tested.</param>
/// <param name="Trials">The trials.</param>
/// <param name="Repeats">The winner's settings with further seeds, which are tested too.</param>
public sealed record SearchPair(StudyRun Final, IReadOnlyList<StudyRun> Trials, IReadOnlyList<StudyRun> Repeats)
{
    /// <summary>The pairs of a search, in its order; none of another study.</summary>
    /// <param name="study">The study.</param>
    public static IReadOnlyList<SearchPair> Of(Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        IReadOnlyList<StudyRun> Same(IEnumerable<StudyRun> runs, StudyRun final) => [.. runs.Where(run => run.Model == final.Model && run.Method == final.Method)];
        var winners = study.Winners ?? [];
        return [.. winners.Where(run => !study.IsRepeat(run)).Select(final => new SearchPair(final, Same(study.Runs, final), Same(winners.Where(study.IsRepeat), final)))];
    }

    /// <summary>The plan for one method: without settings of other methods, so that one search has LoRA's rank and an adapter's bottleneck size.</summary>
    /// <param name="plan">The plan of the whole search.</param>
    /// <param name="method">The method.</param>
    /// <param name="methods">All methods that are searched.</param>
    /// <exception cref="UserInputException">Nothing is left to search.</exception>
    public static SearchPlan PlanOf(SearchPlan plan, string method, IReadOnlyList<string> methods)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(methods);
        var own = plan.Space.Where(dimension => Has(method, dimension.Path) || !methods.Any(other => Has(other, dimension.Path))).ToList();
        if (own.Count == 0 && plan.Space.Count > 0) throw new UserInputException($"Nothing of the search space belongs to the method {method}; add a setting of it, or one that all methods have, such as training.learningRate.");
        return own.Count == plan.Space.Count ? plan : plan with { Space = own };
    }

    private static bool Has(string method, string path) => !path.StartsWith("peft.", StringComparison.OrdinalIgnoreCase)
        || PeftMethod.Find(method)?.Settings.Any(setting => string.Equals(setting.Name, path["peft.".Length..], StringComparison.OrdinalIgnoreCase)) == true;
}

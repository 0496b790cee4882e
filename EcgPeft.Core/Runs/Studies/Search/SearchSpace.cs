using System.Globalization;

namespace EcgPeft.Core.Runs.Studies.Search;

/// <summary>The settings of a search's trials: a pure function of the plan, so that a search can go on after anything.</summary>
public static class SearchSpace
{
    private const int Attempts = 50;

    /// <summary>The settings of each trial, <c>path=value</c>, no two the same: all points of a grid in order, else drawn by the plan's seed.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>As many as the plan says, or fewer where the space has no more.</returns>
    /// <exception cref="UserInputException">The plan makes no sense.</exception>
    public static IReadOnlyList<IReadOnlyList<string>> Trials(SearchPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.Check();
        if (plan.Kind == SearchKind.Grid) return StudyAxis.Product([.. plan.Space.Select(d => new StudyAxis(d.Path, d.Values!))]);
        // Seeded, so the sequence is the same everywhere; a longer search begins with the trials of a shorter one.
        var random = new Random(plan.Seed);
        var (trials, seen) = (new List<IReadOnlyList<string>>(), new HashSet<string>(StringComparer.Ordinal));
        for (var failures = 0; trials.Count < plan.Trials && failures < Attempts;)
        {
            string[] drawn = [.. plan.Space.Select(d => $"{d.Path}={Draw(d, random)}")];
            if (seen.Add(string.Join('\n', drawn)))
            {
                trials.Add(drawn);
                failures = 0;
            }
            else
            {
                failures++;
            }
        }
        return trials;
    }

    private static string Draw(SearchDimension dimension, Random random)
    {
        if (dimension.Values is { } values) return values[random.Next(values.Count)];
        var (low, high, at) = (dimension.Low!.Value, dimension.High!.Value, random.NextDouble());
        // Half a unit on both sides gives the ends of a whole range their share.
        if (dimension.Whole) (low, high) = (low - 0.5, high + 0.5);
        if (dimension.Log && low <= 0) low = 0.5;
        var value = dimension.Log ? Math.Exp(Math.Log(low) + at * (Math.Log(high) - Math.Log(low))) : low + at * (high - low);
        if (dimension.Whole) return Math.Clamp((long)Math.Round(value), (long)dimension.Low.Value, (long)dimension.High.Value).ToString(CultureInfo.InvariantCulture);
        // Three digits are enough to search by, and people can read and repeat them.
        var rounded = double.Parse(value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return Math.Clamp(rounded, dimension.Low.Value, dimension.High.Value).ToString("R", CultureInfo.InvariantCulture);
    }
}

namespace EcgPeft.Core.Runs.Studies.Search;

/// <summary>Where a trial of successive halving stands.</summary>
/// <param name="Rung">The rung that it is on its way to or has reached, from 0; -1 before it has begun.</param>
/// <param name="Score">Its score at that rung, higher is better; null while it is on its way; negative infinity where it failed.</param>
/// <param name="Scores">Its scores at the rungs that it has reached, from the first.</param>
public sealed record TrialStanding(int Rung, double? Score, IReadOnlyList<double> Scores);

/// <summary>
/// Asynchronous successive halving (Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning", algorithm 2), as a pure
/// function of where the trials stand: which trial goes on to which rung when a worker is free.
/// </summary>
public static class SuccessiveHalving
{
    /// <summary>
    /// The next piece of work: from the highest rung down, the best trial among the top 1/eta of a rung that has not gone on yet; else the next
    /// new trial. When all have begun and nobody is at work, the best of the highest rung goes on, so that somebody reaches the top.
    /// </summary>
    /// <param name="trials">Where they stand, in their order.</param>
    /// <param name="rungs">Number of rungs.</param>
    /// <param name="eta">One in so many goes on.</param>
    /// <returns>Trial and rung; null where nothing is to be done now.</returns>
    public static (int Trial, int Rung)? Next(IReadOnlyList<TrialStanding> trials, int rungs, int eta)
    {
        ArgumentNullException.ThrowIfNull(trials);
        for (var rung = rungs - 2; rung >= 0; rung--)
        {
            var reached = Reached(trials, rung);
            foreach (var trial in reached.Take(reached.Count / eta))
                if (trials[trial].Rung == rung && !double.IsNegativeInfinity(trials[trial].Scores[rung])) return (trial, rung + 1);
        }
        for (var trial = 0; trial < trials.Count; trial++)
            if (trials[trial].Rung < 0) return (trial, 0);
        if (trials.Any(trial => trial.Score is null)) return null;
        for (var rung = rungs - 1; rung >= 0; rung--)
        {
            var best = Reached(trials, rung).Where(trial => !double.IsNegativeInfinity(trials[trial].Scores[rung])).ToList();
            if (best.Count == 0) continue;
            return rung == rungs - 1 ? null : (best[0], rung + 1);
        }
        return null;
    }

    /// <summary>The winner: the best score among the trials that were trained to the end; of equal ones the first. Null where there is none.</summary>
    /// <param name="trials">Where they stand.</param>
    /// <param name="rungs">Number of rungs.</param>
    public static int? Winner(IReadOnlyList<TrialStanding> trials, int rungs)
    {
        var best = Reached(trials, rungs - 1).Where(trial => !double.IsNegativeInfinity(trials[trial].Scores[rungs - 1])).ToList();
        return best.Count == 0 ? null : best[0];
    }

    /// <summary>Trials with a score at a rung, the best first.</summary>
    private static List<int> Reached(IReadOnlyList<TrialStanding> trials, int rung) =>
        [.. Enumerable.Range(0, trials.Count).Where(trial => trials[trial].Scores.Count > rung).OrderByDescending(trial => trials[trial].Scores[rung]).ThenBy(trial => trial)];
}

using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>How far a study is and how long it will take, by epochs and the pace so far.</summary>
internal static class StudyPace
{
    /// <summary>Epochs done, epochs left at the most, and probable seconds to the end; null without a pace.</summary>
    public static (double Done, double Left, double? Seconds) Of(Study study, IReadOnlyList<StudyRunState> runs, int workers)
    {
        var epochs = study.Base?.Training.Epochs ?? runs.Select(run => run.Summary?.Epochs).OfType<int>().DefaultIfEmpty(0).Max();
        // A winner is a trial's copy, of which nothing is trained again.
        var done = runs.Where(run => !study.IsWinner(run.Run) || study.IsRepeat(run.Run)).ToDictionary(run => run, DoneOf);
        var total = done.Values.Sum();
        if (study.Search is not null)
        {
            var left = Math.Max(0, StudyBudget.Of(study, _ => new() { Epochs = epochs }).Epochs - total);
            // Early stopping leaves some of the budget over.
            if (runs.All(run => run.Summary?.Status == RunStatus.Completed || (study.IsWinner(run.Run) && !study.IsRepeat(run.Run)))) left = 0;
            return (total, left, PaceOf(runs, done) is { } each ? left * each / workers : null);
        }
        var open = runs.Where(run => run.Summary?.Status is not (RunStatus.Completed or RunStatus.Failed)).ToList();
        double remaining = open.Sum(run => LeftOf(run, epochs, done));
        // Models and methods differ in speed; where one has not been seen yet, the mean of all stands for it.
        var overall = PaceOf(runs, done);
        double? seconds = overall is null ? null : open.Sum(run => LeftOf(run, epochs, done) * (PaceOf([.. runs.Where(other => other.Run.Model == run.Run.Model && other.Run.Method == run.Run.Method)], done) ?? overall.Value)) / Math.Max(1, Math.Min(workers, open.Count));
        return (total, remaining, seconds);
    }

    private static double LeftOf(StudyRunState run, int epochs, Dictionary<StudyRunState, double> done) => Math.Max(0, (run.Summary?.Epochs is > 0 and var own ? own : epochs) - done[run]);

    private static double DoneOf(StudyRunState run) => run.Summary switch
    {
        null => 0,
        { TotalSteps: > 0 } known => (double)known.Step / known.TotalSteps.Value * known.Epochs,
        _ => 0,
    };

    /// <summary>Seconds an epoch.</summary>
    private static double? PaceOf(IReadOnlyList<StudyRunState> runs, Dictionary<StudyRunState, double> done)
    {
        var epochs = runs.Sum(run => done.GetValueOrDefault(run));
        return epochs >= 1 ? runs.Where(run => done.ContainsKey(run)).Sum(run => run.Summary?.ActiveSeconds ?? 0) / epochs : null;
    }
}

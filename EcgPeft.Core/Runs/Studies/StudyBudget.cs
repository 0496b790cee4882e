using System.Globalization;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;

namespace EcgPeft.Core.Runs.Studies;

/// <summary>What a study trains: early stopping only makes it less; successive halving decides on its way, so that its figure is about right.</summary>
/// <param name="Pairs">By model and method.</param>
public sealed record StudyBudget(IReadOnlyList<PairBudget> Pairs)
{
    /// <summary>Runs, or trials of a search.</summary>
    public int Runs => Pairs.Sum(pair => pair.Runs);

    /// <summary>Epochs of all of them together, and of the winners' repetitions.</summary>
    public long Epochs => Pairs.Sum(pair => pair.Epochs);

    /// <summary>Optimiser steps of all of them together.</summary>
    /// <param name="segments">Training segments of an epoch.</param>
    public long Steps(int segments) => Pairs.Sum(pair => pair.Steps(segments));

    /// <summary>Reckons what a study trains.</summary>
    /// <param name="study">The study.</param>
    /// <param name="training">Epochs and batch size that a run begins with, where it does not set them itself.</param>
    public static StudyBudget Of(Study study, Func<StudyRun, TrainingRecipe> training)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(training);
        return new StudyBudget([.. study.Runs.GroupBy(run => (run.Model, run.Method)).Select(pair =>
        {
            List<(int Epochs, int Batch)> runs = [.. pair.Select(run => (Set(run, "training.epochs") ?? training(run).Epochs, Set(run, "training.batchSize") ?? training(run).BatchSize))];
            // Of a search nobody knows yet which trial wins: at the most the one with the most epochs, in the smallest batches.
            var repeats = study.Winners?.Count(run => study.IsRepeat(run) && run.Model == pair.Key.Model && run.Method == pair.Key.Method) ?? 0;
            double share = study.Search is { Kind: SearchKind.Asha } search ? (double)Halved(search, runs.Count, runs[0].Epochs) / Math.Max(1, runs.Sum(run => run.Epochs)) : 1;
            return new PairBudget(pair.Key.Model, pair.Key.Method, runs.Count,
                [.. runs.Select(run => (run.Batch, run.Epochs * share)), .. Enumerable.Repeat((runs.Min(run => run.Batch), (double)runs.Max(run => run.Epochs)), repeats)]);
        })]);
    }

    private static long Halved(SearchPlan search, int trials, int epochs)
    {
        var (total, before) = (0L, 0);
        foreach (var rung in search.Rungs(epochs))
        {
            total += (long)trials * (rung - before);
            (trials, before) = (Math.Max(1, trials / search.Eta), rung);
        }
        return total;
    }

    private static int? Set(StudyRun run, string path)
    {
        var prefix = path + "=";
        return (run.Settings ?? []).FirstOrDefault(setting => setting.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) is { } set && int.TryParse(set[prefix.Length..], CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}

/// <summary>What a study trains of one model with one method.</summary>
/// <param name="Model">Model, as the study names it.</param>
/// <param name="Method">PEFT method.</param>
/// <param name="Runs">Runs, or trials of a search.</param>
/// <param name="Work">Batch size and epochs of each run; of successive halving the mean of the trials.</param>
public sealed record PairBudget(string Model, string Method, int Runs, IReadOnlyList<(int BatchSize, double Epochs)> Work)
{
    /// <summary>Epochs of all of them together.</summary>
    public long Epochs => (long)Math.Round(Work.Sum(run => run.Epochs));

    /// <summary>Optimiser steps of all of them together.</summary>
    /// <param name="segments">Training segments of an epoch.</param>
    public long Steps(int segments) => (long)Math.Round(Work.Sum(run => run.Epochs * BatchOrder.StepsPerEpoch(segments, Math.Max(1, run.BatchSize))));
}

using System.Runtime.InteropServices;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;

namespace EcgPeft.Cli;

/// <summary>Works on a study until it has ended or is stopped.</summary>
internal static class StudyWork
{
    /// <summary>Trains what is missing and says how it went.</summary>
    public static int Work(string folder, Study study, string recipeFolder, int jobs)
    {
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var recipes = new StudyRecipes(recipeFolder);
        using var held = StudyLock.Take(folder);
        StudyRunner.Prepare(folder, study, recipes);
        Console.Out.WriteLine($"study folder: {folder} ({Shape(study)})");
        try
        {
            // Those of a search look at the test split, and so come when its winners have been tested.
            if (study.Search is null) YardsticksCommand.Measure(folder, study, stop.Token);
            var states = StudyDisplay.Follow(report => new StudyRunner(ProductSettings.DataRoot(), OwnWorker.Command(), jobs, ProductSettings.Slurm(), Console.Error.WriteLine).Run(folder, study, recipes, report, stop.Token));
            if (study.Search is not null && YardstickWork.MayBegin(folder, study)) YardsticksCommand.Measure(folder, study, stop.Token);
            return Conclude(folder, study, states);
        }
        catch (OperationCanceledException)
        {
            Console.Out.WriteLine($"Stopped; go on with: ecgpeft study --resume {folder}");
            return RunWorker.StoppedExitCode;
        }
    }

    private static string Shape(Study study) => study.Search is not null ? $"search of {study.Runs.Count} trials{(study.Models.Count * study.Methods.Count > 1 ? $": {study.Models.Count} models x {study.Methods.Count} methods" : "")}{(study.Seeds.Count > 1 ? $", winners trained again with {study.Seeds.Count - 1} more seeds" : "")}"
        : $"{study.Runs.Count} runs: {study.Models.Count} models x {study.Methods.Count} methods x {study.Seeds.Count} seeds{(study.Folds is { } folds ? $" x {folds} folds" : "")}{(study.Grid is { } grid ? $" x {grid.Aggregate(1, (points, axis) => points * axis.Values.Count)} points of a grid" : "")}{(study.Ablation is { Count: > 0 } ablation ? $", and once more with {string.Join(", and with ", ablation)}" : "")}";

    private static int Conclude(string folder, Study study, IReadOnlyList<StudyRunState> states)
    {
        if (study.Search is not null) return ConcludeSearch(folder, study, states);
        var completed = states.Count(state => state.Summary?.Status == RunStatus.Completed);
        if (completed > 0) StudyDisplay.WriteTable(folder, study, states);
        if (completed == states.Count)
        {
            Console.Out.WriteLine($"All {completed} runs are completed. Write the report with: ecgpeft report --study {folder} --out report.html");
            return 0;
        }
        var failed = states.Where(state => state.Summary?.Status is RunStatus.Failed or RunStatus.Interrupted).ToList();
        foreach (var state in failed) Console.Error.WriteLine($"{state.Run.Folder}: {state.Summary!.StatusMessage}");
        Console.Out.WriteLine($"{completed} of {states.Count} runs are completed; go on with: ecgpeft study --resume {folder}");
        return failed.Count > 0 ? 1 : RunWorker.StoppedExitCode;
    }

    private static int ConcludeSearch(string folder, Study study, IReadOnlyList<StudyRunState> states)
    {
        var winners = SearchProgress.Winners(folder, study);
        var tested = states.Where(state => study.IsWinner(state.Run) && state.Summary is { Status: RunStatus.Completed, Test: not null }).ToList();
        foreach (var state in tested)
        {
            if (study.IsRepeat(state.Run)) continue;
            var of = study.Models.Count * study.Methods.Count > 1 ? $" of {state.Run.Model} with {state.Run.Method}" : "";
            Console.Out.WriteLine($"The winner{of} on validation is {(winners.TryGetValue(state.Run, out var winner) ? StudyRecipes.NameOf(study, winner) : "no longer here")}; tested once: {StudyDisplay.Results(state.Summary!.Test!)}.");
            Console.Out.WriteLine($"Its run folder: {state.Run.In(folder).Path}");
        }
        if (tested.Count == study.Winners!.Count)
        {
            if (study.Seeds.Count > 1) StudyDisplay.WriteTable(folder, study, [.. tested]);
            else StudyDisplay.WriteYardsticks(folder, study);
            Console.Out.WriteLine($"Every model and method has its winner. Write the report with: ecgpeft report --study {folder} --out report.html");
            return 0;
        }
        foreach (var state in states.Where(state => state.Summary?.Status is RunStatus.Failed or RunStatus.Interrupted)) Console.Error.WriteLine($"{state.Run.Folder}: {state.Summary!.StatusMessage}");
        var lost = LostPair.Of(study, states);
        foreach (var pair in lost) Console.Error.WriteLine(pair.Sentence);
        if (lost.Count > 0 && tested.Count == study.Winners.Count(run => lost.All(pair => (pair.Pair.Final.Model, pair.Pair.Final.Method) != (run.Model, run.Method))))
        {
            if (tested.Count > 0) StudyDisplay.WriteTable(folder, study, [.. tested]);
            Console.Out.WriteLine($"The search has ended without {(lost.Count == 1 ? "one of its winners" : $"{lost.Count} of its winners")}; try the failed trials again with: ecgpeft study --resume {folder}");
            return 1;
        }
        Console.Out.WriteLine($"The search has not ended; go on with: ecgpeft study --resume {folder}");
        return states.Any(state => state.Summary?.Status is RunStatus.Failed or RunStatus.Interrupted) && states.All(state => state.Summary?.Status != RunStatus.Stopped) ? 1 : RunWorker.StoppedExitCode;
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Yardsticks;

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
        StudyRunner.Prepare(folder, study, recipes);
        Console.Out.WriteLine($"study folder: {folder} ({Shape(study)})");
        try
        {
            Measure(folder, study, stop.Token);
        }
        catch (OperationCanceledException)
        {
            Console.Out.WriteLine($"Stopped; go on with: ecgpeft study --resume {folder}");
            return RunWorker.StoppedExitCode;
        }
        var states = StudyDisplay.Follow(report => new StudyRunner(ProductSettings.DataRoot(), OwnWorker(), jobs, ProductSettings.Slurm(), Console.Error.WriteLine).Run(folder, study, recipes, report, stop.Token));
        return Conclude(folder, study, states);
    }

    private static string Shape(Study study) => study.Search is not null ? $"search of {study.Runs.Count} trials"
        : $"{study.Runs.Count} runs: {study.Models.Count} models x {study.Methods.Count} methods x {study.Seeds.Count} seeds{(study.Folds is { } folds ? $" x {folds} folds" : "")}{(study.Grid is { } grid ? $" x {grid.Aggregate(1, (points, axis) => points * axis.Values.Count)} points of a grid" : "")}{(study.Ablation is { Count: > 0 } ablation ? $", and once more with {string.Join(", and with ", ablation)}" : "")}";

    /// <summary>The classical methods, each on the split of each seed, unless that is done already.</summary>
    private static void Measure(string folder, Study study, CancellationToken stop)
    {
        var missing = (from repeat in study.Runs.Select(run => (run.Seed, run.Fold)).Distinct() from name in study.Yardsticks where StudyYardsticks.Read(folder, name, repeat.Seed, repeat.Fold) is null select (repeat.Seed, repeat.Fold, name)).ToList();
        if (missing.Count == 0) return;
        var segments = SegmentSource.Load(study.Data.Path!, study.Data.Groups, cancel: stop).Segments;
        foreach (var (seed, fold, name) in missing)
        {
            var recipe = study.Runs.First(run => run.Seed == seed && run.Fold == fold).In(folder).ReadRecipe();
            var split = Splits.Divide(segments, recipe.Split.Kind, recipe.Split.Validation, recipe.Split.Test, recipe.Split.Seed ?? recipe.Seed, recipe.Split.Folds, recipe.Split.Fold);
            var normalised = Preprocessing.Apply(recipe.Preprocessing, recipe.Data.SamplingRateHz is { } rate ? segments.WithSamplingRate(rate) : segments, split, _ => { });
            var yardstick = Yardstick.All.Single(y => y.Name == name);
            var result = yardstick.Run(normalised.ReadAll(), segments.Length, segments.Labels, split, seed, stop);
            StudyYardsticks.Write(folder, result, fold);
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{yardstick.Title}, seed {seed}{(fold is null ? "" : $", fold {fold}")}: test {StudyDisplay.Results(result.Test.Metrics(0.5))} ({result.Seconds:F1} s)"));
        }
    }

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
        if (states[^1].Summary is { Status: RunStatus.Completed, Test: { } test })
        {
            var winner = SearchProgress.Winner(folder, study);
            Console.Out.WriteLine($"The winner on validation is {(winner is null ? "no longer here" : StudyRecipes.NameOf(study, winner))}; tested once: {StudyDisplay.Results(test)}.");
            Console.Out.WriteLine($"Its run folder: {states[^1].Run.In(folder).Path}");
            return 0;
        }
        foreach (var state in states.Where(state => state.Summary?.Status is RunStatus.Failed or RunStatus.Interrupted)) Console.Error.WriteLine($"{state.Run.Folder}: {state.Summary!.StatusMessage}");
        Console.Out.WriteLine($"The search has not ended; go on with: ecgpeft study --resume {folder}");
        return states.Any(state => state.Summary?.Status is RunStatus.Failed or RunStatus.Interrupted) && states.All(state => state.Summary?.Status != RunStatus.Stopped) ? 1 : RunWorker.StoppedExitCode;
    }

    /// <summary>This program as a worker: its own executable, or the runtime with its library.</summary>
    private static WorkerCommand OwnWorker()
    {
        string[] arguments = ["train", "--detached", "--resume"];
        var program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? new WorkerCommand(program, [Path.Combine(AppContext.BaseDirectory, "ecgpeft.dll"), .. arguments])
            : new WorkerCommand(program, arguments);
    }
}

using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Yardsticks;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft study</c>: models x methods x seeds on one data set, with classical methods beside them.</summary>
internal static class StudyCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "CSV file of segments, or the folder of an imported data set.", HelpName = "FILE" };
        var groups = new Option<string?>("--groups") { Description = "CSV file that names each row's group (person); the split is then by group.", HelpName = "FILE" };
        var models = new Option<string[]>("--models") { Description = "Models, for example wav2vec2,hubert,ecg-fm: names of recipes, ids of the catalogue or model folders.", HelpName = "A,B,C", AllowMultipleArgumentsPerToken = false };
        var methods = new Option<string[]>("--peft") { Description = "Methods, for example lora,adapter.", HelpName = "A,B" };
        var seeds = new Option<string[]>("--seeds") { Description = "Seeds, by default 1. A seed also draws its split, unless split.seed is set.", HelpName = "1,2,3" };
        var folds = new Option<int?>("--folds") { Description = "Divide the data of each seed into so many folds (whole groups where they are given) and test every one once.", HelpName = "K" };
        var set = new Option<string[]>("--set") { Description = "Replace a setting in every run, for example training.epochs=3; may be given several times.", HelpName = "path=value" };
        var ablate = new Option<string[]>("--ablate") { Description = "Train the whole grid once more with one setting changed, for example preprocessing.normalization=global; may be given several times.", HelpName = "path=value" };
        var output = new Option<string?>("--out") { Description = "The study's folder; an unfinished study in it goes on. By default a new one in the data folder.", HelpName = "DIR" };
        var resume = new Option<string?>("--resume") { Description = "Go on with the study in this folder.", HelpName = "DIR" };
        var recipes = new Option<string?>("--recipes") { Description = "Folder of recipes, by default recipes/ here or beside the program.", HelpName = "DIR" };
        var yardsticks = new Option<string[]>("--yardsticks") { Description = $"Classical methods beside the runs: {string.Join(",", Yardstick.All.Select(y => y.Name))} (all of them by default), or none.", HelpName = "A,B" };
        var jobs = new Option<int?>("--jobs") { Description = "Runs at once; the cores are divided among them. By default one.", HelpName = "N" };
        var command = new Command("study", "Train every model with every method and seed, to be compared.") { data, groups, models, methods, seeds, folds, set, ablate, output, resume, recipes, yardsticks, jobs };
        command.SetAction(parsed =>
        {
            var atOnce = parsed.GetValue(jobs) ?? 1;
            if (atOnce < 1) throw new UserInputException($"--jobs is {atOnce}; it must be at least 1.");
            var recipeFolder = parsed.GetValue(recipes) is { } given ? Path.GetFullPath(given) : RecipeFolder();
            if (parsed.GetValue(resume) is { } existing)
            {
                if (parsed.GetValue(data) is not null || parsed.GetValue(models) is { Length: > 0 } || parsed.GetValue(methods) is { Length: > 0 } || parsed.GetValue(seeds) is { Length: > 0 } || parsed.GetValue(folds) is not null || parsed.GetValue(set) is { Length: > 0 } || parsed.GetValue(ablate) is { Length: > 0 })
                    throw new UserInputException("--resume goes on with the study's own runs; leave the other options out.");
                return Work(Path.GetFullPath(existing), Study.Read(Path.GetFullPath(existing)), recipeFolder, atOnce);
            }
            var (folder, study) = Asked(
                parsed.GetValue(data), parsed.GetValue(groups), List(parsed.GetValue(models)), List(parsed.GetValue(methods)), List(parsed.GetValue(seeds)), parsed.GetValue(folds),
                parsed.GetValue(set) ?? [], parsed.GetValue(ablate) ?? [], parsed.GetValue(output), parsed.GetValue(yardsticks) is { Length: > 0 } chosen ? List(chosen) : null);
            return Work(folder, study, recipeFolder, atOnce);
        });
        return command;
    }

    private static string[] List(string[]? values) => [.. (values ?? []).SelectMany(v => v.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private static string RecipeFolder() => Directory.Exists("recipes") ? Path.GetFullPath("recipes") : Path.Combine(AppContext.BaseDirectory, "recipes");

    private static (string Folder, Study Study) Asked(string? data, string? groups, string[] models, string[] methods, string[] seeds, int? folds, string[] settings, string[] ablation, string? output, string[]? yardsticks)
    {
        if (data is null) throw new UserInputException("Give --data FILE to begin a study, or --resume DIR to go on with one.");
        if (models.Length == 0) throw new UserInputException("Give --models, for example --models wav2vec2,hubert,ecg-fm.");
        if (methods.Length == 0) throw new UserInputException("Give --peft, for example --peft lora,adapter.");
        if (ablation.FirstOrDefault(s => s.IndexOf('=', StringComparison.Ordinal) < 1) is { } unset) throw new UserInputException($"--ablate {unset} is no setting with a value; write for example --ablate preprocessing.normalization=global.");
        if (settings.Concat(ablation).FirstOrDefault(s => s.StartsWith("seed=", StringComparison.Ordinal) || s.StartsWith("peft.method=", StringComparison.Ordinal) || s.StartsWith("backbone.model=", StringComparison.Ordinal)) is { } varied)
            throw new UserInputException($"{varied} would set what a study varies; use --models, --peft and --seeds.");
        var numbers = seeds.Length == 0 ? [1] : seeds.Select(seed => int.TryParse(seed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : throw new UserInputException($"'{seed}' in --seeds is no whole number.")).Distinct().ToArray();
        if (folds is < 3 or > 100) throw new UserInputException($"--folds is {folds}; it must be between 3 and 100.");
        if (folds is not null && settings.FirstOrDefault(s => s.StartsWith("split.", StringComparison.Ordinal) && !s.StartsWith("split.seed=", StringComparison.Ordinal)) is { } split)
            throw new UserInputException($"--set {split} and --folds contradict each other; leave one of them out.");
        var names = yardsticks is null ? [.. Yardstick.All.Select(y => y.Name)] : yardsticks is ["none"] ? [] : yardsticks;
        if (names.FirstOrDefault(name => Yardstick.All.All(y => y.Name != name)) is { } unknown)
            throw new UserInputException($"There is no yardstick '{unknown}'; there are {string.Join(", ", Yardstick.All.Select(y => y.Name))}, and none.");

        var recipe = new DataRecipe { Path = Path.GetFullPath(data), Groups = groups is null ? null : Path.GetFullPath(groups) };
        var loaded = SegmentSource.Load(recipe.Path, recipe.Groups);
        var root = ProductSettings.DataRoot();
        var id = DateTime.UtcNow.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var folder = output is null ? Path.Combine(root.Studies, id) : Path.GetFullPath(output);
        // In the data folder the runs lie among all runs, where the dashboard sees them.
        string RunPath(string name) => output is null ? Path.Combine(root.Runs, $"{id}-{name}") : Path.Combine(folder, name);
        var runs =
            from seed in numbers
            from fold in folds is { } count ? Enumerable.Range(1, count).Select(k => (int?)k) : [null]
            from model in models.Distinct()
            from method in methods.Distinct()
            from ablated in ablation.Distinct().Prepend(null)
            select new StudyRun(Path.GetRelativePath(folder, RunPath(StudyRecipes.FolderName(model, method, seed, fold, ablated))), model, method, seed, fold, ablated);
        var study = new Study(DateTime.UtcNow, recipe with { Hash = loaded.Segments.Hash }, [.. models.Distinct()], [.. methods.Distinct()], numbers, settings, [.. runs], names, folds, ablation.Length == 0 ? null : [.. ablation.Distinct()]);
        if (study.Runs.GroupBy(run => run.Folder).FirstOrDefault(same => same.Count() > 1) is { } clash)
            throw new UserInputException($"Two models would share the run folder {clash.Key}; rename one of their folders.");
        return (folder, Existing(folder, study) ?? study);
    }

    private static Study? Existing(string folder, Study asked)
    {
        if (Study.Is(folder))
        {
            var present = Study.Read(folder);
            return present.AsksTheSame(asked) ? present
                : throw new UserInputException($"{folder} holds another study; choose a new folder with --out, or go on with that study by --resume.");
        }
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new UserInputException($"{folder} is not empty; choose a new folder for the study.");
        return null;
    }

    private static int Work(string folder, Study study, string recipeFolder, int jobs)
    {
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        StudyRunner.Prepare(folder, study, new StudyRecipes(recipeFolder));
        Console.Out.WriteLine($"study folder: {folder} ({study.Runs.Count} runs: {study.Models.Count} models x {study.Methods.Count} methods x {study.Seeds.Count} seeds{(study.Folds is { } folds ? $" x {folds} folds" : "")}{(study.Ablation is { Count: > 0 } ablation ? $", and once more with {string.Join(", and with ", ablation)}" : "")})");
        try
        {
            Measure(folder, study, stop.Token);
        }
        catch (OperationCanceledException)
        {
            Console.Out.WriteLine($"Stopped; go on with: ecgpeft study --resume {folder}");
            return RunWorker.StoppedExitCode;
        }
        var states = StudyDisplay.Follow(report => new StudyRunner(ProductSettings.DataRoot(), OwnWorker(), jobs).Run(folder, study, report, stop.Token));
        return Conclude(folder, study, states);
    }

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

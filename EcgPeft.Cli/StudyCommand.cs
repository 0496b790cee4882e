using System.CommandLine;
using EcgPeft.Core;
using EcgPeft.Core.Peft.Settings;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Yardsticks;

namespace EcgPeft.Cli;

/// <summary><c>ecgpeft study</c>: models x methods x seeds x grid on one data set, with classical methods beside them; or a search for settings.</summary>
internal static class StudyCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "CSV file of segments, or the folder of an imported data set.", HelpName = "FILE" };
        var groups = new Option<string?>("--groups") { Description = "CSV file that names each row's group (person); the split is then by group.", HelpName = "FILE" };
        var recipe = new Option<string?>("--recipe") { Description = "Recipe that every run begins as, instead of one file in the folder of recipes for each model and method.", HelpName = "FILE" };
        var models = new Option<string[]>("--models") { Description = "Models, for example wav2vec2,hubert,ecg-fm: names of recipes, ids of the catalogue or model folders.", HelpName = "A,B,C", AllowMultipleArgumentsPerToken = false };
        var methods = new Option<string[]>("--peft") { Description = $"Methods, for example lora,adapter; there are {string.Join(", ", PeftMethod.All.Select(method => method.Name))}.", HelpName = "A,B" };
        var seeds = new Option<string[]>("--seeds") { Description = "Seeds, by default 1. A seed also draws its split, unless split.seed is set. A search is done with the first; its winners are trained again with the others, on the same split.", HelpName = "1,2,3" };
        var folds = new Option<int?>("--folds") { Description = "Divide the data of each seed into so many folds, 3 to 100 (whole groups where they are given), and test every one once; by default one split a seed.", HelpName = "K" };
        var grid = new Option<string[]>("--grid") { Description = "Vary a setting, for example training.learningRate=0.0005,0.002; several make every combination.", HelpName = "path=a,b" };
        var set = new Option<string[]>("--set") { Description = "Replace a setting in every run, for example training.epochs=3; may be given several times. docs/recipes.md lists the settings.", HelpName = "path=value" };
        var ablate = new Option<string[]>("--ablate") { Description = "Train the whole grid once more with one setting changed, for example preprocessing.normalization=global; may be given several times.", HelpName = "path=value" };
        var search = new Option<string?>("--search") { Description = "Search the best settings of each model and method: grid, random or asha (successive halving). Trials leave the test split alone; each winner on validation is tested once, at the end.", HelpName = "KIND" };
        var space = new Option<string[]>("--space") { Description = "A setting to search: peft.rank=4,8,16, or training.learningRate=0.0001..0.01:log. One that only some methods have is searched with those.", HelpName = "path=values" };
        var trials = new Option<int?>("--trials") { Description = "How many settings random and asha try for each model and method, 1 to 500, by default 20.", HelpName = "N" };
        var searchSeed = new Option<int?>("--search-seed") { Description = "Draws the settings, by default 1.", HelpName = "N" };
        var eta = new Option<int?>("--eta") { Description = "asha: one in so many goes on, to so many times the epochs; 2 to 10, by default 3.", HelpName = "N" };
        var firstRung = new Option<int?>("--first-rung") { Description = "asha: epochs that every trial gets, by default 1.", HelpName = "N" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be trained and how long it would take, for Slurm with the batch script, and end." };
        var estimate = new Option<bool>("--estimate") { Description = "Measure a few steps of each model and method first, where this machine has not measured them before, to say how long it will take." };
        var output = new Option<string?>("--out") { Description = "The study's folder; an unfinished study in it goes on. By default a new one in the data folder.", HelpName = "DIR" };
        var resume = new Option<string?>("--resume") { Description = "Go on with the study in this folder.", HelpName = "DIR" };
        var recipes = new Option<string?>("--recipes") { Description = "Folder of recipes, by default recipes/ here or beside the program.", HelpName = "DIR" };
        var yardsticks = new Option<string[]>("--yardsticks") { Description = $"Classical methods beside the runs: {string.Join(",", Yardstick.All.Select(y => y.Name))} (all of them by default), or none.", HelpName = "A,B" };
        var jobs = new Option<int?>("--jobs") { Description = "Runs at once; the cores are divided among them. By default one.", HelpName = "N" };
        var executor = ExecutorOption.Create("Where runs are trained: local (worker processes here) or slurm (jobs of a cluster, see docs/cluster.md). By default as the recipe or EcgPeft:Slurm:Usual says.");
        Option[] asked = [data, groups, recipe, models, methods, seeds, folds, grid, set, ablate, search, space, trials, searchSeed, eta, firstRung, yardsticks, executor];
        var command = new Command("study", "Train every model with every method and seed, to be compared; or search settings.");
        foreach (var option in (Option[])[.. asked, dryRun, estimate, output, resume, recipes, jobs]) command.Options.Add(option);
        command.SetAction(parsed =>
        {
            var atOnce = parsed.GetValue(jobs) ?? 1;
            if (atOnce < 1) throw new UserInputException($"--jobs is {atOnce}; it must be at least 1.");
            var folder = parsed.GetValue(recipes) is { } given ? Path.GetFullPath(given) : StudyOptions.RecipeFolder();
            if (parsed.GetValue(resume) is { } existing)
            {
                if (asked.Any(option => parsed.GetResult(option) is { Implicit: false }))
                    throw new UserInputException("--resume goes on with the study's own runs; leave the other options out.");
                return StudyWork.Work(Path.GetFullPath(existing), Study.Read(Path.GetFullPath(existing)), folder, atOnce);
            }
            var options = new StudyOptions
            {
                Data = parsed.GetValue(data), Groups = parsed.GetValue(groups), Recipe = parsed.GetValue(recipe), Recipes = folder,
                Models = StudyOptions.List(parsed.GetValue(models)), Methods = StudyOptions.List(parsed.GetValue(methods)), Seeds = StudyOptions.List(parsed.GetValue(seeds)), Folds = parsed.GetValue(folds),
                Grid = parsed.GetValue(grid) ?? [], Settings = [.. parsed.GetValue(set) ?? [], .. ExecutorOption.Setting(parsed.GetValue(executor), parsed.GetValue(set) ?? [], parsed.GetValue(recipe) is { } begin ? RecipeFile.Read(begin, parsed.GetValue(set) ?? []) : null)], Ablate = parsed.GetValue(ablate) ?? [], Search = parsed.GetValue(search), Space = parsed.GetValue(space) ?? [], Trials = parsed.GetValue(trials),
                SearchSeed = parsed.GetValue(searchSeed), Eta = parsed.GetValue(eta), FirstRung = parsed.GetValue(firstRung), Output = parsed.GetValue(output),
                Yardsticks = parsed.GetValue(yardsticks) is { Length: > 0 } chosen ? StudyOptions.List(chosen) : null,
            };
            var planned = options.ToStudy();
            Console.Out.WriteLine(planned.Size());
            Console.Out.WriteLine(planned.Time(parsed.GetValue(estimate)));
            if (!planned.Present && planned.Twin() is { } twin) Console.Out.WriteLine(twin);
            if (planned.Script() is { } script) Console.Out.Write(script);
            return parsed.GetValue(dryRun) ? 0 : StudyWork.Work(planned.Folder, planned.Study, folder, atOnce);
        });
        return command;
    }
}

using System.Globalization;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Runs.Studies;
using EcgPeft.Core.Runs.Studies.Search;
using EcgPeft.Core.Training;
using EcgPeft.Core.Training.Yardsticks;

namespace EcgPeft.Cli;

/// <summary>What was asked of <c>ecgpeft study</c>.</summary>
internal sealed record StudyOptions
{
    private const int UsualTrials = 20;

    public string? Data { get; init; }
    public string? Groups { get; init; }
    public string? Recipe { get; init; }
    public required string Recipes { get; init; }
    public string[] Models { get; init; } = [];
    public string[] Methods { get; init; } = [];
    public string[] Seeds { get; init; } = [];
    public int? Folds { get; init; }
    public string[] Grid { get; init; } = [];
    public string[] Settings { get; init; } = [];
    public string[] Ablate { get; init; } = [];
    public string? Search { get; init; }
    public string[] Space { get; init; } = [];
    public int? Trials { get; init; }
    public int? SearchSeed { get; init; }
    public int? Eta { get; init; }
    public int? FirstRung { get; init; }
    public string? Output { get; init; }
    public string[]? Yardsticks { get; init; }

    public static string[] List(string[]? values) => [.. (values ?? []).SelectMany(v => v.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    public static string RecipeFolder() => Directory.Exists("recipes") ? Path.GetFullPath("recipes") : Path.Combine(AppContext.BaseDirectory, "recipes");

    /// <summary>The study, its folder, and what it trains and how long that takes. A study that is there already and asks the same goes on.</summary>
    public PlannedStudy ToStudy()
    {
        Check();
        var begin = Recipe is null ? null : RecipeFile.Read(Recipe, Settings);
        var data = new DataRecipe
        {
            Path = (Data ?? begin?.Data.Path) is { } path ? Path.GetFullPath(path) : throw new UserInputException("Give --data FILE to begin a study, or --resume DIR to go on with one."),
            Groups = (Groups ?? (Data is null ? begin?.Data.Groups : null)) is { } file ? Path.GetFullPath(file) : null,
            SamplingRateHz = begin?.Data.SamplingRateHz,
        };
        if (begin is null && Models.Length == 0) throw new UserInputException("Give --models, for example --models wav2vec2,hubert,ecg-fm.");
        if (begin is null && Methods.Length == 0) throw new UserInputException("Give --peft, for example --peft lora,adapter.");
        var seeds = Seeds.Select(seed => int.TryParse(seed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw new UserInputException($"'{seed}' in --seeds is no whole number.")).ToArray();
        var search = Plan();
        if (Ablate.Length > 0 && (begin is not null || search is not null)) throw new UserInputException("--ablate goes with recipes by model and method; with --recipe or --search use --grid or --space.");
        string[] names = Yardsticks is null ? [.. Yardstick.All.Select(y => y.Name)] : Yardsticks is ["none"] ? [] : Yardsticks;
        if (names.FirstOrDefault(name => Yardstick.All.All(y => y.Name != name)) is { } unknown)
            throw new UserInputException($"There is no yardstick '{unknown}'; there are {string.Join(", ", Yardstick.All.Select(y => y.Name))}, and none.");

        var loaded = SegmentSource.Load(data.Path, data.Groups).Segments;
        data = data with { Hash = loaded.Hash };
        var root = ProductSettings.DataRoot();
        var id = DateTime.UtcNow.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var folder = Output is null ? Path.Combine(root.Studies, id) : Path.GetFullPath(Output);
        // In the data folder the runs lie among all runs, where the dashboard sees them.
        string RunFolder(string name) => Path.GetRelativePath(folder, Output is null ? Path.Combine(root.Runs, $"{id}-{name}") : Path.Combine(folder, name));

        var study = begin is not null
            ? new StudyRequest { Base = begin with { Data = data }, Models = Models, Methods = Methods, Seeds = seeds, Folds = Folds, Grid = [.. Grid.Select(StudyAxis.Parse)], Search = search, Yardsticks = names }.ToStudy(RunFolder)
            : WithRecipeFiles(data, seeds.Length == 0 ? [1] : [.. seeds.Distinct()], names, search, RunFolder);
        var recipes = new StudyRecipes(Recipes);
        var first = study.Runs.DistinctBy(run => (run.Model, run.Method)).ToDictionary(run => (run.Model, run.Method), run => recipes.Of(study, run));
        var present = Existing(folder, study);
        return new PlannedStudy(folder, present ?? study, present is not null, first, StudyBudget.Of(study, run => first[(run.Model, run.Method)].Training), recipes, loaded);
    }

    private void Check()
    {
        if (Ablate.FirstOrDefault(s => s.IndexOf('=', StringComparison.Ordinal) < 1) is { } unset) throw new UserInputException($"--ablate {unset} is no setting with a value; write for example --ablate preprocessing.normalization=global.");
        if (Settings.Concat(Ablate).FirstOrDefault(s => s.StartsWith("seed=", StringComparison.Ordinal) || s.StartsWith("peft.method=", StringComparison.Ordinal) || s.StartsWith("backbone.model=", StringComparison.Ordinal)) is { } varied)
            throw new UserInputException($"{varied} would set what a study varies; use --models, --peft and --seeds.");
        if (Folds is < 3 or > 100) throw new UserInputException($"--folds is {Folds}; it must be between 3 and 100.");
        if (Folds is not null && Settings.FirstOrDefault(s => s.StartsWith("split.", StringComparison.Ordinal) && !s.StartsWith("split.seed=", StringComparison.Ordinal)) is { } split)
            throw new UserInputException($"--set {split} and --folds contradict each other; leave one of them out.");
        if (Search is null && (Space.Length > 0 || Trials is not null || SearchSeed is not null || Eta is not null || FirstRung is not null))
            throw new UserInputException("--space, --trials, --search-seed, --eta and --first-rung belong to a search; give --search grid, random or asha.");
    }

    private SearchPlan? Plan()
    {
        if (Search is null) return null;
        if (!Enum.TryParse<SearchKind>(Search, ignoreCase: true, out var kind) || !Enum.IsDefined(kind)) throw new UserInputException($"--search is '{Search}'; it must be grid, random or asha.");
        var plan = new SearchPlan(kind, [.. Space.Select(SearchDimension.Parse)], Trials ?? UsualTrials, SearchSeed ?? 1, Eta ?? 3, FirstRung ?? 1);
        plan.Check();
        return plan;
    }

    private Study WithRecipeFiles(DataRecipe data, int[] seeds, string[] yardsticks, SearchPlan? search, Func<string, string> runFolder)
    {
        var (models, methods) = (Models.Distinct().ToArray(), Methods.Distinct().ToArray());
        string[] ablation = [.. Ablate.Distinct()];
        StudyAxis[] grid = [.. Grid.Select(StudyAxis.Parse)];
        if (search is null) return new Study(DateTime.UtcNow, data, models, methods, seeds, Settings, StudyDesign.Runs(models, methods, seeds, Folds, grid, runFolder, ablation), yardsticks, Folds, ablation.Length == 0 ? null : ablation) { Grid = grid.Length == 0 ? null : grid };
        if (Folds is not null || grid.Length > 0) throw new UserInputException(StudyDesign.NoFoldsInSearch);
        var (trials, winners) = StudyDesign.Search(models, methods, seeds, search, runFolder);
        var study = new Study(DateTime.UtcNow, data, models, methods, seeds, Settings, trials, yardsticks) { Search = search, Winners = winners };
        return study with { Recipes = [.. winners.Where(run => run.Seed == seeds[0]).Select(run => new StudyRecipes(Recipes).Of(study, run) with { Name = null })] };
    }

    private static Study? Existing(string folder, Study asked)
    {
        if (Study.Is(folder))
        {
            var present = Study.Read(folder);
            return present.AsksTheSame(asked) ? present
                : throw new UserInputException($"{folder} holds another study; choose a new folder with --out, or go on with that study by --resume.");
        }
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any(entry => Path.GetFileName(entry) != StudyLock.FileName))
            throw new UserInputException($"{folder} is not empty; choose a new folder for the study.");
        return null;
    }
}
